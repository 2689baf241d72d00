package io.keelson.apiserver.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.errors.StatusDetails;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.AuditTrail;
import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.request.UserInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known about one request so far, as far as the policy wants it. One thread, but for the annotations. */
final class AuditRecord implements AuditTrail {
    private static final int USER_AGENT_CHARS_MAX = 1_024;
    private static final String CUT_OFF = "...TRUNCATED";

    /** Objects larger than this are left out; events are not the place for them. */
    static final int OBJECT_BYTES_MAX = 8 << 20;

    private final ApiRequest request;
    private final @Nullable UserInfo asking;
    private final AuditPolicy.Wanted wanted;
    private final Map<String, String> annotations = Collections.synchronizedMap(new LinkedHashMap<>());
    private final String uri;
    private final List<String> sources;
    private final String userAgent;
    private final @Nullable ObjectNode about;
    private String constraint = "";
    private byte @Nullable [] requestObject;
    private byte @Nullable [] responseObject;
    private @Nullable ObjectNode status;

    /** @param asking null if it is not known who asks */
    AuditRecord(ApiRequest request, @Nullable UserInfo asking, AuditPolicy.Wanted wanted) {
        this.request = request;
        this.asking = asking;
        this.wanted = wanted;
        this.uri = request.target();
        this.sources = SourceAddresses.of(request);
        this.userAgent = userAgent(request);
        this.about = about(request.info());
    }

    private static String userAgent(ApiRequest request) {
        String agent = request.headers().first("User-Agent");
        if (agent == null) {
            return "";
        }
        return agent.length() <= USER_AGENT_CHARS_MAX ? agent : agent.substring(0, USER_AGENT_CHARS_MAX) + CUT_OFF;
    }

    private static @Nullable ObjectNode about(RequestInfo info) {
        if (!info.resourceRequest()) {
            return null;
        }
        ObjectNode about = Json.object();
        put(about, "resource", info.resource());
        put(about, "namespace", info.namespace());
        put(about, "name", info.name());
        put(about, "apiGroup", info.group());
        put(about, "apiVersion", info.version());
        put(about, "subresource", info.subresource());
        return about;
    }

    private static void put(ObjectNode object, String field, String value) {
        if (!value.isEmpty()) {
            object.put(field, value);
        }
    }

    private static void putIfAbsent(ObjectNode object, String field, String value) {
        if (!object.has(field)) {
            put(object, field, value);
        }
    }

    Level level() {
        return wanted.level();
    }

    boolean wants(Stage stage) {
        return !wanted.omitted().contains(stage);
    }

    @Override
    public Map<String, String> annotations() {
        return annotations;
    }

    @Override
    public void note(String key, String value) {
        annotations.put(key, value);
    }

    @Override
    public void impersonatedBy(String verb) {
        constraint = verb;
    }

    @Override
    public void carries(ObjectNode object) {
        ObjectNode ref = about;
        if (ref != null) {
            putIfAbsent(ref, "namespace", ObjectMeta.namespace(object));
            putIfAbsent(ref, "name", ObjectMeta.name(object));
            putIfAbsent(ref, "uid", ObjectMeta.uid(object));
            putIfAbsent(ref, "resourceVersion", ObjectMeta.resourceVersion(object));
        }
        if (level().atLeast(Level.REQUEST)) {
            requestObject = bounded(Json.encode(withoutManagers(object)));
        }
    }

    @Override
    public void patches(byte[] patch, boolean applied) {
        if (!level().atLeast(Level.REQUEST)) {
            return;
        }
        try {
            requestObject =
                    bounded(Json.encode(applied ? Yaml.parseObject(patch, new ArrayList<>()) : Json.parse(patch)));
        } catch (MalformedException e) {
            // The request itself fails on it, and says so.
            requestObject = null;
        }
    }

    private byte @Nullable [] bounded(byte[] object) {
        if (object.length <= OBJECT_BYTES_MAX) {
            return object;
        }
        annotations.put(AuditEvent.TRUNCATED, "true");
        return null;
    }

    /** The same, or a copy without the managed fields of the object or of those in a list. */
    private ObjectNode withoutManagers(ObjectNode object) {
        if (!wanted.omitManagedFields()) {
            return object;
        }
        ObjectNode copy = object.deepCopy();
        removeManagers(copy);
        copy.path("items").forEach(AuditRecord::removeManagers);
        return copy;
    }

