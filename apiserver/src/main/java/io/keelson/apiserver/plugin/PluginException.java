package io.keelson.apiserver.plugin;

import java.io.IOException;

/** A plugin gave no good answer; the message says it as Go's gRPC does. */
public final class PluginException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String status;

    PluginException(String status, String description, Throwable cause) {
        super("rpc error: code = " + status + " desc = " + description, cause);
        this.status = status;
    }

    /** The status of gRPC as Go writes it: {@code DeadlineExceeded}. */
    public String status() {
        return status;
    }
}
