package io.keelson.apiserver.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A document while the operations of a {@link JsonPatch} change it. For one thread.
 *
 * <p>Operations can nest values into each other without end, and whoever walks the outcome does so with one frame of the
 * stack for each level. So nothing here follows values downwards except {@link #copyOf}, which stops in time, and the
 * depth of the whole is checked once, at the end, without recursion.
 */
final class PatchedDocument {
    /** Where a path leads: the object or list that holds the value, and the value's name or index in it. */
    private record Place(JsonNode holder, String key) {}

    private record Level(JsonNode value, int depth) {}

    private JsonNode root;
    private long copiedBytes;

    /** @param root is changed */
    PatchedDocument(JsonNode root) {
        this.root = root;
    }

    ObjectNode result() {
        requireShallow();
        if (root instanceof ObjectNode object) {
            return object;
        }
        throw new PatchException(
                "json: cannot unmarshal " + Json.goKind(root) + " into Go value of type map[string]interface {}");
    }

    void add(String path, JsonNode value) {
        Place place = find(path);
        if (place == null) {
            throw new PatchException(
                    "add operation does not apply: doc is missing path: \"" + path + "\": missing value");
        }
        insert(place, value, "error in add for path: '" + path + "': ");
    }

    void remove(String path) {
        Place place = find(path);
        if (place == null) {
            throw new PatchException(
                    "remove operation does not apply: doc is missing path: \"" + path + "\": missing value");
        }
        takeAway(place, "error in remove for path: '" + path + "': ");
    }

    void replace(String path, JsonNode value) {
        if (path.isEmpty()) {
            if (!value.isContainerNode()) {
                throw new PatchException("replace operation value must be object or array: %!w(<nil>)");
            }
            root = value;
            return;
        }
        Place place = find(path);
        if (place == null) {
            throw new PatchException(
                    "replace operation does not apply: doc is missing path: " + path + ": missing value");
        }
        switch (place.holder()) {
            case ArrayNode list -> {
                int index;
                try {
                    index = index(place.key(), list.size());
                } catch (PatchException e) {
                    throw new PatchException(
                            "replace operation does not apply: doc is missing key: " + path + ": missing value");
                }
                list.set(index, value);
            }
            case ObjectNode object -> object.set(place.key(), value);
            default -> throw new IllegalStateException("a value that holds none");
        }
    }

    void move(String from, String path) {
        Place source = find(from);
        if (source == null) {
            throw new PatchException(
                    "move operation does not apply: doc is missing from path: " + from + ": missing value");
        }
        String where = "error in move for path: '" + source.key() + "': ";
        JsonNode value = get(source, where);
        takeAway(source, where);
        Place target = find(path);
        if (target == null) {
            throw new PatchException(
                    "move operation does not apply: doc is missing destination path: " + path + ": missing value");
        }
        insert(target, value == null ? NullNode.getInstance() : value, "error in move for path: '" + path + "': ");
    }

    void copy(String from, String path) {
        Place source = find(from);
        if (source == null) {
            throw new PatchException(
                    "copy operation does not apply: doc is missing from path: " + from + ": missing value");
        }
        JsonNode value = get(source, "error in copy for from: '" + from + "': ");
        Place target = find(path);
        if (target == null) {
            throw new PatchException(
                    "copy operation does not apply: doc is missing destination path: " + path + ": missing value");
        }
        JsonNode copy = value == null ? NullNode.getInstance() : copyOf(value, 0);
        if (value != null && !value.isNull()) {
            copiedBytes += Json.encode(copy).length;
        }
        if (copiedBytes > JsonPatch.COPIED_BYTES_MAX) {
            throw new PatchException("Unable to complete the copy, the accumulated size increase of copy is "
                    + copiedBytes + ", exceeding the limit " + JsonPatch.COPIED_BYTES_MAX);
        }
        insert(target, copy, "error while adding value during copy: ");
    }

    void test(String path, @Nullable JsonNode expected) {
        JsonNode actual;
        if (path.isEmpty()) {
            actual = root;
        } else {
            Place place = find(path);
            if (place == null) {
                throw new PatchException("test operation does not apply: is missing path: " + path + ": missing value");
            }
            actual = get(place, "error in test for path: '" + path + "': ");
        }
        boolean bothNull = isNull(actual) && isNull(expected);
        boolean same = actual != null && expected != null && JsonPatch.same(expected, actual);
        if (!bothNull && !same) {
            throw PatchException.ofTest(path);
        }
    }

    private static boolean isNull(@Nullable JsonNode value) {
        return value == null || value.isNull();
    }

    /** Follows a path to its last step; null if something on the way is not there, or holds nothing. */
    private @Nullable Place find(String path) {
        int slash = path.indexOf('/');
        if (slash < 0) {
            return null;
        }
        JsonNode holder = root;
        int from = slash + 1;
        for (int next = path.indexOf('/', from); next >= 0; next = path.indexOf('/', from)) {
            JsonNode value = step(holder, unescaped(path.substring(from, next)));
            if (value == null || !value.isContainerNode()) {
                return null;
            }
            holder = value;
            from = next + 1;
        }
        return new Place(holder, unescaped(path.substring(from)));
    }

    private static @Nullable JsonNode step(JsonNode holder, String key) {
        if (holder instanceof ObjectNode) {
            return holder.get(key);
        }
        try {
            return holder.get(index(key, holder.size()));
        } catch (PatchException e) {
            // No such element: the path leads nowhere, which the caller says in its own words.
            return null;
        }
    }

    private static String unescaped(String key) {
        return key.indexOf('~') < 0 ? key : key.replace("~1", "/").replace("~0", "~");
    }

    /** The value at a place; null if the field is not there. */
    private static @Nullable JsonNode get(Place place, String where) {
        if (!(place.holder() instanceof ArrayNode list)) {
            return place.holder().get(place.key());
        }
        try {
            return list.get(index(place.key(), list.size()));
        } catch (PatchException e) {
            throw new PatchException(where + e.message());
        }
    }

    private static void insert(Place place, JsonNode value, String where) {
        if (place.holder() instanceof ObjectNode object) {
            object.set(place.key(), value);
            return;
        }
        ArrayNode list = (ArrayNode) place.holder();
        if (place.key().equals("-")) {
            list.add(value);
            return;
        }
        int index;
        try {
            parse(place.key());
        } catch (PatchException e) {
            throw new PatchException(
                    where + "value was not a proper array index: '" + place.key() + "': " + e.message());
        }
        try {
            index = index(place.key(), list.size() + 1);
        } catch (PatchException e) {
            throw new PatchException(where + e.message());
        }
        list.insert(index, value);
    }

    private static void takeAway(Place place, String where) {
        if (place.holder() instanceof ObjectNode object) {
            if (object.remove(place.key()) == null) {
                throw new PatchException(
                        where + "Unable to remove nonexistent key: " + place.key() + ": missing value");
            }
            return;
        }
        ArrayNode list = (ArrayNode) place.holder();
        try {
            list.remove(index(place.key(), list.size()));
        } catch (PatchException e) {
            throw new PatchException(where + e.message());
        }
    }

    /** An index into a list of so many places; below zero it counts from the end. */
    private static int index(String key, int places) {
        long index = parse(key);
        long fromStart = index < 0 ? index + places : index;
        if (fromStart < 0 || fromStart >= places) {
            throw new PatchException("Unable to access invalid index: " + index + ": invalid index referenced");
        }
        return (int) fromStart;
    }

    private static long parse(String key) {
        String digits = key.startsWith("+") || key.startsWith("-") ? key.substring(1) : key;
        boolean number = !digits.isEmpty() && digits.chars().allMatch(digit -> digit >= '0' && digit <= '9');
        if (!number) {
            throw new PatchException("strconv.Atoi: parsing \"" + key + "\": invalid syntax");
        }
        try {
            return Long.parseLong(key);
        } catch (NumberFormatException e) {
            throw new PatchException("strconv.Atoi: parsing \"" + key + "\": value out of range");
        }
    }

    private static JsonNode copyOf(JsonNode value, int depth) {
        if (depth > Json.DEPTH_MAX) {
            throw new PatchException("exceeded max depth");
        }
        return switch (value) {
            case ObjectNode object -> {
                ObjectNode copy = Json.object();
                object.properties().forEach(field -> copy.set(field.getKey(), copyOf(field.getValue(), depth + 1)));
                yield copy;
            }
            case ArrayNode list -> {
                ArrayNode copy = Json.array();
                list.forEach(element -> copy.add(copyOf(element, depth + 1)));
                yield copy;
            }
            default -> value;
        };
    }

    private void requireShallow() {
        Deque<Level> left = new ArrayDeque<>();
        left.push(new Level(root, 1));
        while (!left.isEmpty()) {
            Level level = left.pop();
            if (level.depth() > Json.DEPTH_MAX) {
                throw new PatchException("exceeded max depth");
            }
            for (JsonNode below : level.value()) {
                if (below.isContainerNode()) {
                    left.push(new Level(below, level.depth() + 1));
                }
            }
        }
    }
}
