package io.keelson.apiserver.request;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.resource.GroupVersionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which formats a place of the API reads and writes, and which of them a request gets. Immutable. */
public final class MediaTypes {
    /** JSON, YAML and Kubernetes protobuf. */
    public static final MediaTypes ALL = new MediaTypes(List.of(MediaType.JSON, MediaType.YAML, MediaType.PROTOBUF));

    /** Without protobuf, for objects that have no protobuf form. */
    public static final MediaTypes TEXT = new MediaTypes(List.of(MediaType.JSON, MediaType.YAML));

    /** For objects that have no protobuf form of their own, but can be turned into kinds that have one. */
    public static final MediaTypes TEXT_UNLESS_TURNED = new MediaTypes(ALL.served, TEXT.served);

    private final List<MediaType> served;
    private final List<MediaType> asIs;

    /** @param served the preferred one first */
    public MediaTypes(List<MediaType> served) {
        this(served, served);
    }

    /**
     * @param served the preferred one first
     * @param asIs those of them in which answers are given that are turned into nothing else
     */
    public MediaTypes(List<MediaType> served, List<MediaType> asIs) {
        this.served = List.copyOf(served);
        this.asIs = List.copyOf(asIs);
    }

    /**
     * The format of an answer.
     *
     * @param convertible which kinds the answer may be turned into, if the client wants that: tables for example
     * @throws ApiException NotAcceptable
     */
    public Negotiated answer(ApiRequest request, Predicate<GroupVersionKind> convertible) {
        Negotiated negotiated = negotiate(request, convertible);
        if (negotiated == null) {
            throw notAcceptable(served.stream().map(MediaType::text).toList());
        }
        return negotiated;
    }

    /** As {@link #answer}, but null if the client accepts nothing of it. */
    public @Nullable Negotiated answerIfAccepted(ApiRequest request, Predicate<GroupVersionKind> convertible) {
        return negotiate(request, convertible);
    }

    /**
     * The format of an answer that is plain text, unless the client prefers one of these formats of a kind that it can be
     * turned into.
     *
     * @return null for plain text, also for clients that say nothing
     * @throws ApiException NotAcceptable
     */
    public @Nullable Negotiated answerUnlessPlainText(ApiRequest request, Predicate<GroupVersionKind> convertible) {
        String accept = request.headers().first("Accept");
        if (accept == null || accept.isBlank()) {
            return null;
        }
        boolean pretty = wantsPretty(request);
        for (AcceptHeader.Clause clause : AcceptHeader.parse(accept)) {
            for (MediaType type : served) {
                Negotiated negotiated =
                        clause.matches(type) ? negotiated(clause.parameters(), type, pretty, convertible) : null;
                if (negotiated != null && negotiated.as() != null) {
                    return negotiated;
                }
            }
            if (clause.matchesPlainText()) {
                return null;
            }
        }
        List<String> accepted = new ArrayList<>();
        served.forEach(type -> accepted.add(type.text()));
        accepted.add("text/plain");
        throw notAcceptable(accepted);
    }

    /**
     * Which of some content types a client prefers, for documents that are no objects of the API.
     *
     * @param offered {@code application/…}, the preferred one first, which is also for clients that say nothing
     * @throws ApiException NotAcceptable
     */
    public static String choose(ApiRequest request, List<String> offered) {
        String accept = request.headers().first("Accept");
        if (accept == null || accept.isEmpty()) {
            return offered.getFirst();
        }
        for (AcceptHeader.Clause clause : AcceptHeader.parse(accept)) {
            for (String type : offered) {
                if (clause.matches(type.substring(type.indexOf('/') + 1))) {
                    return type;
                }
            }
        }
        throw notAcceptable(offered);
    }

    /** The format of an answer to a client that accepts none of those there are, but must be told so. */
    public Negotiated preferred(ApiRequest request) {
        return new Negotiated(served.getFirst(), wantsPretty(request), null);
    }

    /**
     * The format of an answer that is a stream of events.
     *
     * @throws ApiException NotAcceptable, also if what the client prefers cannot be streamed
     */
    public Negotiated stream(ApiRequest request, Predicate<GroupVersionKind> convertible) {
        Negotiated negotiated = negotiate(request, convertible);
        if (negotiated == null || !negotiated.type().streams()) {
            throw notAcceptable(streamTexts());
        }
        return negotiated;
    }

