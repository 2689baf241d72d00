package io.keelson.apiserver.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Tuple;

/** Trees of all kinds, for properties. */
public final class Trees {
    private static final List<String> AWKWARD = List.of(
            "",
            "yes",
            "No",
            "~",
            "null",
            "1",
            "0x1F",
            "1e3",
            "-.inf",
            "<<",
            "- a",
            "a: b",
            "a #b",
            "'",
            "\"",
            "a\nb\n",
            "\n",
            " a",
            "a ",
            "#",
            "&a",
            "*a",
            "!t",
            "|",
            ">",
            "%",
            "@",
            "`",
            "2026-01-31",
            "---",
            "...",
            "\t",
            "\u2028",
            "\uFEFF",
            "\uD83D\uDE00",
            "a\r\nb",
            "{}",
            "[]",
            "?",
            ":",
            "-",
            "=",
            "\0",
            "line\n\n",
            "  x\ny",
            "é",
            "\u0085");

    private Trees() {}

    /** Text with everything that has a meaning in JSON or YAML. */
    public static Arbitrary<String> texts() {
        return Arbitraries.oneOf(
                Arbitraries.of(AWKWARD),
                Arbitraries.strings().alpha().ofMaxLength(8),
                Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(12),
                Arbitraries.strings().withChars("ab:\n -#'\"\\\t").ofMaxLength(12));
    }

    /** Any tree, three levels deep at most. */
    public static Arbitrary<JsonNode> any() {
        return level(3);
    }

    /** Any object. */
    public static Arbitrary<ObjectNode> objects() {
        return object(level(2));
    }

    private static Arbitrary<JsonNode> level(int depth) {
        Arbitrary<JsonNode> scalars = Arbitraries.oneOf(
                texts().map(TextNode::valueOf),
                Arbitraries.longs().map(LongNode::valueOf),
                Arbitraries.doubles().ofScale(6).map(Trees::number),
                Arbitraries.of(true, false).map(BooleanNode::valueOf),
                Arbitraries.just(NullNode.getInstance()));
        if (depth == 0) {
            return scalars;
        }
        Arbitrary<JsonNode> below = level(depth - 1);
        return Arbitraries.frequencyOf(
                Tuple.of(2, scalars),
                Tuple.of(1, object(below).map(node -> node)),
                Tuple.of(1, below.list().ofMaxSize(4).map(Trees::array)));
    }

    /** A double that does not turn into a whole number on its way through text. */
    private static JsonNode number(double value) {
        return value == Math.rint(value)
                ? LongNode.valueOf((long) Math.max(-1e15, Math.min(1e15, value)))
                : DoubleNode.valueOf(value);
    }

    private static Arbitrary<ObjectNode> object(Arbitrary<JsonNode> values) {
        return Arbitraries.maps(texts(), values).ofMaxSize(5).map(Trees::object);
    }

    private static ObjectNode object(Map<String, JsonNode> fields) {
        ObjectNode object = Json.object();
        object.setAll(fields);
        return object;
    }

    private static JsonNode array(List<JsonNode> elements) {
        ArrayNode array = Json.array();
        array.addAll(elements);
        return array;
    }
}
