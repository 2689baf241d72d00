package io.keelson.apiserver.routing;

/** A Service leads nowhere, as things are; the message says why, in the words of the Kubernetes API server. */
public final class NoRouteException extends Exception {
    private static final long serialVersionUID = 1L;

    NoRouteException(String message) {
        super(message, null, false, false);
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
