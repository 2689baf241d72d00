package io.keelson.apiserver.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What all objects have: {@code apiVersion}, {@code kind} and {@code metadata}, read from and written into the tree. Text
 * that is not there is empty, never null; text that is not text (an object not checked yet) counts as not there. Setting
 * something to empty removes it.
 */
public final class ObjectMeta {
    private ObjectMeta() {}

    /** The object's metadata; put into it if it has none. */
    public static ObjectNode metadata(ObjectNode object) {
        if (object.get("metadata") instanceof ObjectNode metadata) {
            return metadata;
        }
        ObjectNode metadata = Json.object();
        object.set("metadata", metadata);
        return metadata;
    }

    public static String apiVersion(JsonNode object) {
        return text(object.get("apiVersion"));
    }

    public static String kind(JsonNode object) {
        return text(object.get("kind"));
    }

    public static String name(JsonNode object) {
        return inMetadata(object, "name");
    }

    public static String generateName(JsonNode object) {
        return inMetadata(object, "generateName");
    }

    public static String namespace(JsonNode object) {
        return inMetadata(object, "namespace");
    }

    public static String uid(JsonNode object) {
        return inMetadata(object, "uid");
    }

    public static String resourceVersion(JsonNode object) {
        return inMetadata(object, "resourceVersion");
    }

    /** 0 if there is none. */
    public static long generation(JsonNode object) {
        return object.path("metadata").path("generation").asLong(0);
    }

    /** A copy of the labels, in their order. */
    public static Map<String, String> labels(JsonNode object) {
        return map(object, "labels");
    }

    /** A label; null if the object does not have it. */
    public static @Nullable String label(JsonNode object, String key) {
        JsonNode value = object.path("metadata").path("labels").get(key);
        return value == null ? null : text(value);
    }

    /** A copy of the annotations, in their order. */
    public static Map<String, String> annotations(JsonNode object) {
        return map(object, "annotations");
    }

    /** An annotation; null if the object does not have it. */
    public static @Nullable String annotation(JsonNode object, String key) {
        JsonNode value = object.path("metadata").path("annotations").get(key);
        return value == null ? null : text(value);
    }

    /** A copy of the finalizers. */
    public static List<String> finalizers(JsonNode object) {
        List<String> finalizers = new ArrayList<>();
        object.path("metadata").path("finalizers").forEach(finalizer -> finalizers.add(text(finalizer)));
        return finalizers;
    }

    /** The owner references as they stand there; not to be changed. */
    public static List<JsonNode> ownerReferences(JsonNode object) {
        List<JsonNode> owners = new ArrayList<>();
        object.path("metadata").path("ownerReferences").forEach(owners::add);
        return owners;
    }

    /** As written, {@code 2026-01-31T10:00:00Z}; empty if there is none. */
    public static String creationTimestamp(JsonNode object) {
        return inMetadata(object, "creationTimestamp");
    }

    /** As written; empty if the object is not being deleted. */
    public static String deletionTimestamp(JsonNode object) {
        return inMetadata(object, "deletionTimestamp");
    }

    public static boolean isBeingDeleted(JsonNode object) {
        return !deletionTimestamp(object).isEmpty();
    }

    /** Null if there is none. */
    public static @Nullable Long deletionGracePeriodSeconds(JsonNode object) {
        JsonNode seconds = object.path("metadata").get("deletionGracePeriodSeconds");
        return seconds == null || !seconds.isIntegralNumber() ? null : seconds.longValue();
    }

    /** Who manages which fields; null if there is nothing about it. Not to be changed. */
    public static @Nullable ArrayNode managedFields(JsonNode object) {
        return object.path("metadata").get("managedFields") instanceof ArrayNode fields ? fields : null;
    }

    public static void setApiVersion(ObjectNode object, String apiVersion) {
        setText(object, "apiVersion", apiVersion);
    }

    public static void setKind(ObjectNode object, String kind) {
        setText(object, "kind", kind);
    }

    public static void setName(ObjectNode object, String name) {
        setText(metadata(object), "name", name);
    }

