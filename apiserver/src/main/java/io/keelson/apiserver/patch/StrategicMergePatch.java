package io.keelson.apiserver.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.GoValue;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.schema.Schema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A strategic merge patch: a merge patch whose lists are merged too, where the schema says how: lists of objects by a
 * field that tells which elements are the same, lists of scalars as sets. Directives inside the patch say what a plain
 * object cannot:
 *
 * <pre>
 * $patch: replace | delete              in an object: take the patch as it is, or leave nothing
 *                                       in an element of a list: keep no others, or delete this one
 * $retainKeys: [a, b]                   in an object: no other fields survive
 * $deleteFromPrimitiveList/args: [x]    beside a list of scalars: delete these
 * $setElementOrder/containers: [{name: a}, {name: b}]
 *                                       beside a list: the order of those; the others stay where they are among them
 * </pre>
 *
 * <p>Immutable. For built-in kinds only: custom ones state no patch strategies.
 */
public final class StrategicMergePatch {
    static final String DIRECTIVE = "$patch";
    static final String DELETE = "delete";
    static final String REPLACE = "replace";
    static final String MERGE = "merge";

    private static final String RETAIN_KEYS = "$retainKeys";
    private static final String DELETE_FROM = "$deleteFromPrimitiveList";
    private static final String ELEMENT_ORDER = "$setElementOrder";

    private final ObjectNode patch;
    private final List<String> duplicates;

    private StrategicMergePatch(ObjectNode patch, List<String> duplicates) {
        this.patch = patch;
        this.duplicates = List.copyOf(duplicates);
    }

    /**
     * Reads a patch.
     *
     * @throws ApiException BadRequest if it is no JSON object
     */
    public static StrategicMergePatch parse(byte[] json) {
        List<String> duplicates = new ArrayList<>();
        try {
            return new StrategicMergePatch(Json.parseObject(json, duplicates), duplicates);
        } catch (MalformedException e) {
            throw ApiException.badRequest(e.message());
        }
    }

    public static StrategicMergePatch of(ObjectNode patch) {
        return new StrategicMergePatch(patch, List.of());
    }

    /** Fields that stand in the patch twice: {@code duplicate field "spec.replicas"}. For strict field validation. */
    public List<String> duplicates() {
        return duplicates;
    }

    /** The patch as errors about what comes out of it show it. */
    public String shown() {
        return GoValue.plain(patch);
    }

    /**
     * A patched copy of the object.
     *
     * @param schema of the kind, in the object's version
     * @throws ApiException BadRequest for directives that make no sense, Invalid for lists of lists, without a reason
     *     (and code 500, as in the original) for elements that cannot be told apart
     */
    public ObjectNode apply(ObjectNode object, Schema schema) {
        return merge(object.deepCopy(), patch.deepCopy(), new PatchPlace(schema));
    }

    static ApiException failure(String message) {
        return ApiException.of(Reason.UNKNOWN, message);
    }

    /** Merges a patch into an object; both are changed. */
    static ObjectNode merge(ObjectNode original, ObjectNode patch, PatchPlace place) {
        JsonNode directive = patch.get(DIRECTIVE);
        if (directive != null) {
            return whole(directive, patch);
        }
        retainKeys(original, patch);
        orderLists(original, patch, place);
        for (Map.Entry<String, JsonNode> field : List.copyOf(patch.properties())) {
            mergeField(original, field.getKey(), field.getValue(), place);
        }
        return original;
    }

    private static ObjectNode whole(JsonNode directive, ObjectNode patch) {
        return switch (directive.asText()) {
            case REPLACE -> {
                patch.remove(DIRECTIVE);
                yield patch;
            }
            case DELETE -> Json.object();
            default -> throw unknown(directive, patch);
        };
    }

    static ApiException unknown(JsonNode directive, ObjectNode patch) {
        return failure("unknown patch type: " + GoValue.plain(directive) + " in map: " + GoValue.plain(patch));
    }

