package io.keelson.apiserver.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.GoValue;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.patch.PatchPlace.ListRule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lists under a strategic merge patch: what is in them afterwards, and in which order.
 *
 * <p>The order: elements of the patch stand in the patch's order (or the one that it states with {@code
 * $setElementOrder}), the others in the order they had; the two are interleaved by where they stood before, and where
 * that does not help, the patch's come first. Elements are found through hash maps, so that lists of a hundred thousand
 * elements cost no more than they must.
 */
final class PatchedList {
    private PatchedList() {}

    /** What an element is known by: its value, or the value of its merge key. Numbers by value. */
    private static Object identity(JsonNode value) {
        if (value.isContainerNode()) {
            throw StrategicMergePatch.failure("runtime error: hash of unhashable type " + GoValue.type(value));
        }
        return value.isIntegralNumber() ? Long.valueOf(value.longValue()) : value;
    }

    private static Object identity(JsonNode element, String mergeKey) {
        if (mergeKey.isEmpty()) {
            return identity(element);
        }
        if (!(element instanceof ObjectNode object)) {
            throw StrategicMergePatch.failure(
                    "expected a map[string]interface {}, but received a " + GoValue.type(element));
        }
        JsonNode value = object.get(mergeKey);
        if (value == null) {
            throw noMergeKey(object, mergeKey);
        }
        return identity(value);
    }

    private static ApiException noMergeKey(ObjectNode element, String mergeKey) {
        return StrategicMergePatch.failure(
                "map: " + GoValue.plain(element) + " does not contain declared merge key: " + mergeKey);
    }

    /**
     * Merges a patch into a list.
     *
     * @param deletes whether the patch lists what to delete
     */
    static ArrayNode merged(ArrayNode original, ArrayNode patch, ListRule rule, boolean deletes) {
        if (!rule.merged() && !deletes) {
            return patch;
        }
        if (original.isEmpty() && patch.isEmpty()) {
            return original;
        }
        if (!areObjects(original, patch)) {
            return deletes ? without(original, patch) : union(original, patch, rule.mergeKey());
        }
        if (rule.mergeKey().isEmpty()) {
            throw StrategicMergePatch.failure("cannot merge lists without merge key for struct");
        }
        return mergedObjects(original, patch, rule);
    }

    private static ArrayNode without(ArrayNode original, ArrayNode deleted) {
        Set<Object> gone = new HashSet<>();
        deleted.forEach(value -> gone.add(identity(value)));
        ArrayNode left = Json.array();
        original.forEach(value -> {
            if (!gone.contains(identity(value))) {
                left.add(value);
            }
        });
        return left;
    }

    private static ArrayNode union(ArrayNode original, ArrayNode patch, String mergeKey) {
        Map<Object, JsonNode> all = new LinkedHashMap<>();
        original.forEach(value -> all.putIfAbsent(identity(value, mergeKey), value));
        patch.forEach(value -> all.putIfAbsent(identity(value, mergeKey), value));
        return inOrder(List.copyOf(all.values()), patch, original, mergeKey);
    }

    private static ArrayNode mergedObjects(ArrayNode original, ArrayNode patch, ListRule rule) {
        String key = rule.mergeKey();
        List<ObjectNode> elements = new ArrayList<>();
        Set<Object> deleted = new LinkedHashSet<>();
        boolean replace = false;
        for (JsonNode element : patch) {
            ObjectNode object = (ObjectNode) element;
            JsonNode directive = object.get(StrategicMergePatch.DIRECTIVE);
            if (directive == null) {
                elements.add(object);
                continue;
            }
            switch (directive.asText()) {
                case StrategicMergePatch.DELETE -> deleted.add(identity(object, key));
                case StrategicMergePatch.REPLACE -> replace = true;
                case StrategicMergePatch.MERGE ->
                    throw StrategicMergePatch.failure("merging lists cannot yet be specified in the patch");
                default -> throw StrategicMergePatch.unknown(directive, object);
            }
        }
        if (replace) {
            ArrayNode only = Json.array().addAll(elements);
            return inOrder(List.copyOf(elements), Json.array(), only, key);
        }
        List<JsonNode> result = new ArrayList<>();
        original.forEach(element -> {
            JsonNode value = element.get(key);
            if (value == null || !deleted.contains(identity(value))) {
                result.add(element);
            }
        });
        ArrayNode before = Json.array().addAll(result);
        mergeElements(result, elements, rule);
        return inOrder(result, Json.array().addAll(elements), before, key);
    }

    private static void mergeElements(List<JsonNode> into, List<ObjectNode> elements, ListRule rule) {
        Map<Object, Integer> places = new HashMap<>();
        for (int i = 0; i < into.size(); i++) {
            JsonNode value = into.get(i).get(rule.mergeKey());
            if (value != null) {
                places.putIfAbsent(identity(value), i);
            }
        }
        for (ObjectNode element : elements) {
            Object identity = identity(element, rule.mergeKey());
            Integer place = places.get(identity);
            if (place == null) {
                places.put(identity, into.size());
                into.add(element);
            } else {
                into.set(place, StrategicMergePatch.merge((ObjectNode) into.get(place), element, rule.element()));
            }
        }
    }

