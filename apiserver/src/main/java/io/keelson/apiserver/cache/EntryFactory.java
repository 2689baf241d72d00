package io.keelson.apiserver.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.store.StoredValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes entries of values: decodes once, encodes once, and lets entries share what they have in common, since there may be
 * a hundred thousand of them. Any thread.
 */
final class EntryFactory {
    /** What texts are shared through: one of each hash, so it is bounded, and costs a copy now and then. */
    private static final int SHARED_TEXTS = 4096;

    private final CachedResource resource;
    private final EntryMemory memory;
    private final String[] texts = new String[SHARED_TEXTS];
    private volatile String[] fieldNames = {};
    private volatile Head head = new Head("", "", new byte[0]);

    /** How the bytes of all objects of one kind and version begin. */
    private record Head(String kind, String apiVersion, byte[] bytes) {}

    EntryFactory(CachedResource resource, EntryMemory memory) {
        this.resource = resource;
        this.memory = memory;
    }

    /**
     * The entry of a value.
     *
     * @throws ApiException if it is no object that can be read
     */
    CacheEntry entry(StoredValue value) {
        try {
            return decoded(value);
        } catch (ApiException e) {
            throw e;
        } catch (RuntimeException e) {
            throw ApiException.internal(
                    "unable to decode an object in the store under " + value.key() + ": " + e.getMessage(), e);
        }
    }

    private CacheEntry decoded(StoredValue value) {
        ObjectNode object = typeFirst(resource.decode().apply(value.bytes()));
        ObjectMeta.setResourceVersion(object, value.revision());
        byte[] encoded = Json.encode(object);
        Map<String, String> fields = resource.selectableFields().apply(object);
        CacheEntry entry = new CacheEntry(
                value.key(),
                shared(resource.namespaceOf(value.key())),
                value.revision(),
                labels(object),
                names(fields),
                values(fields),
                encoded,
                bodyOffset(object, encoded),
                memory);
        entry.hold(object);
        return entry;
    }

    /** {@code kind} and {@code apiVersion} in front, as the API writes objects. */
    private static ObjectNode typeFirst(ObjectNode object) {
        var names = object.fieldNames();
        if (names.hasNext()
                && names.next().equals("kind")
                && names.hasNext()
                && names.next().equals("apiVersion")) {
            return object;
        }
        ObjectNode ordered = Json.object();
        for (String first : new String[] {"kind", "apiVersion", "metadata"}) {
            JsonNode node = object.get(first);
            if (node != null) {
                ordered.set(first, node);
            }
        }
        object.properties().forEach(field -> ordered.set(field.getKey(), field.getValue()));
        return ordered;
    }

    private int bodyOffset(ObjectNode object, byte[] encoded) {
        String kind = ObjectMeta.kind(object);
        String apiVersion = ObjectMeta.apiVersion(object);
        Head known = head;
        if (!known.kind.equals(kind) || !known.apiVersion.equals(apiVersion)) {
            String begin = "{\"kind\":\"" + kind + "\",\"apiVersion\":\"" + apiVersion + "\",";
            known = new Head(kind, apiVersion, begin.getBytes(StandardCharsets.UTF_8));
            head = known;
        }
        byte[] begin = known.bytes;
        boolean there =
                encoded.length > begin.length && Arrays.equals(encoded, 0, begin.length, begin, 0, begin.length);
        return there ? begin.length : 1;
    }

    private Map<String, String> labels(ObjectNode object) {
        Map<String, String> found = ObjectMeta.labels(object);
        if (found.isEmpty()) {
            return Map.of();
        }
        Map<String, String> shared = LinkedHashMap.newLinkedHashMap(found.size());
        found.forEach((name, value) -> shared.put(shared(name), shared(value)));
        return Map.copyOf(shared);
    }

    private String[] names(Map<String, String> fields) {
        String[] names = fields.keySet().toArray(new String[0]);
        String[] known = fieldNames;
        if (CacheEntry.sameNames(known, names)) {
            return known;
        }
        fieldNames = names;
        return names;
    }

    private String[] values(Map<String, String> fields) {
        String[] values = fields.values().toArray(new String[0]);
        for (int i = 0; i < values.length; i++) {
            values[i] = shared(values[i]);
        }
        return values;
    }

    /** Equal text that many entries have, once. Unsynchronized: what is lost by a race is a little memory. */
    private String shared(String text) {
        int slot = (text.hashCode() * 0x9E3779B9) >>> 20;
        String known = texts[slot];
        if (text.equals(known)) {
            return known;
        }
        texts[slot] = text;
        return text;
    }
}