    public static void setGenerateName(ObjectNode object, String prefix) {
        setText(metadata(object), "generateName", prefix);
    }

    public static void setNamespace(ObjectNode object, String namespace) {
        setText(metadata(object), "namespace", namespace);
    }

    public static void setUid(ObjectNode object, String uid) {
        setText(metadata(object), "uid", uid);
    }

    public static void setResourceVersion(ObjectNode object, String resourceVersion) {
        setText(metadata(object), "resourceVersion", resourceVersion);
    }

    /** 0 removes it. */
    public static void setResourceVersion(ObjectNode object, long revision) {
        setResourceVersion(object, revision == 0 ? "" : Long.toString(revision));
    }

    /** 0 removes it. */
    public static void setGeneration(ObjectNode object, long generation) {
        if (generation == 0) {
            metadata(object).remove("generation");
        } else {
            metadata(object).put("generation", generation);
        }
    }

    public static void setLabels(ObjectNode object, Map<String, String> labels) {
        setMap(object, "labels", labels);
    }

    public static void setLabel(ObjectNode object, String key, String value) {
        mapIn(metadata(object), "labels").put(key, value);
    }

    public static void setAnnotations(ObjectNode object, Map<String, String> annotations) {
        setMap(object, "annotations", annotations);
    }

    public static void setAnnotation(ObjectNode object, String key, String value) {
        mapIn(metadata(object), "annotations").put(key, value);
    }

    public static void setFinalizers(ObjectNode object, Collection<String> finalizers) {
        setArray(object, "finalizers", Json.array(finalizers));
    }

    /** An empty list removes them. */
    public static void setOwnerReferences(ObjectNode object, Collection<? extends JsonNode> owners) {
        setArray(object, "ownerReferences", Json.array().addAll(owners));
    }

    /** Null removes them. */
    public static void setManagedFields(ObjectNode object, @Nullable ArrayNode fields) {
        setArray(object, "managedFields", fields == null ? Json.array() : fields);
    }

    public static void setCreationTimestamp(ObjectNode object, Instant time) {
        metadata(object).put("creationTimestamp", Timestamps.seconds(time));
    }

    public static void setDeletionTimestamp(ObjectNode object, @Nullable Instant time) {
        setText(metadata(object), "deletionTimestamp", time == null ? "" : Timestamps.seconds(time));
    }

    /** Null removes it. */
    public static void setDeletionGracePeriodSeconds(ObjectNode object, @Nullable Long seconds) {
        if (seconds == null) {
            metadata(object).remove("deletionGracePeriodSeconds");
        } else {
            metadata(object).put("deletionGracePeriodSeconds", seconds);
        }
    }

    private static String inMetadata(JsonNode object, String field) {
        JsonNode metadata = object.get("metadata");
        return metadata == null ? "" : text(metadata.get(field));
    }

    private static String text(@Nullable JsonNode node) {
        return node != null && node.isTextual() ? node.textValue() : "";
    }

    private static Map<String, String> map(JsonNode object, String field) {
        Map<String, String> map = new LinkedHashMap<>();
        object.path("metadata")
                .path(field)
                .properties()
                .forEach(entry -> map.put(entry.getKey(), text(entry.getValue())));
        return map;
    }

    private static ObjectNode mapIn(ObjectNode metadata, String field) {
        if (metadata.get(field) instanceof ObjectNode map) {
            return map;
        }
        ObjectNode map = Json.object();
        metadata.set(field, map);
        return map;
    }

    private static void setText(ObjectNode parent, String field, String value) {
        if (value.isEmpty()) {
            parent.remove(field);
        } else {
            parent.put(field, value);
        }
    }

    private static void setMap(ObjectNode object, String field, Map<String, String> values) {
        if (values.isEmpty()) {
            metadata(object).remove(field);
        } else {
            ObjectNode map = Json.object();
            values.forEach(map::put);
            metadata(object).set(field, map);
        }
    }

    private static void setArray(ObjectNode object, String field, ArrayNode values) {
        if (values.isEmpty()) {
            metadata(object).remove(field);
        } else {
            metadata(object).set(field, values);
        }
    }
}
