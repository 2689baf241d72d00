package io.keelson.dist.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** In what two versions of an object differ, in words. */
final class Changes {
    /** What changes with every write and says nothing to people. */
    private static final Set<String> NOISE = Set.of("managedFields", "resourceVersion", "generation");

    private static final int VALUE_LENGTH_MAX = 40;

    private Changes() {}

    /** An object without what changes with every write. */
    static JsonNode readable(JsonNode object) {
        JsonNode copy = object.deepCopy();
        if (copy.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove(NOISE);
        }
        return copy;
    }

    /** Each difference: {@code spec.replicas: 3 → 5}. */
    static List<String> between(JsonNode before, JsonNode after) {
        List<String> changes = new ArrayList<>();
        compare("", readable(before), readable(after), changes);
        return changes;
    }

    private static void compare(String path, JsonNode before, JsonNode after, List<String> changes) {
        if (before.equals(after)) {
            return;
        }
        if (before.isObject() && after.isObject()) {
            Set<String> names = new TreeSet<>();
            before.fieldNames().forEachRemaining(names::add);
            after.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                compare(path.isEmpty() ? name : path + '.' + name, before.path(name), after.path(name), changes);
            }
        } else if (before.isArray() && after.isArray() && before.size() == after.size()) {
            Iterator<JsonNode> others = after.iterator();
            int i = 0;
            for (JsonNode element : before) {
                compare(path + '[' + i++ + ']', element, others.next(), changes);
            }
        } else if (before.isMissingNode()) {
            changes.add(path + ": + " + shown(after));
        } else if (after.isMissingNode()) {
            changes.add(path + ": - " + shown(before));
        } else {
            changes.add(path + ": " + shown(before) + " → " + shown(after));
        }
    }

    private static String shown(JsonNode value) {
        String text = value.isTextual() ? value.asText() : value.toString();
        String line = text.replace('\n', ' ');
        return line.length() <= VALUE_LENGTH_MAX ? line : line.substring(0, VALUE_LENGTH_MAX - 1) + "…";
    }
}
