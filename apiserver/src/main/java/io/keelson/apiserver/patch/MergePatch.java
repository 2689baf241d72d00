package io.keelson.apiserver.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import java.util.ArrayList;
import java.util.List;

/**
 * A JSON merge patch (RFC 7386): fields of the patch replace those of the object, objects are merged, null removes.
 * Lists are replaced as a whole; as in the original, fields that are null are left out of objects inside of them.
 * Immutable.
 */
public final class MergePatch {
    private final ObjectNode patch;
    private final List<String> duplicates;

    private MergePatch(ObjectNode patch, List<String> duplicates) {
        this.patch = patch;
        this.duplicates = List.copyOf(duplicates);
    }

    /**
     * Reads a patch.
     *
     * @throws ApiException BadRequest if it is no JSON object
     */
    public static MergePatch parse(byte[] json) {
        List<String> duplicates = new ArrayList<>();
        try {
            return new MergePatch(Json.parseObject(json, duplicates), duplicates);
        } catch (MalformedException e) {
            throw ApiException.badRequest("error decoding patch: " + e.message());
        }
    }

    public static MergePatch of(ObjectNode patch) {
        return new MergePatch(patch, List.of());
    }

    /** Fields that stand in the patch twice: {@code duplicate field "spec.replicas"}. For strict field validation. */
    public List<String> duplicates() {
        return duplicates;
    }

    /** A patched copy of the object. */
    public ObjectNode apply(ObjectNode object) {
        ObjectNode result = object.deepCopy();
        merge(result, patch);
        return result;
    }

    private static void merge(ObjectNode into, ObjectNode patch) {
        patch.properties().forEach(field -> {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (value.isNull()) {
                into.remove(name);
            } else if (into.get(name) instanceof ObjectNode below && value instanceof ObjectNode patchBelow) {
                merge(below, patchBelow);
            } else {
                JsonNode copy = value.deepCopy();
                Nulls.discard(copy);
                into.set(name, copy);
            }
        });
    }
}
