package io.keelson.kvstore.client;

import io.grpc.Status;

/**
 * A write left this process and the connection was lost before the answer came: it may or may not have taken effect,
 * now or later. The caller must look before it writes again.
 */
public final class OutcomeUnknownException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Status status;

    OutcomeUnknownException(Status status, Throwable cause) {
        super("the connection was lost after the request was sent, whether it took effect is unknown", cause);
        this.status = status;
    }

    /** What the transport said. */
    public Status status() {
        return status;
    }
}