    private static void retainKeys(ObjectNode original, ObjectNode patch) {
        JsonNode keys = patch.remove(RETAIN_KEYS);
        if (keys == null) {
            return;
        }
        if (!keys.isArray()) {
            throw ApiException.badRequest("invalid patch format of retainKeys");
        }
        Set<String> retained = new HashSet<>();
        keys.forEach(key -> retained.add(key.asText()));
        patch.properties().forEach(field -> {
            String name = field.getKey();
            boolean isDirective = name.startsWith(DELETE_FROM) || name.startsWith(ELEMENT_ORDER);
            if (!field.getValue().isNull() && !isDirective && !retained.contains(name)) {
                throw ApiException.badRequest("invalid patch format of retainKeys");
            }
        });
        original.retain(retained);
    }

    /** Merges the lists for which the patch states an order, and puts them into it. They are taken out of the patch. */
    private static void orderLists(ObjectNode original, ObjectNode patch, PatchPlace place) {
        for (Map.Entry<String, JsonNode> field : List.copyOf(patch.properties())) {
            if (!field.getKey().startsWith(ELEMENT_ORDER)) {
                continue;
            }
            patch.remove(field.getKey());
            ArrayNode order = list(field.getValue());
            String name = listName(field.getKey(), ELEMENT_ORDER, "invalid patch format of setElementOrder list");
            ArrayNode before = original.has(name) ? list(original.path(name)) : null;
            ArrayNode patched = patch.has(name) ? list(patch.path(name)) : null;
            PatchPlace.ListRule rule = place.list(name);
            if (patched != null) {
                PatchedList.requireOrder(patched, order, rule.mergeKey());
            }
            if (before == null && patched == null) {
                continue;
            }
            original.set(name, PatchedList.ordered(before, patched, order, rule));
            patch.remove(name);
        }
    }

    private static void mergeField(ObjectNode original, String key, JsonNode value, PatchPlace place) {
        boolean deletes = key.startsWith(DELETE_FROM);
        String name = deletes ? listName(key, DELETE_FROM, "invalid patch format of primitive list") : key;
        if (value.isNull()) {
            original.remove(name);
            return;
        }
        JsonNode before = original.get(name);
        if (before instanceof ObjectNode object && value instanceof ObjectNode patch) {
            PatchPlace.ObjectRule rule = place.object(name);
            original.set(name, rule.replaced() ? patch : merge(object, patch, rule.place()));
        } else if (before instanceof ArrayNode list && value instanceof ArrayNode patch) {
            original.set(name, PatchedList.merged(list, patch, place.list(name), deletes));
        } else if (!deletes) {
            Nulls.discard(value);
            JsonNode plain = withoutDirectives(value);
            if (plain == null) {
                original.remove(name);
            } else {
                original.set(name, plain);
            }
        }
    }

    private static String listName(String key, String directive, String otherwise) {
        if (!key.startsWith(directive + "/")) {
            throw ApiException.badRequest(otherwise);
        }
        return key.substring(directive.length() + 1);
    }

    static ArrayNode list(JsonNode value) {
        if (value instanceof ArrayNode list) {
            return list;
        }
        throw failure("expected a []interface {}, but received a " + GoValue.type(value));
    }

    /** What a patch adds, without the objects in it that are directives; null if it is one itself. */
    static @Nullable JsonNode withoutDirectives(JsonNode value) {
        if (value instanceof ObjectNode object) {
            if (object.has(DIRECTIVE)) {
                return null;
            }
            for (Map.Entry<String, JsonNode> field : List.copyOf(object.properties())) {
                JsonNode plain = withoutDirectives(field.getValue());
                if (plain == null) {
                    object.remove(field.getKey());
                } else {
                    object.set(field.getKey(), plain);
                }
            }
            return object;
        }
        if (value instanceof ArrayNode list) {
            ArrayNode plainList = Json.array();
            list.forEach(element -> {
                JsonNode plain = withoutDirectives(element);
                if (plain != null) {
                    plainList.add(plain);
                }
            });
            return plainList;
        }
        return value;
    }
}
