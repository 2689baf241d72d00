package io.keelson.apiserver.object;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Trees as Go prints the maps, slices and scalars that they are there, which shows in errors of patches. */
public final class GoValue {
    /** More is of no use to anybody who reads an error. */
    private static final int CHARS_MAX = 16_384;

    private GoValue() {}

    /** As {@code %v} prints it: {@code map[a:1 b:[x y]]}. */
    public static String plain(JsonNode value) {
        StringBuilder out = new StringBuilder();
        appendPlain(out, value);
        return bounded(out);
    }

    /** A list of lists as {@code %v} prints it. */
    public static String plain(List<? extends JsonNode> values) {
        StringBuilder out = new StringBuilder("[");
        for (int i = 0; i < values.size() && out.length() < CHARS_MAX; i++) {
            out.append(i == 0 ? "" : " ");
            appendPlain(out, values.get(i));
        }
        return bounded(out.append(']'));
    }

    private static void appendPlain(StringBuilder out, JsonNode value) {
        if (out.length() > CHARS_MAX) {
            return;
        }
        switch (value.getNodeType()) {
            case OBJECT -> {
                out.append("map[");
                String between = "";
                for (String name : sortedNames(value)) {
                    out.append(between).append(name).append(':');
                    appendPlain(out, value.path(name));
                    between = " ";
                }
                out.append(']');
            }
            case ARRAY -> {
                out.append('[');
                for (int i = 0; i < value.size(); i++) {
                    out.append(i == 0 ? "" : " ");
                    appendPlain(out, value.path(i));
                }
                out.append(']');
            }
            case NULL, MISSING -> out.append("<nil>");
            case NUMBER -> out.append(number(value));
            default -> out.append(value.asText());
        }
    }

    /** As {@code %#v} prints it: {@code map[string]interface {}{"a":1}}. */
    public static String source(JsonNode value) {
        StringBuilder out = new StringBuilder();
        appendSource(out, value);
        return bounded(out);
    }

    private static void appendSource(StringBuilder out, JsonNode value) {
        if (out.length() > CHARS_MAX) {
            return;
        }
        switch (value.getNodeType()) {
            case OBJECT -> {
                out.append("map[string]interface {}{");
                String between = "";
                for (String name : sortedNames(value)) {
                    out.append(between).append(GoText.quoted(name)).append(':');
                    appendSource(out, value.path(name));
                    between = ", ";
                }
                out.append('}');
            }
            case ARRAY -> {
                out.append("[]interface {}{");
                for (int i = 0; i < value.size(); i++) {
                    out.append(i == 0 ? "" : ", ");
                    appendSource(out, value.path(i));
                }
                out.append('}');
            }
            case NULL, MISSING -> out.append("interface {}(nil)");
            case NUMBER -> out.append(number(value));
            case STRING -> out.append(GoText.quoted(value.textValue()));
            default -> out.append(value.asText());
        }
    }

    /** As {@code %T} prints it: {@code []interface {}}. */
    public static String type(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT, POJO -> "map[string]interface {}";
            case ARRAY -> "[]interface {}";
            case STRING, BINARY -> "string";
            case BOOLEAN -> "bool";
            case NUMBER -> value.isIntegralNumber() ? "int64" : "float64";
            case NULL, MISSING -> "%!s(<nil>)";
        };
    }

    /** A number as {@code %v} prints it: with an exponent of at least two digits below 10⁻⁴ and from 10²¹ on. */
    private static String number(JsonNode value) {
        if (value.isIntegralNumber()) {
            return value.asText();
        }
        double number = value.doubleValue();
        double size = Math.abs(number);
        if (size == 0 || (size >= 1e-4 && size < 1e21)) {
            return GoText.number(number);
        }
        BigDecimal exact = new BigDecimal(Double.toString(number)).stripTrailingZeros();
        String digits = exact.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - exact.scale();
        String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
        return (number < 0 ? "-" : "") + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+")
                + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    private static List<String> sortedNames(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        Collections.sort(names);
        return names;
    }

    private static String bounded(StringBuilder out) {
        return out.length() <= CHARS_MAX ? out.toString() : out.substring(0, CHARS_MAX) + "...";
    }
}
