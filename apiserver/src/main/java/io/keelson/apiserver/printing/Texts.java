package io.keelson.apiserver.printing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.LabelSelector;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How parts of objects are written in one cell. */
final class Texts {
    private static final int ELEMENTS_MAX = 3;

    private Texts() {}

    /** The text at a path; what is given if there is none. */
    static String or(JsonNode value, String absent) {
        String text = value.asText("");
        return text.isEmpty() ? absent : text;
    }

    static String orNone(JsonNode value) {
        return or(value, Columns.NONE);
    }

    /** The text of a value that may be left out, but may be empty. */
    static String orUnset(JsonNode value) {
        return value.isMissingNode() || value.isNull() ? Columns.UNSET : value.asText();
    }

    /** A quantity in its shortest form; {@code 0} if there is none. */
    static String quantity(JsonNode value) {
        try {
            return Quantity.of(value).toString();
        } catch (MalformedException e) {
            return value.asText();
        }
    }

    /** {@code a=b,c=d}. */
    static String labels(JsonNode labels) {
        if (!(labels instanceof ObjectNode map) || map.isEmpty()) {
            return Columns.NONE;
        }
        TreeMap<String, String> sorted = new TreeMap<>();
        map.properties()
                .forEach(label -> sorted.put(label.getKey(), label.getValue().asText()));
        return sorted.entrySet().stream()
                .map(label -> label.getKey() + "=" + label.getValue())
                .collect(Collectors.joining(","));
    }

    /** A label selector as it would be asked for; {@code <none>} if it selects by nothing. */
    static String selector(JsonNode selector) {
        String text = plainSelector(selector, "<error>");
        return text.isEmpty() ? Columns.NONE : text;
    }

    static String plainSelector(JsonNode selector, String malformed) {
        try {
            return LabelSelector.of(selector).toString();
        } catch (MalformedException e) {
            return malformed;
        }
    }

    /** One field of every element of a list, with commas between. */
    static String each(JsonNode list, String field) {
        return texts(list, field).stream().collect(Collectors.joining(","));
    }

    static List<String> texts(JsonNode list, String field) {
        List<String> texts = new ArrayList<>(list.size());
        list.forEach(element -> texts.add((field.isEmpty() ? element : element.path(field)).asText("")));
        return texts;
    }

    /** The first few of many: {@code a,b,c + 2 more...}. */
    static String some(List<String> all, String none) {
        if (all.isEmpty()) {
            return none;
        }
        if (all.size() <= ELEMENTS_MAX) {
            return String.join(",", all);
        }
        return String.join(",", all.subList(0, ELEMENTS_MAX)) + " + " + (all.size() - ELEMENTS_MAX) + " more...";
    }

    /** The status of a condition; empty if it is not there. */
    static String condition(JsonNode conditions, String type) {
        for (JsonNode condition : conditions) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText();
            }
        }
        return "";
    }

    /** Where a load balancer is reached, sorted. */
    static String loadBalancer(JsonNode status) {
        return status.path("loadBalancer")
                .path("ingress")
                .valueStream()
                .map(ingress -> or(ingress.path("ip"), ingress.path("hostname").asText("")))
                .filter(address -> !address.isEmpty())
                .sorted()
                .distinct()
                .collect(Collectors.joining(","));
    }

    static boolean deleted(JsonNode object) {
        return !object.path("metadata").path("deletionTimestamp").asText("").isEmpty();
    }
}
