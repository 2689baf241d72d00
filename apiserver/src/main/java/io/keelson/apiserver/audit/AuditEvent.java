package io.keelson.apiserver.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authn.IdentityReviews;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.request.UserInfo;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is written down about a request at one of its stages: an Event of {@code audit.k8s.io/v1}. Never changes.
 *
 * @param requestUri path and query, as they were sent
 * @param user who asked; null if it is not known
 * @param impersonated whom they act as; null for themselves
 * @param constraint the verb by which they may, if it is one of the narrow ones; empty otherwise
 * @param sourceIps where the request comes from: what proxies say, then who sent it
 * @param objectRef what the request is about; null if it is no object
 * @param responseStatus a Status with what matters of the answer; null if there is none yet
 * @param requestObject JSON; null if it is not wanted, or not there
 * @param responseObject likewise
 * @param annotations by key
 */
record AuditEvent(
        Level level,
        String auditId,
        Stage stage,
        String requestUri,
        String verb,
        @Nullable UserInfo user,
        @Nullable UserInfo impersonated,
        String constraint,
        List<String> sourceIps,
        String userAgent,
        @Nullable ObjectNode objectRef,
        @Nullable ObjectNode responseStatus,
        byte @Nullable [] requestObject,
        byte @Nullable [] responseObject,
        Instant received,
        Instant staged,
        Map<String, String> annotations) {
    static final String API_VERSION = "audit.k8s.io/v1";
    static final String TRUNCATED = "audit.k8s.io/truncated";

    /** What an event has besides its objects, roughly. */
    private static final int REST_BYTES = 2_048;

    private static final DateTimeFormatter NANOS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.nnnnnnnnn'Z'").withZone(ZoneOffset.UTC);

    /** How much memory it holds, roughly; in bytes. */
    long weight() {
        byte[] request = requestObject;
        byte[] response = responseObject;
        return REST_BYTES
                + requestUri.length()
                + (request == null ? 0L : request.length)
                + (response == null ? 0L : response.length);
    }

    /** The same without what was sent and answered. */
    AuditEvent truncated() {
        Map<String, String> more = new LinkedHashMap<>(annotations);
        more.put(TRUNCATED, "true");
        return new AuditEvent(
                level,
                auditId,
                stage,
                requestUri,
                verb,
                user,
                impersonated,
                constraint,
                sourceIps,
                userAgent,
                objectRef,
                responseStatus,
                null,
                null,
                received,
                staged,
                more);
    }

    /**
     * As JSON.
     *
     * @param typed whether it says what it is; in a list, the list does
     */
    byte[] json(boolean typed) {
        ObjectNode head = Json.object();
        if (typed) {
            head.put("kind", "Event").put("apiVersion", API_VERSION);
        }
        head.put("level", level.text()).put("auditID", auditId).put("stage", stage.text());
        head.put("requestURI", requestUri).put("verb", verb);
        UserInfo asking = user;
        head.set("user", asking == null ? Json.object() : IdentityReviews.tree(asking));
        UserInfo actual = impersonated;
        if (actual != null) {
            head.set("impersonatedUser", IdentityReviews.tree(actual));
        }
        if (!constraint.isEmpty()) {
            head.putObject("authenticationMetadata").put("impersonationConstraint", constraint);
        }
        if (!sourceIps.isEmpty()) {
            head.set("sourceIPs", Json.array(sourceIps));
        }
        if (!userAgent.isEmpty()) {
            head.put("userAgent", userAgent);
        }
        if (objectRef != null) {
            head.set("objectRef", objectRef);
        }
        if (responseStatus != null) {
            head.set("responseStatus", responseStatus);
        }
        ObjectNode tail = Json.object();
        tail.put("requestReceivedTimestamp", Timestamps.microseconds(received));
        tail.put("stageTimestamp", Timestamps.microseconds(staged));
        if (!annotations.isEmpty()) {
            ObjectNode notes = tail.putObject("annotations");
            annotations.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(note -> notes.put(note.getKey(), note.getValue()));
        }
        return joined(Json.encode(head), requestObject, responseObject, Json.encode(tail));
    }

    /** Objects are JSON already and may be large: they are put in between as they are. */
    private static byte[] joined(byte[] head, byte @Nullable [] request, byte @Nullable [] response, byte[] tail) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(head.length
                + tail.length
                + (request == null ? 0 : request.length + 20)
                + (response == null ? 0 : response.length + 20));
        all.write(head, 0, head.length - 1);
        put(all, ",\"requestObject\":", request);
        put(all, ",\"responseObject\":", response);
        all.write(',');
        all.write(tail, 1, tail.length - 1);
        return all.toByteArray();
    }

    private static void put(ByteArrayOutputStream to, String field, byte @Nullable [] value) {
        if (value != null) {
            to.writeBytes(field.getBytes(StandardCharsets.US_ASCII));
            to.writeBytes(value);
        }
    }

    /** As one line of text, without a line break. */
    String legacy() {
        UserInfo asking = user;
        UserInfo actual = impersonated;
        String namespace = objectRef == null ? "" : objectRef.path("namespace").asText("");
        String response = responseStatus == null
                ? "<deferred>"
                : Integer.toString(responseStatus.path("code").asInt());
        return NANOS.format(received).replaceFirst("\\.?0+Z$", "Z")
                + " AUDIT: id=" + GoText.quoted(auditId)
                + " stage=" + GoText.quoted(stage.text())
                + " ip=" + GoText.quoted(sourceIps.isEmpty() ? "<unknown>" : sourceIps.getFirst())
                + " method=" + GoText.quoted(verb)
                + " user=" + GoText.quoted(asking == null || asking.name().isEmpty() ? "<none>" : asking.name())
                + " groups="
                + GoText.quoted(asking == null || asking.groups().isEmpty() ? "<none>" : quoted(asking.groups()))
                + " as=" + GoText.quoted(actual == null ? "<self>" : actual.name())
                + " asgroups=" + GoText.quoted(actual == null ? "<lookup>" : quoted(actual.groups()))
                + " user-agent=" + GoText.quoted(userAgent)
                + " namespace=" + GoText.quoted(namespace.isEmpty() ? "<none>" : namespace)
                + " uri=" + GoText.quoted(requestUri)
                + " response=\"" + response + "\"";
    }

    private static String quoted(List<String> texts) {
        return texts.stream().map(GoText::quoted).collect(Collectors.joining(","));
    }
}
