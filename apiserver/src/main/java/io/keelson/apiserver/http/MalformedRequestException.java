package io.keelson.apiserver.http;

/** Bytes that are no request of HTTP/1.1 that this server understands; the connection cannot be used any further. */
final class MalformedRequestException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    /** @param status of the answer */
    MalformedRequestException(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    static MalformedRequestException badRequest(String message) {
        return new MalformedRequestException(400, message);
    }

    int status() {
        return status;
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
