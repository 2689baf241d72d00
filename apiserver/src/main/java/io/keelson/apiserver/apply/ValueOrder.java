package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When values are the same to field management, and in which order it writes them: numbers by size (1 and 1.0 are the
 * same), then texts, false, true, lists, objects, null.
 */
final class ValueOrder {
    private ValueOrder() {}

    @SuppressWarnings("ReferenceEquality") // a short cut for trees that share nodes
    static boolean same(@Nullable JsonNode a, @Nullable JsonNode b) {
        if (a == b) {
            return true;
        }
        if (a == null || b == null) {
            return false;
        }
        return switch (a) {
            case ObjectNode object -> b instanceof ObjectNode other && sameFields(object, other);
            case ArrayNode list -> b instanceof ArrayNode other && sameElements(list, other);
            default -> !b.isContainerNode() && compare(a, b) == 0;
        };
    }

    private static boolean sameFields(ObjectNode a, ObjectNode b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (var field : a.properties()) {
            JsonNode other = b.get(field.getKey());
            if (other == null || !same(field.getValue(), other)) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameElements(ArrayNode a, ArrayNode b) {
        if (a.size() != b.size()) {
            return false;
        }
        for (int i = 0; i < a.size(); i++) {
            if (!same(a.path(i), b.path(i))) {
                return false;
            }
        }
        return true;
    }

    static int compare(JsonNode a, JsonNode b) {
        int byType = Integer.compare(rank(a), rank(b));
        if (byType != 0) {
            return byType;
        }
        return switch (a.getNodeType()) {
            case NUMBER ->
                a.isIntegralNumber() && b.isIntegralNumber()
                        ? Long.compare(a.longValue(), b.longValue())
                        : Double.compare(a.doubleValue() + 0.0, b.doubleValue() + 0.0);
            case STRING -> GoText.compare(a.textValue(), b.textValue());
            case BOOLEAN -> Boolean.compare(a.booleanValue(), b.booleanValue());
            case ARRAY -> compareElements(a, b);
            case OBJECT -> compareFields(a, b);
            default -> 0;
        };
    }

    private static int rank(JsonNode value) {
        return switch (value.getNodeType()) {
            case NUMBER -> 0;
            case STRING, BINARY -> 1;
            case BOOLEAN -> 2;
            case ARRAY -> 3;
            case OBJECT, POJO -> 4;
            case NULL, MISSING -> 5;
        };
    }

    private static int compareElements(JsonNode a, JsonNode b) {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            int order = compare(a.path(i), b.path(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    private static int compareFields(JsonNode a, JsonNode b) {
        List<String> names = sortedNames(a);
        List<String> others = sortedNames(b);
        for (int i = 0; i < Math.min(names.size(), others.size()); i++) {
            int order = GoText.compare(names.get(i), others.get(i));
            if (order == 0) {
                order = compare(a.path(names.get(i)), b.path(others.get(i)));
            }
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(names.size(), others.size());
    }

    static List<String> sortedNames(JsonNode object) {
        List<String> names = new ArrayList<>(object.size());
        object.fieldNames().forEachRemaining(names::add);
        names.sort(GoText::compare);
        return names;
    }

    /** A value as paths show it to people: text in quotes, the rest as JSON. */
    static String shown(JsonNode value) {
        return value.isTextual() ? GoText.quoted(value.textValue()) : canonical(value);
    }

    /** JSON with the fields of objects sorted by name. */
    static String canonical(JsonNode value) {
        return Json.text(sorted(value));
    }

    private static JsonNode sorted(JsonNode value) {
        return switch (value) {
            case ObjectNode object -> {
                ObjectNode copy = Json.object();
                sortedNames(object).forEach(name -> copy.set(name, sorted(object.path(name))));
                yield copy;
            }
            case ArrayNode list -> {
                ArrayNode copy = Json.array();
                list.forEach(element -> copy.add(sorted(element)));
                yield copy;
            }
            default -> value;
        };
    }
}