    private static void removeManagers(JsonNode object) {
        if (object.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove("managedFields");
        }
    }

    /** The answer is there as a whole. */
    void answered(ApiResponse.Whole whole) {
        AnsweredObject answered = AnsweredObject.of(whole, request.info());
        ObjectNode told = answered.status();
        if (told == null) {
            begun(whole.status());
        } else {
            status = outcome(told, whole.status());
        }
        if (level().atLeast(Level.REQUEST_RESPONSE)) {
            responseObject = answered.json(wanted.omitManagedFields() ? this::withoutManagers : null);
            if (responseObject == null && answered.isTooLarge()) {
                annotations.put(AuditEvent.TRUNCATED, "true");
            }
        }
    }

    private static ObjectNode outcome(ObjectNode told, int code) {
        ObjectNode outcome = Json.object();
        outcome.putObject("metadata");
        for (String field : List.of("status", "message", "reason", "details")) {
            JsonNode value = told.get(field);
            if (value != null) {
                outcome.set(field, value);
            }
        }
        return outcome.put("code", code);
    }

    /** The answer has begun, or is nothing that could be shown. */
    void begun(int code) {
        ObjectNode outcome = Json.object();
        outcome.putObject("metadata");
        status = outcome.put("code", code);
    }

    /** The request was refused. */
    void refused(ApiException refusal) {
        ObjectNode outcome = Json.object();
        outcome.putObject("metadata");
        outcome.put("status", "Failure");
        put(outcome, "message", refusal.message());
        put(outcome, "reason", refusal.reasonText());
        if (!refusal.details().equals(StatusDetails.NONE)) {
            outcome.set("details", tree(refusal.details()));
        }
        status = outcome.put("code", refusal.code());
        if (level().atLeast(Level.REQUEST_RESPONSE)) {
            ObjectNode shown = Json.object().put("kind", "Status").put("apiVersion", "v1");
            outcome.properties().forEach(field -> shown.set(field.getKey(), field.getValue()));
            responseObject = bounded(Json.encode(shown));
        }
    }

    private static ObjectNode tree(StatusDetails details) {
        ObjectNode tree = Json.object();
        put(tree, "name", details.name());
        put(tree, "group", details.group());
        put(tree, "kind", details.kind());
        put(tree, "uid", details.uid());
        if (!details.causes().isEmpty()) {
            for (StatusCause cause : details.causes()) {
                ObjectNode entry = tree.withArray("causes").addObject();
                put(entry, "reason", cause.reason());
                put(entry, "message", cause.message());
                put(entry, "field", cause.field());
            }
        }
        if (details.retryAfterSeconds() > 0) {
            tree.put("retryAfterSeconds", details.retryAfterSeconds());
        }
        return tree;
    }

    /** The server itself failed. */
    void failed(Throwable failure) {
        ObjectNode outcome = Json.object();
        outcome.putObject("metadata");
        outcome.put("status", "Failure").put("message", "APIServer panic'd: " + failure);
        status = outcome.put("reason", "InternalError").put("code", 500);
    }

    /** What is known now. */
    AuditEvent event(Stage stage, Instant now) {
        UserInfo actual = request.user();
        ObjectNode ref = about;
        Map<String, String> notes;
        synchronized (annotations) {
            notes = Map.copyOf(annotations);
        }
        return new AuditEvent(
                level(),
                request.auditId(),
                stage,
                uri,
                request.info().verb(),
                asking,
                asking == null || isSame(actual, asking) ? null : actual,
                constraint,
                sources,
                userAgent,
                ref == null ? null : ordered(ref),
                status,
                requestObject,
                responseObject,
                request.received(),
                now,
                notes);
    }

    /** Impersonation puts another user into the request, be it one who is called the same. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(UserInfo actual, UserInfo asking) {
        return actual == asking;
    }

    /** A copy with the fields in the order of the API. */
    private static ObjectNode ordered(ObjectNode ref) {
        ObjectNode ordered = Json.object();
        for (String field : List.of(
                "resource", "namespace", "name", "uid", "apiGroup", "apiVersion", "resourceVersion", "subresource")) {
            put(ordered, field, ref.path(field).asText(""));
        }
        return ordered;
    }
}
