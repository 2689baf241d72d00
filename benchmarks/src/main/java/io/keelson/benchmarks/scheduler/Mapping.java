package io.keelson.benchmarks.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A mapping of a file of cases, whose keys are asked for one by one; what was not asked for in the end is a mistake of
 * who wrote the file. Everything it throws is an {@link IllegalArgumentException} that says where in the file, what is
 * wrong, and what there could be.
 */
final class Mapping {
    private static final int SHOWN_CHARS_MAX = 80;

    /** More than any list of a file has. */
    private static final int LENGTH_MAX = 1_000;

    private final String place;
    private final JsonNode node;
    private final Set<String> known = new HashSet<>();

    /** @param place where in which file it is, for messages */
    Mapping(String place, JsonNode node) {
        this.place = place;
        this.node = node;
        if (!node.isObject()) {
            throw wrong("is to be a mapping, and is " + shown(node));
        }
    }

    IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(place + " " + what);
    }

    private static String shown(JsonNode node) {
        String text = Json.text(node);
        return text.length() <= SHOWN_CHARS_MAX ? text : text.substring(0, SHOWN_CHARS_MAX) + "…";
    }

    private @Nullable JsonNode value(String key) {
        known.add(key);
        JsonNode value = node.get(key);
        return value == null || value.isNull() ? null : value;
    }

    boolean has(String key) {
        return value(key) != null;
    }

    /** A text that has to be there and not empty. */
    String text(String key) {
        String text = text(key, "");
        if (text.isEmpty()) {
            throw wrong("needs " + key);
        }
        return text;
    }

    String text(String key, String usual) {
        JsonNode value = value(key);
        if (value == null) {
            return usual;
        }
        if (!value.isTextual()) {
            throw wrong("has " + key + ": " + shown(value) + ", which is to be text");
        }
        return value.asText();
    }

    boolean flag(String key) {
        JsonNode value = value(key);
        if (value != null && !value.isBoolean()) {
            throw wrong("has " + key + ": " + shown(value) + ", which is to be true or false");
        }
        return value != null && value.asBoolean();
    }

    /** A whole number between bounds. */
    long number(String key, long usual, long least, long most) {
        JsonNode value = value(key);
        return value == null ? usual : number(key, value, least, most);
    }

    private long number(String key, JsonNode value, long least, long most) {
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < least || value.asLong() > most) {
            throw wrong("has " + key + ": " + shown(value) + ", which is to be a whole number from " + least + " to "
                    + most);
        }
        return value.asLong();
    }

    /** A number that may have a fraction; 0 if it is not there. */
    double decimal(String key) {
        JsonNode value = value(key);
        if (value != null && (!value.isNumber() || !(value.asDouble() >= 0))) {
            throw wrong("has " + key + ": " + shown(value) + ", which is to be a number from 0 on");
        }
        return value == null ? 0 : value.asDouble();
    }

    /** {@code count: 5}, or {@code countParam: $name}, perhaps with {@code countMultiplierParam: $other}. */
    Amount amount() {
        return amount(null);
    }

    /** @param usual what counts if nothing is said; null if something has to be */
    Amount amount(@Nullable Amount usual) {
        String param = param("countParam");
        String multiplier = param("countMultiplierParam");
        if (!param.isEmpty()) {
            if (has("count")) {
                throw wrong("has both count and countParam");
            }
            return new Amount(0, param, multiplier);
        }
        if (!has("count") && usual != null) {
            return usual;
        }
        if (!has("count")) {
            throw wrong("needs count or countParam");
        }
        return new Amount(number("count", 0, 0, Amount.MOST), "", multiplier);
    }

    private String param(String key) {
        String text = text(key, "");
        if (!text.isEmpty() && !text.matches("\\$[A-Za-z][A-Za-z0-9_]*")) {
            throw wrong(
                    "has " + key + ": " + shortened(text) + ", which is to be the name of a param, as $measurePods");
        }
        return text.isEmpty() ? "" : text.substring(1);
    }

    private static String shortened(String text) {
        return text.length() <= SHOWN_CHARS_MAX ? text : text.substring(0, SHOWN_CHARS_MAX) + "…";
    }

    /** A name as namespaces have it; empty if it is not there. */
    String name(String key) {
        String text = text(key, "");
        if (!text.isEmpty() && !text.matches("[a-z0-9]([-a-z0-9]{0,56}[a-z0-9])?")) {
            throw wrong("has " + key + ": " + shortened(text)
                    + ", which is to be of lower case letters, digits and '-', at most 58 of them");
        }
        return text;
    }

    private List<JsonNode> list(String key) {
        JsonNode value = value(key);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray() || value.size() > LENGTH_MAX) {
            throw wrong("has " + key + ": " + shown(value) + ", which is to be a list of at most " + LENGTH_MAX);
        }
        List<JsonNode> list = new ArrayList<>();
        value.forEach(list::add);
        return list;
    }

    List<String> texts(String key) {
        return list(key).stream()
                .map(each -> {
                    if (!each.isTextual()) {
                        throw wrong("has " + shown(each) + " in " + key + ", where texts are to be");
                    }
                    return each.asText();
                })
                .toList();
    }

    List<Mapping> mappings(String key) {
        List<Mapping> mappings = new ArrayList<>();
        for (JsonNode each : list(key)) {
            String name = each.path("name").asText(each.path("opcode").asText());
            mappings.add(new Mapping(
                    place + ", " + key + "[" + mappings.size() + "]" + (name.isEmpty() ? "" : " " + shortened(name)),
                    each));
        }
        return mappings;
    }

    @Nullable
    Mapping mapping(String key) {
        JsonNode value = value(key);
        return value == null ? null : new Mapping(place + ", " + key, value);
    }

    /** All entries, whatever their keys. */
    private Map<String, JsonNode> entries(String key) {
        Map<String, JsonNode> entries = new TreeMap<>();
        Mapping mapping = mapping(key);
        if (mapping != null) {
            mapping.node.properties().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
        }
        return entries;
    }

    Map<String, Boolean> flags(String key) {
        Map<String, Boolean> flags = new TreeMap<>();
        entries(key).forEach((name, value) -> {
            if (!value.isBoolean()) {
                throw wrong("has " + shortened(name) + ": " + shown(value) + " in " + key
                        + ", which is to be true or false");
            }
            flags.put(name, value.asBoolean());
        });
        return flags;
    }

    Map<String, Long> numbers(String key) {
        Map<String, Long> numbers = new TreeMap<>();
        entries(key).forEach((name, value) -> numbers.put(name, number(shortened(name), value, 0, Amount.MOST)));
        return numbers;
    }

    /** Texts and numbers, both as text. */
    Map<String, String> values(String key) {
        Map<String, String> values = new TreeMap<>();
        entries(key).forEach((name, value) -> {
            if (!value.isValueNode()) {
                throw wrong("has " + shortened(name) + ": " + shown(value) + " in " + key
                        + ", which is to be text or a number");
            }
            values.put(name, value.asText());
        });
        return values;
    }

    /** A mapping of mappings, by their keys. */
    Map<String, Mapping> named(String key) {
        Map<String, Mapping> named = new TreeMap<>();
        entries(key)
                .forEach((name, value) ->
                        named.put(name, new Mapping(place + ", " + key + ", " + shortened(name), value)));
        return named;
    }

    /** That is all; what was not asked for should not be there. */
    void end() {
        node.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw wrong("has " + shortened(name) + ", which is not known here; there are "
                        + String.join(", ", known.stream().sorted().toList()));
            }
        });
    }
}
