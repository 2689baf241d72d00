package io.keelson.apiserver.proxy;

import java.io.IOException;

/** A backend could not be reached, or did not answer as HTTP wants it; the message says how, for whoever asked. */
public class BackendException extends IOException {
    private static final long serialVersionUID = 1L;

    public BackendException(String message) {
        super(message);
    }

    public BackendException(String message, Throwable cause) {
        super(message, cause);
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
