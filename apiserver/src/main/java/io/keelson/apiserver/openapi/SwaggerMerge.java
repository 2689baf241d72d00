package io.keelson.apiserver.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Adds documents of OpenAPI v2 to another. A path that is there already stays as it is. What the added paths refer to comes
 * along; a definition or parameter that is called as another one is, and is not the same, gets a name with {@code _v2} at its
 * end, or {@code _v3} and so on, where it stands and where it is referred to. Definitions are the same, too, if only the kinds
 * differ that they are said to describe; these come together then. One thread.
 */
final class SwaggerMerge {
    private static final String KINDS = "x-kubernetes-group-version-kind";
    private static final String REFERENCE = "$ref";

    private final ObjectNode all;

    /** A part of a document in which things have names that others refer to. */
    private enum Part {
        DEFINITIONS("definitions"),
        PARAMETERS("parameters");

        private final String field;

        Part(String field) {
            this.field = field;
        }

        String reference(String name) {
            return "#/" + field + "/" + name;
        }

        ObjectNode in(ObjectNode document) {
            return document.get(field) instanceof ObjectNode there ? there : document.putObject(field);
        }
    }

    /** @param all is changed */
    SwaggerMerge(ObjectNode all) {
        this.all = all;
    }

    /** @param other stays as it is */
    void add(ObjectNode other) {
        ObjectNode paths = all.get("paths") instanceof ObjectNode there ? there : all.putObject("paths");
        ObjectNode added = Json.object();
        other.path("paths").properties().forEach(path -> {
            if (!paths.has(path.getKey())) {
                added.set(path.getKey(), path.getValue().deepCopy());
            }
        });
        Map<String, JsonNode> needed = needed(added, other);
        Map<String, String> renames = new HashMap<>();
        for (Part part : Part.values()) {
            renames.putAll(renames(part, needed));
        }
        rename(added, renames);
        paths.setAll(added);
        for (Part part : Part.values()) {
            ObjectNode into = part.in(all);
            needed.forEach((reference, value) -> {
                if (reference.startsWith(part.reference(""))) {
                    String name = renames.getOrDefault(reference, reference)
                            .substring(part.reference("").length());
                    JsonNode copy = value.deepCopy();
                    rename(copy, renames);
                    if (!into.has(name)) {
                        into.set(name, copy);
                    } else if (into.get(name) instanceof ObjectNode existing) {
                        describeMore(existing, copy);
                    }
                }
            });
        }
    }

    /** What some paths refer to, directly or not, by the reference to it. */
    private static Map<String, JsonNode> needed(JsonNode paths, ObjectNode document) {
        Map<String, JsonNode> found = new LinkedHashMap<>();
        Deque<JsonNode> left = new ArrayDeque<>();
        left.add(paths);
        while (!left.isEmpty()) {
            for (String reference : references(left.remove())) {
                if (!found.containsKey(reference)) {
                    JsonNode target = target(reference, document);
                    if (target.isObject()) {
                        found.put(reference, target);
                        left.add(target);
                    }
                }
            }
        }
        return found;
    }

    private static JsonNode target(String reference, ObjectNode document) {
        for (Part part : Part.values()) {
            if (reference.startsWith(part.reference(""))) {
                return document.path(part.field)
                        .path(reference.substring(part.reference("").length()));
            }
        }
        return MissingNode.getInstance();
    }

    private static Set<String> references(JsonNode node) {
        Set<String> references = new LinkedHashSet<>();
        Deque<JsonNode> left = new ArrayDeque<>();
        left.add(node);
        while (!left.isEmpty()) {
            JsonNode next = left.remove();
            if (next.path(REFERENCE).isTextual()) {
                references.add(next.path(REFERENCE).asText());
            }
            next.forEach(left::add);
        }
        return references;
    }

    /** New references for those that mean something else in the document. */
    private Map<String, String> renames(Part part, Map<String, JsonNode> needed) {
        ObjectNode there = part.in(all);
        Map<String, String> renames = new HashMap<>();
        Set<String> given = new HashSet<>();
        needed.forEach((reference, value) -> {
            if (!reference.startsWith(part.reference(""))) {
                return;
            }
            String name = reference.substring(part.reference("").length());
            if (!there.has(name) || same(there.get(name), value)) {
                return;
            }
            for (int number = 2; ; number++) {
                String other = name + "_v" + number;
                boolean taken =
                        there.has(other) ? !same(there.get(other), value) : needed.containsKey(part.reference(other));
                if (!taken && given.add(part.reference(other))) {
                    renames.put(reference, part.reference(other));
                    return;
                }
            }
        });
        return renames;
    }

    private static boolean same(JsonNode one, JsonNode other) {
        if (one.equals(other)) {
            return true;
        }
        return one instanceof ObjectNode first
                && other instanceof ObjectNode second
                && withoutKinds(first).equals(withoutKinds(second));
    }

    private static ObjectNode withoutKinds(ObjectNode definition) {
        ObjectNode copy = definition.deepCopy();
        copy.remove(KINDS);
        return copy;
    }

    private static void rename(JsonNode node, Map<String, String> renames) {
        Deque<JsonNode> left = new ArrayDeque<>();
        left.add(node);
        while (!left.isEmpty()) {
            JsonNode next = left.remove();
            if (next instanceof ObjectNode object && object.path(REFERENCE).isTextual()) {
                String renamed = renames.get(object.path(REFERENCE).asText());
                if (renamed != null) {
                    object.put(REFERENCE, renamed);
                }
            }
            next.forEach(left::add);
        }
    }

    private static void describeMore(ObjectNode existing, JsonNode other) {
        if (!(other.get(KINDS) instanceof ArrayNode more)) {
            return;
        }
        ArrayNode kinds = existing.get(KINDS) instanceof ArrayNode there ? there : existing.putArray(KINDS);
        Set<JsonNode> known = new LinkedHashSet<>();
        kinds.forEach(known::add);
        more.forEach(kind -> {
            if (known.add(kind)) {
                JsonNode copy = kind.deepCopy();
                kinds.add(copy);
            }
        });
    }
}