    /**
     * The format of a request's body; the preferred one if nothing is said.
     *
     * @throws ApiException UnsupportedMediaType
     */
    public MediaType body(ApiRequest request) {
        String contentType = request.headers().first("Content-Type");
        if (contentType == null || contentType.isEmpty()) {
            return served.getFirst();
        }
        String bare = AcceptHeader.bareType(contentType);
        for (MediaType type : asIs) {
            if (type.text().equals(bare)) {
                return type;
            }
        }
        throw unsupported(asIs.stream().map(MediaType::text).toList());
    }

    /**
     * Which of these formats of patches a request carries.
     *
     * @throws ApiException UnsupportedMediaType
     */
    public static String patchType(ApiRequest request, List<String> supported) {
        String contentType = request.headers().first("Content-Type");
        String bare = contentType == null ? "" : contentType;
        int parameters = bare.indexOf(';');
        if (parameters > 0) {
            bare = bare.substring(0, parameters);
        }
        if (!supported.contains(bare)) {
            throw unsupported(supported);
        }
        return bare;
    }

    public static ApiException notAcceptable(List<String> accepted) {
        return ApiException.of(
                Reason.NOT_ACCEPTABLE, "only the following media types are accepted: " + String.join(", ", accepted));
    }

    public static ApiException unsupported(List<String> accepted) {
        return ApiException.of(
                Reason.UNSUPPORTED_MEDIA_TYPE,
                "the body of the request was in an unknown format - accepted media types include: "
                        + String.join(", ", accepted));
    }

    private List<String> streamTexts() {
        return served.stream()
                .filter(MediaType::streams)
                .map(type -> type.text() + ";stream=watch")
                .collect(Collectors.toList());
    }

    private @Nullable Negotiated negotiate(ApiRequest request, Predicate<GroupVersionKind> convertible) {
        List<String> fields = request.headers().all("Accept");
        String accept = fields.isEmpty() ? "" : fields.getFirst();
        boolean pretty = wantsPretty(request);
        if (accept.isEmpty()) {
            return asIs.isEmpty() ? null : new Negotiated(asIs.getFirst(), pretty, null);
        }
        for (AcceptHeader.Clause clause : AcceptHeader.parse(accept)) {
            for (MediaType type : served) {
                if (clause.matches(type)) {
                    Negotiated negotiated = negotiated(clause.parameters(), type, pretty, convertible);
                    if (negotiated != null) {
                        return negotiated;
                    }
                }
            }
        }
        return null;
    }

    private @Nullable Negotiated negotiated(
            Map<String, String> parameters, MediaType type, boolean pretty, Predicate<GroupVersionKind> convertible) {
        String stream = parameters.getOrDefault("stream", "");
        if (!stream.isEmpty() && (!type.streams() || !stream.equals("watch"))) {
            return null;
        }
        if (!parameters.getOrDefault("sv", "").isEmpty()) {
            return null;
        }
        GroupVersionKind as = null;
        if (parameters.containsKey("as") || parameters.containsKey("g") || parameters.containsKey("v")) {
            as = new GroupVersionKind(
                    parameters.getOrDefault("g", ""),
                    parameters.getOrDefault("v", ""),
                    parameters.getOrDefault("as", ""));
            if (!convertible.test(as)) {
                return null;
            }
        } else if (!asIs.contains(type)) {
            return null;
        }
        return new Negotiated(
                type, pretty || parameters.getOrDefault("pretty", "").equals("1"), as);
    }

    /** Whether a person reads the answer: the query says so, or else the client is a browser or a tool for people. */
    static boolean wantsPretty(ApiRequest request) {
        String asked = request.query().text("pretty");
        if (!asked.isEmpty()) {
            return List.of("1", "t", "T", "true", "TRUE", "True").contains(asked);
        }
        String agent = request.headers().first("User-Agent");
        return agent != null
                && (agent.startsWith("curl") || agent.startsWith("Wget") || agent.startsWith("Mozilla/5.0"));
    }

    /**
     * What was agreed on.
     *
     * @param pretty whether JSON is indented
     * @param as the kind that the answer is turned into; null for the object itself
     */
    public record Negotiated(
            MediaType type, boolean pretty, @Nullable GroupVersionKind as) {}
}
