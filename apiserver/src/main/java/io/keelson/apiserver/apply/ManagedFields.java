package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Timestamps;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who manages which fields of an object: the content of {@code metadata.managedFields}. Immutable. */
public final class ManagedFields {
    public static final ManagedFields NONE = new ManagedFields(new LinkedHashMap<>());

    private static final String FIELDS_V1 = "FieldsV1";

    /**
     * What one manager has.
     *
     * @param fields that it set last
     * @param apiVersion in which the paths are
     * @param time when it set them; null if not known
     */
    public record Entry(
            FieldSet fields, String apiVersion, @Nullable Instant time) {
        Entry withFields(FieldSet newFields) {
            return new Entry(newFields, apiVersion, time);
        }

        long seconds() {
            return time == null ? 0 : time.getEpochSecond();
        }
    }

    private final Map<Manager, Entry> entries;

    private ManagedFields(Map<Manager, Entry> entries) {
        this.entries = entries;
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    public Map<Manager, Entry> entries() {
        return Collections.unmodifiableMap(entries);
    }

    public @Nullable Entry get(Manager manager) {
        return entries.get(manager);
    }

    /** The same with another entry; without the manager, if it has no fields. */
    ManagedFields with(Manager manager, Entry entry) {
        LinkedHashMap<Manager, Entry> copy = new LinkedHashMap<>(entries);
        if (entry.fields().isEmpty()) {
            copy.remove(manager);
        } else {
            copy.put(manager, entry);
        }
        return new ManagedFields(copy);
    }

    /**
     * The same with other fields of a manager.
     *
     * @param entry the one it has
     */
    @SuppressWarnings("ReferenceEquality") // mostly, the fields are what they were
    ManagedFields withFields(Manager manager, Entry entry, FieldSet fields) {
        return fields == entry.fields() && !fields.isEmpty() ? this : with(manager, entry.withFields(fields));
    }

    ManagedFields without(Manager manager) {
        LinkedHashMap<Manager, Entry> copy = new LinkedHashMap<>(entries);
        copy.remove(manager);
        return new ManagedFields(copy);
    }

    /**
     * Reads the content of {@code metadata.managedFields}.
     *
     * @param list null if there is none
     * @throws MalformedException if something in it makes no sense
     */
    public static ManagedFields decode(@Nullable JsonNode list) {
        if (list == null || list.isEmpty()) {
            return NONE;
        }
        LinkedHashMap<Manager, Entry> entries = new LinkedHashMap<>();
        for (int i = 0; i < list.size(); i++) {
            JsonNode entry = list.path(i);
            Manager manager = manager(entry, i);
            FieldSet fields;
            try {
                fields = FieldsV1.read(entry.has("fieldsV1") ? entry.path("fieldsV1") : Json.object());
            } catch (MalformedException e) {
                throw new MalformedException("error decoding versioned set from " + manager.shown()
                        + ": error decoding set: " + e.message());
            }
            entries.put(manager, new Entry(fields, text(entry, "apiVersion"), time(entry)));
        }
        return new ManagedFields(entries);
    }

    private static Manager manager(JsonNode entry, int index) {
        String apiVersion = text(entry, "apiVersion");
        boolean applies = text(entry, "operation").equals("Apply");
        if (!applies && !text(entry, "operation").equals("Update")) {
            throw new MalformedException("operation must be `Apply` or `Update`");
        }
        if (apiVersion.isEmpty()) {
            throw new MalformedException("apiVersion must not be empty");
        }
        String type = text(entry, "fieldsType");
        if (type.isEmpty()) {
            throw new MalformedException("missing fieldsType in managed fields entry " + index);
        }
        if (!type.equals(FIELDS_V1)) {
            throw new MalformedException(
                    "invalid fieldsType " + GoText.quoted(type) + " in managed fields entry " + index);
        }
        return new Manager(
                text(entry, "manager"),
                applies ? Manager.Operation.APPLY : Manager.Operation.UPDATE,
                applies ? "" : apiVersion,
                text(entry, "subresource"));
    }

    private static String text(JsonNode entry, String field) {
        JsonNode value = entry.get(field);
        return value != null && value.isTextual() ? value.textValue() : "";
    }

    private static @Nullable Instant time(JsonNode entry) {
        String time = text(entry, "time");
        return time.isEmpty() ? null : Timestamps.parse(time);
    }

    /** What is wrong with a list of managed fields; empty if nothing is. Admission may not leave it broken. */
    public static String problem(@Nullable JsonNode list) {
        try {
            decode(list);
            return "";
        } catch (MalformedException e) {
            return e.message();
        }
    }

    /**
     * Whether a list is a request to forget everything: an empty one, or one with an empty entry.
     *
     * @param list null if there is none, which is no such request
     */
    static boolean isReset(@Nullable JsonNode list) {
        return list != null
                && list.isArray()
                && (list.isEmpty() || (list.size() == 1 && list.path(0).isEmpty()));
    }

    /** The content of {@code metadata.managedFields}; an empty list if nobody manages anything. */
    public ArrayNode encode() {
        List<Map.Entry<Manager, Entry>> sorted = new ArrayList<>(entries.entrySet());
        sorted.sort(ORDER);
        ArrayNode list = Json.array();
        sorted.forEach(entry -> list.add(encode(entry.getKey(), entry.getValue())));
        return list;
    }

    private static final Comparator<Map.Entry<Manager, Entry>> ORDER =
            Comparator.<Map.Entry<Manager, Entry>, String>comparing(
                            entry -> entry.getKey().operation().text())
                    .thenComparingLong(entry -> entry.getValue().seconds())
                    .thenComparing(entry -> entry.getKey().name(), GoText::compare)
                    .thenComparing(entry -> entry.getValue().apiVersion(), GoText::compare)
                    .thenComparing(entry -> entry.getKey().subresource(), GoText::compare);

    private static ObjectNode encode(Manager manager, Entry entry) {
        ObjectNode json = Json.object();
        json.put("manager", manager.name());
        json.put("operation", manager.operation().text());
        json.put("apiVersion", entry.apiVersion());
        Instant time = entry.time();
        if (time != null) {
            json.put("time", Timestamps.seconds(time));
        }
        json.put("fieldsType", FIELDS_V1);
        json.set("fieldsV1", FieldsV1.write(entry.fields()));
        if (!manager.subresource().isEmpty()) {
            json.put("subresource", manager.subresource());
        }
        return json;
    }

    /**
     * The time of a write that changes nothing but times is not worth a new version of the object: gives a changed object
     * the times that the old one has, if the two are otherwise the same.
     *
     * @param changed may be changed
     */
    public static void keepTimes(ObjectNode changed, ObjectNode old) {
        JsonNode now = changed.path("metadata").path("managedFields");
        JsonNode before = old.path("metadata").path("managedFields");
        if (now.isEmpty() || now.size() != before.size() || now.equals(before)) {
            return;
        }
        if (sameButForTimes(now, before) && sameBesides(changed, old)) {
            ((ObjectNode) changed.path("metadata")).set("managedFields", before.deepCopy());
        }
    }

    /** @param before of the same length */
    private static boolean sameButForTimes(JsonNode now, JsonNode before) {
        for (int i = 0; i < now.size(); i++) {
            if (!sameButForTime(now.path(i), before.path(i)) || !sameButForTime(before.path(i), now.path(i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether what the one entry says, but for its time, the other one says, too. */
    private static boolean sameButForTime(JsonNode entry, JsonNode other) {
        if (!entry.isObject() || !other.isObject()) {
            return entry.equals(other);
        }
        for (var field : entry.properties()) {
            if (!field.getKey().equals("time") && !field.getValue().equals(other.get(field.getKey()))) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameBesides(ObjectNode a, ObjectNode b) {
        return ValueOrder.same(withoutManagedFields(a), withoutManagedFields(b));
    }

    /** A copy down to the metadata; what is below is shared. */
    static ObjectNode withoutManagedFields(ObjectNode object) {
        ObjectNode copy = Json.object();
        copy.setAll(object);
        if (object.get("metadata") instanceof ObjectNode metadata) {
            ObjectNode rest = Json.object();
            rest.setAll(metadata);
            rest.remove("managedFields");
            copy.set("metadata", rest);
        }
        return copy;
    }
}