    /**
     * Merges a list for which the patch states an order.
     *
     * @param original null if the object has no such list
     * @param patch null if the patch has no such list; not both are null
     */
    static ArrayNode ordered(@Nullable ArrayNode original, @Nullable ArrayNode patch, ArrayNode order, ListRule rule) {
        ArrayNode before = original == null ? Json.array() : original;
        ArrayNode merged;
        if (patch == null) {
            merged = before;
        } else if (original == null) {
            merged = plain(patch);
        } else {
            merged = merged(original, patch, rule, false);
        }
        List<JsonNode> elements = new ArrayList<>();
        merged.forEach(elements::add);
        return inOrder(elements, order, before, rule.mergeKey());
    }

    private static ArrayNode plain(ArrayNode patch) {
        ArrayNode plain = Json.array();
        for (JsonNode element : patch) {
            JsonNode value = StrategicMergePatch.withoutDirectives(element);
            if (value != null) {
                plain.add(value);
            }
        }
        return plain;
    }

    /**
     * Refuses a patch whose elements stand in another order than the one it states, or are not among those ordered;
     * those that are deleted need not be.
     */
    static void requireOrder(ArrayNode patch, ArrayNode order, String mergeKey) {
        if (patch.isEmpty() || order.isEmpty()) {
            return;
        }
        List<JsonNode> elements = new ArrayList<>();
        for (JsonNode element : patch) {
            boolean isDirective = element instanceof ObjectNode object && object.has(StrategicMergePatch.DIRECTIVE);
            if (!isDirective) {
                elements.add(element);
            }
        }
        int next = 0;
        for (int i = 0; i < order.size() && next < elements.size(); i++) {
            if (identity(elements.get(next), mergeKey).equals(identity(order.path(i), mergeKey))) {
                next++;
            }
        }
        if (next < elements.size()) {
            throw StrategicMergePatch.failure("the order in patch list:\n" + GoValue.plain(patch)
                    + "\n doesn't match $setElementOrder list:\n" + GoValue.plain(order));
        }
    }

    /**
     * Puts elements into order.
     *
     * @param patchOrder elements that are in it stand in its order
     * @param serverOrder the order that all others keep
     */
    private static ArrayNode inOrder(
            List<JsonNode> elements, ArrayNode patchOrder, ArrayNode serverOrder, String mergeKey) {
        Map<Object, Integer> inPatch = places(patchOrder, mergeKey);
        Map<Object, Integer> onServer = places(serverOrder, mergeKey);
        List<Placed> patched = new ArrayList<>();
        List<Placed> others = new ArrayList<>();
        for (JsonNode element : elements) {
            Object identity = identity(element, mergeKey);
            int server = onServer.getOrDefault(identity, -1);
            Integer place = inPatch.get(identity);
            if (place == null) {
                others.add(new Placed(element, server, server));
            } else {
                patched.add(new Placed(element, place, server));
            }
        }
        patched.sort(Comparator.comparingInt(Placed::rank));
        others.sort(Comparator.comparingInt(Placed::rank));
        ArrayNode result = Json.array();
        int next = 0;
        for (Placed element : patched) {
            while (next < others.size() && others.get(next).stoodBefore(element)) {
                result.add(others.get(next++).element());
            }
            result.add(element.element());
        }
        others.subList(next, others.size()).forEach(other -> result.add(other.element()));
        return result;
    }

    /**
     * An element on its way to its place.
     *
     * @param rank its place among its like
     * @param server where it stood before; -1 if nowhere
     */
    private record Placed(JsonNode element, int rank, int server) {
        boolean stoodBefore(Placed other) {
            return server >= 0 && other.server >= 0 && server < other.server;
        }
    }

    private static Map<Object, Integer> places(ArrayNode list, String mergeKey) {
        Map<Object, Integer> places = new HashMap<>();
        for (int i = 0; i < list.size(); i++) {
            places.putIfAbsent(identity(list.path(i), mergeKey), i);
        }
        return places;
    }

    /** Whether the elements are objects; all must be of one type, and none a list. */
    private static boolean areObjects(ArrayNode original, ArrayNode patch) {
        String type = null;
        for (ArrayNode list : List.of(original, patch)) {
            for (JsonNode element : list) {
                if (element.isArray()) {
                    throw ApiException.of(
                            Reason.INVALID, "the server rejected our request due to an error in our request");
                }
                if (type == null) {
                    type = GoValue.type(element);
                } else if (!type.equals(GoValue.type(element))) {
                    throw StrategicMergePatch.failure(
                            "list element types are not identical: " + GoValue.plain(List.of(original, patch)));
                }
            }
        }
        if (type == null) {
            throw StrategicMergePatch.failure("no elements in any of the given slices");
        }
        return type.startsWith("map");
    }
}
