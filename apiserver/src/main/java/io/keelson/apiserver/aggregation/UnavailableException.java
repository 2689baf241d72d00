package io.keelson.apiserver.aggregation;

/** An API server cannot be reached, or not be asked; reason and message are those of the condition that says so. */
final class UnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    UnavailableException(String reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
