package io.keelson.dist.history;

/** The API refuses something, or does not answer. */
final class ApiRefusal extends Exception {
    private static final long serialVersionUID = 1;

    private final int code;

    /** @param code that of HTTP; 0 if there was no answer */
    ApiRefusal(int code, String message) {
        super(message);
        this.code = code;
    }

    int code() {
        return code;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
