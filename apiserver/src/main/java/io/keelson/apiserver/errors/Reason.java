package io.keelson.apiserver.errors;

/** Why a request failed, as programs read it: {@code reason} of a {@code Status}, with the HTTP code that goes with it. */
public enum Reason {
    UNKNOWN("", 500),
    BAD_REQUEST("BadRequest", 400),
    UNAUTHORIZED("Unauthorized", 401),
    FORBIDDEN("Forbidden", 403),
    NOT_FOUND("NotFound", 404),
    METHOD_NOT_ALLOWED("MethodNotAllowed", 405),
    NOT_ACCEPTABLE("NotAcceptable", 406),
    ALREADY_EXISTS("AlreadyExists", 409),
    CONFLICT("Conflict", 409),
    GONE("Gone", 410),
    EXPIRED("Expired", 410),
    REQUEST_ENTITY_TOO_LARGE("RequestEntityTooLarge", 413),
    UNSUPPORTED_MEDIA_TYPE("UnsupportedMediaType", 415),
    INVALID("Invalid", 422),
    TOO_MANY_REQUESTS("TooManyRequests", 429),
    INTERNAL_ERROR("InternalError", 500),
    /** The server did not finish in time; the outcome is unknown. */
    TIMEOUT("Timeout", 504),
    /** The server did not take the request up in time, or cannot say how it ended; to be tried again. */
    SERVER_TIMEOUT("ServerTimeout", 500),
    SERVICE_UNAVAILABLE("ServiceUnavailable", 503),
    STORE_READ_ERROR("StorageReadError", 500);

    private final String text;
    private final int code;

    Reason(String text, int code) {
        this.text = text;
        this.code = code;
    }

    /** As written in a {@code Status}; empty if there is none. */
    public String text() {
        return text;
    }

    /** The HTTP status code. */
    public int code() {
        return code;
    }
}
