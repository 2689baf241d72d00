package io.keelson.agent.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.controllers.objects.GoDuration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** What the value of a field is: which JSON is one, and how a flag writes it. */
enum FieldKind {
    BOOL("BOOL", "true or false", JsonNode::isBoolean),
    INT("N", "a whole number of 32 bits", JsonNode::isInt),
    LONG("N", "a whole number of 64 bits", node -> node.isIntegralNumber() && node.canConvertToLong()),
    NUMBER("N", "a number", JsonNode::isNumber),
    TEXT("TEXT", "a text", JsonNode::isTextual),
    DURATION("DURATION", "a duration, such as \"1m30s\"", FieldKind::isDuration),
    TEXTS("TEXT", "a list of texts", node -> isListOf(node, JsonNode::isTextual)),
    INTS("N", "a list of whole numbers", node -> isListOf(node, JsonNode::isInt)),
    PAIRS("NAME=VALUE", "names with texts", node -> isMapOf(node, JsonNode::isTextual)),
    SWITCHES("NAME=BOOL", "names with true or false", node -> isMapOf(node, JsonNode::isBoolean)),
    HEADERS(
            "NAME:VALUE",
            "names with lists of texts",
            node -> isMapOf(node, list -> isListOf(list, JsonNode::isTextual))),
    TAINTS(
            "KEY=VALUE:EFFECT",
            "a list of taints with key, value and effect",
            node -> isListOf(
                    node,
                    taint -> hasOnly(taint, Set.of("key", "value", "effect", "timeAdded"))
                            && isMapOf(taint, JsonNode::isTextual))),
    PRIORITIES(
            "",
            "a list of objects with priority and shutdownGracePeriodSeconds, both whole numbers",
            node -> isListOf(
                    node,
                    entry -> hasOnly(entry, Set.of("priority", "shutdownGracePeriodSeconds"))
                            && entry.path("priority").isInt()
                            && entry.path("shutdownGracePeriodSeconds").canConvertToLong()
                            && entry.path("shutdownGracePeriodSeconds").isIntegralNumber())),
    RESERVED_MEMORY(
            "NODE:TYPE=QUANTITY",
            "a list of objects with numaNode, a whole number, and limits, quantities by types of memory",
            node -> isListOf(
                    node,
                    entry -> hasOnly(entry, Set.of("numaNode", "limits"))
                            && (!entry.has("numaNode") || entry.path("numaNode").isInt())
                            && (!entry.has("limits")
                                    || isMapOf(
                                            entry.path("limits"),
                                            limit -> limit.isTextual() || limit.isIntegralNumber())))),
    ANY("TEXT", "anything", _ -> true);

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final String label;
    private final String wanted;

    @SuppressWarnings("ImmutableEnumChecker") // Functions of their argument alone.
    private final Predicate<JsonNode> check;

    FieldKind(String label, String wanted, Predicate<JsonNode> check) {
        this.label = label;
        this.wanted = wanted;
        this.check = check;
    }

    /** What stands for a value in the help of a flag. */
    String label() {
        return label;
    }

    /**
     * Checks a value of a file, and gives the form in which it is kept.
     *
     * @throws IllegalArgumentException if it is no such value; the text names its place
     */
    JsonNode checked(String path, JsonNode value) {
        if (!check.test(value)) {
            throw new IllegalArgumentException(path + ": must be " + wanted + ", but is " + abridged(value));
        }
        if (this == DURATION) {
            return NODES.textNode(GoDuration.text(GoDuration.parse(value.textValue())));
        }
        return value;
    }

    private static String abridged(JsonNode value) {
        String text = value.toString();
        return text.length() > 100 ? text.substring(0, 100) + "…" : text;
    }

    /** Whether it is what Go has where nothing was said. */
    boolean isZero(JsonNode value) {
        return switch (this) {
            case BOOL -> !value.booleanValue();
            case INT, LONG, NUMBER -> value.doubleValue() == 0;
            case TEXT -> value.textValue().isEmpty();
            case DURATION -> GoDuration.parse(value.textValue()).isZero();
            default -> value.isContainerNode() && value.isEmpty();
        };
    }

    /** A value as it is written in the table of fields. */
    JsonNode written(String text) {
        return checked("preset", value(List.of(text), '='));
    }

    /**
     * The value of flags.
     *
     * @param texts of each time that the flag was given; the last one counts, or all of them
     * @param separator what stands between a name and its value
     * @throws IllegalArgumentException if it is none
     */
    JsonNode value(List<String> texts, char separator) {
        String last = texts.getLast();
        return switch (this) {
            case BOOL -> NODES.booleanNode(truth(last));
            case INT, LONG -> number(last);
            case NUMBER -> NODES.numberNode(Double.parseDouble(last));
            case TEXT -> NODES.textNode(last);
            case DURATION -> {
                var _ = GoDuration.parse(last);
                yield NODES.textNode(last);
            }
            case TEXTS, ANY -> {
                ArrayNode list = NODES.arrayNode();
                words(texts).forEach(list::add);
                yield list;
            }
            case INTS -> {
                ArrayNode list = NODES.arrayNode();
                words(texts).forEach(word -> list.add(number(word)));
                yield list;
            }
            case PAIRS, SWITCHES -> pairs(texts, separator);
            case HEADERS -> {
                ObjectNode map = NODES.objectNode();
                for (String word : words(texts)) {
                    int colon = separatorOf(word, ':');
                    map.withArrayProperty(word.substring(0, colon).strip())
                            .add(word.substring(colon + 1).strip());
                }
                yield map;
            }
            case TAINTS -> TaintText.list(words(texts));
            case RESERVED_MEMORY -> MemoryReservation.written(texts);
            case PRIORITIES -> throw new IllegalArgumentException("has no flag");
        };
    }

    private ObjectNode pairs(List<String> texts, char separator) {
        ObjectNode map = NODES.objectNode();
        for (String word : words(texts)) {
            int at = separatorOf(word, separator);
            String name = word.substring(0, at).strip();
            String value = word.substring(at + 1).strip();
            if (this == SWITCHES) {
                map.put(name, truth(value));
            } else {
                map.put(name, value);
            }
        }
        return map;
    }

    private static List<String> words(List<String> texts) {
        return texts.stream()
                .flatMap(text -> List.of(text.split(",", -1)).stream())
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static int separatorOf(String word, char separator) {
        int at = word.indexOf(separator);
        if (at < 1) {
            throw new IllegalArgumentException("malformed pair, expect string" + separator + "string: " + word);
        }
        return at;
    }

    static boolean truth(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw new IllegalArgumentException("must be true or false, not \"" + text + '"');
        };
    }

    /** As small as it fits, as a file has it. */
    private static JsonNode number(String text) {
        try {
            long number = Long.parseLong(text.strip());
            return number == (int) number ? NODES.numberNode((int) number) : NODES.numberNode(number);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("must be a whole number, not \"" + text + '"', e);
        }
    }

    private static boolean isDuration(JsonNode node) {
        if (!node.isTextual()) {
            return false;
        }
        try {
            var _ = GoDuration.parse(node.textValue());
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isListOf(JsonNode node, Predicate<JsonNode> item) {
        if (!node.isArray()) {
            return false;
        }
        for (JsonNode each : node) {
            if (!item.test(each)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isMapOf(JsonNode node, Predicate<JsonNode> item) {
        return node.isObject() && node.properties().stream().allMatch(each -> item.test(each.getValue()));
    }

    private static boolean hasOnly(JsonNode node, Set<String> names) {
        return node.isObject() && node.properties().stream().allMatch(each -> names.contains(each.getKey()));
    }
}
