package io.keelson.apiserver.errors;

import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.validation.FieldError;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A request that is answered with a {@code Status} of failure. Carries no stack trace unless it has a cause: it is an
 * answer, not a fault. The factories have the texts of the Kubernetes API.
 */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final String reasonText;
    private final int code;
    private final transient StatusDetails details;
    private final transient Map<String, String> headers;
    private final String continueToken;

    private ApiException(
            Reason reason,
            String reasonText,
            int code,
            String message,
            StatusDetails details,
            Map<String, String> headers,
            String continueToken,
            @Nullable Throwable cause) {
        super(message, cause, false, cause != null);
        this.reason = reason;
        this.reasonText = reasonText;
        this.code = code;
        this.details = details;
        this.headers = Map.copyOf(headers);
        this.continueToken = continueToken;
    }

    public static ApiException of(Reason reason, String message) {
        return of(reason, message, StatusDetails.NONE);
    }

    public static ApiException of(Reason reason, String message, StatusDetails details) {
        return new ApiException(reason, reason.text(), reason.code(), message, details, Map.of(), "", null);
    }

    /** The same with another HTTP code, for the few places where the API pairs them unusually. */
    public ApiException withCode(int newCode) {
        return new ApiException(reason, reasonText, newCode, message(), details, headers, continueToken, getCause());
    }

    /** The same with a reason that somebody else has thought of, a webhook for example. */
    public ApiException withReason(String text) {
        return new ApiException(reason, text, code, message(), details, headers, continueToken, getCause());
    }

    /** The same in other words. */
    public ApiException saying(String message) {
        return new ApiException(reason, reasonText, code, message, details, headers, continueToken, getCause());
    }

    /** The same with a header in the response. */
    public ApiException withHeader(String name, String value) {
        return new ApiException(
                reason, reasonText, code, message(), details, Map.of(name, value), continueToken, getCause());
    }

    /** The same with a token in its metadata, by which the client may go on with a list. */
    public ApiException continuing(String token) {
        return new ApiException(reason, reasonText, code, message(), details, headers, token, getCause());
    }

    /** {@code pods "web" not found}. */
    public static ApiException notFound(GroupResource resource, String name) {
        return of(Reason.NOT_FOUND, resource + " \"" + name + "\" not found", about(resource, name));
    }

    /** {@code the server could not find the requested resource}: the path itself leads nowhere. */
    public static ApiException noSuchResource() {
        return of(Reason.NOT_FOUND, "the server could not find the requested resource");
    }

    /** {@code pods "web" already exists}. */
    public static ApiException alreadyExists(GroupResource resource, String name) {
        return of(Reason.ALREADY_EXISTS, resource + " \"" + name + "\" already exists", about(resource, name));
    }

    /** {@code pods "web-x7k2p" already exists, the server was not able to generate …}: another attempt will do better. */
    public static ApiException noUniqueName(GroupResource resource, String name) {
        return of(
                Reason.ALREADY_EXISTS,
                resource + " \"" + name
                        + "\" already exists, the server was not able to generate a unique name for the object",
                about(resource, name).withRetryAfterSeconds(1));
    }

    /** {@code Operation cannot be fulfilled on pods "web": …}. */
    public static ApiException conflict(GroupResource resource, String name, String why) {
        return of(
                Reason.CONFLICT,
                "Operation cannot be fulfilled on " + resource + " \"" + name + "\": " + why,
                about(resource, name));
    }

    /** {@code pods "web" is forbidden: …}. */
    public static ApiException forbidden(GroupResource resource, String name, String why) {
        String what = resource.resource().isEmpty()
                ? "forbidden"
                : name.isEmpty() ? resource + " is forbidden" : resource + " \"" + name + "\" is forbidden";
        return of(Reason.FORBIDDEN, what + ": " + why, about(resource, name));
    }

    /** {@code Deployment.apps "web" is invalid: spec.replicas: Invalid value: …}. */
    public static ApiException invalid(GroupKind kind, String name, List<FieldError> errors) {
        List<StatusCause> causes = errors.stream()
                .map(error -> new StatusCause(error.type().reason(), error.body(), error.field()))
                .toList();
        String all = errors.size() == 1
                ? errors.getFirst().toString()
                : errors.stream().map(FieldError::toString).distinct().collect(Collectors.joining(", ", "[", "]"));
        return of(
                Reason.INVALID,
                kind + " \"" + name + "\" is invalid: " + all,
                StatusDetails.of(kind.group(), kind.kind(), name).withCauses(causes));
    }

    public static ApiException badRequest(String message) {
        return of(Reason.BAD_REQUEST, message);
    }

    public static ApiException unauthorized() {
        return of(Reason.UNAUTHORIZED, "Unauthorized");
    }

    /** {@code the server does not allow this method on the requested resource}: the path is for other methods. */
    public static ApiException methodNotAllowed() {
        return of(Reason.METHOD_NOT_ALLOWED, "the server does not allow this method on the requested resource");
    }

    /** {@code create is not supported on resources of kind "things.example.com"}, as it is said of custom kinds. */
    public static ApiException methodNotSupported(GroupResource resource, String verb) {
        return of(
                Reason.METHOD_NOT_ALLOWED,
                verb + " is not supported on resources of kind \"" + resource + "\"",
                about(resource, ""));
    }

    /** The resource version asked for is not kept any more. */
    public static ApiException expired(String message) {
        return of(Reason.EXPIRED, message);
    }

    public static ApiException tooManyRequests(String message, int retryAfterSeconds) {
        return of(Reason.TOO_MANY_REQUESTS, message, StatusDetails.NONE.withRetryAfterSeconds(retryAfterSeconds))
                .withHeader("Retry-After", Integer.toString(retryAfterSeconds));
    }

    /** The thread of the request was interrupted while it waited for something, of which nothing is known therefore. */
    public static ApiException interrupted() {
        return of(Reason.SERVICE_UNAVAILABLE, "the request was interrupted");
    }

    /** A fault of the program or of what it depends on, which is kept as the cause, for the log. */
    public static ApiException internal(String message, @Nullable Throwable cause) {
        return new ApiException(
                Reason.INTERNAL_ERROR,
                Reason.INTERNAL_ERROR.text(),
                500,
                "Internal error occurred: " + message,
                StatusDetails.NONE.withCauses(List.of(new StatusCause("", message, ""))),
                Map.of(),
                "",
                cause);
    }

    private static StatusDetails about(GroupResource resource, String name) {
        return StatusDetails.of(resource.group(), resource.resource(), name);
    }

    public String message() {
        return String.valueOf(getMessage());
    }

    public Reason reason() {
        return reason;
    }

    /** The reason as a {@code Status} has it; empty if there is none. */
    public String reasonText() {
        return reasonText;
    }

    /** The HTTP status code. */
    public int code() {
        return code;
    }

    public StatusDetails details() {
        return details;
    }

    /** By which the client may go on with a list; empty if there is none. */
    public String continueToken() {
        return continueToken;
    }

    /** Headers that the response carries. */
    public Map<String, String> headers() {
        return headers;
    }
}
