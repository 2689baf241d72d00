package io.keelson.apiserver.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a scalar of YAML means, by the rules of the library that the original uses. */
final class YamlScalar {
    static final String STRING_TAG = "tag:yaml.org,2002:str";

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final Map<String, JsonNode> WORDS = new HashMap<>();
    private static final Pattern FLOAT = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
    private static final BigInteger LARGEST = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    /** No number has more digits; longer ones are text. */
    private static final int NUMBER_CHARS_MAX = 400;

    static {
        for (String word : "y Y yes Yes YES true True TRUE on On ON".split(" ", -1)) {
            WORDS.put(word, NODES.booleanNode(true));
        }
        for (String word : "n N no No NO false False FALSE off Off OFF".split(" ", -1)) {
            WORDS.put(word, NODES.booleanNode(false));
        }
        for (String word : new String[] {"", "~", "null", "Null", "NULL"}) {
            WORDS.put(word, NODES.nullNode());
        }
        for (String word : ".nan .NaN .NAN".split(" ", -1)) {
            WORDS.put(word, NODES.numberNode(Double.NaN));
        }
        for (String word : ".inf .Inf .INF +.inf +.Inf +.INF".split(" ", -1)) {
            WORDS.put(word, NODES.numberNode(Double.POSITIVE_INFINITY));
        }
        for (String word : "-.inf -.Inf -.INF".split(" ", -1)) {
            WORDS.put(word, NODES.numberNode(Double.NEGATIVE_INFINITY));
        }
    }

    private YamlScalar() {}

    /**
     * What plain text means: null, a truth, a number (not finite ones too), or the text itself.
     *
     * @param tag that was given with it; null if none was
     * @throws MalformedException if the text is nothing of what the tag says
     */
    static JsonNode resolve(String text, @Nullable String tag) {
        if (tag == null) {
            return resolve(text);
        }
        String kind = tag.startsWith("tag:yaml.org,2002:") ? tag.substring("tag:yaml.org,2002:".length()) : "";
        JsonNode node = resolve(text);
        boolean fits = switch (kind) {
            case "bool" -> node.isBoolean();
            case "int" -> node.isIntegralNumber();
            case "float" -> node.isNumber();
            case "null" -> node.isNull();
            default -> {
                node = NODES.textNode(text);
                yield true;
            }
        };
        if (!fits) {
            throw new MalformedException("yaml: cannot decode " + tagOf(node) + " `" + text + "` as a !!" + kind);
        }
        return node;
    }

    private static String tagOf(JsonNode node) {
        return switch (node.getNodeType()) {
            case BOOLEAN -> "!!bool";
            case NULL -> "!!null";
            case NUMBER -> node.isIntegralNumber() ? "!!int" : "!!float";
            default -> "!!str";
        };
    }

    private static JsonNode resolve(String text) {
        JsonNode word = WORDS.get(text);
        if (word != null) {
            return word;
        }
        char first = text.charAt(0);
        boolean mayBeNumber = first == '.' || first == '+' || first == '-' || (first >= '0' && first <= '9');
        JsonNode number = mayBeNumber && text.length() <= NUMBER_CHARS_MAX ? number(text) : null;
        return number == null ? NODES.textNode(text) : number;
    }

    private static @Nullable JsonNode number(String text) {
        String plain = text.charAt(0) == '.' ? text : text.replace("_", "");
        JsonNode whole = whole(plain);
        if (whole != null) {
            return whole;
        }
        if (FLOAT.matcher(plain).matches()) {
            double number = Double.parseDouble(plain);
            return Double.isInfinite(number) ? null : jsonNumber(number);
        }
        return null;
    }

    /** A whole number in any of the bases: {@code 12}, {@code 0x1f}, {@code 0o17}, {@code 017}, {@code 0b11}. */
    private static @Nullable JsonNode whole(String plain) {
        boolean negative = plain.startsWith("-");
        String digits = negative || plain.startsWith("+") ? plain.substring(1) : plain;
        int base = 10;
        if (digits.length() > 1 && digits.charAt(0) == '0') {
            char mark = Character.toLowerCase(digits.charAt(1));
            base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
            digits = mark == 'x' || mark == 'b' || mark == 'o' ? digits.substring(2) : digits.substring(1);
        }
        if (digits.isEmpty() || !areDigits(digits, base)) {
            return null;
        }
        BigInteger number = new BigInteger(digits, base);
        if (negative) {
            number = number.negate();
        }
        if (number.bitLength() < Long.SIZE) {
            return NODES.numberNode(number.longValue());
        }
        boolean fits = !plain.startsWith("+") && number.signum() > 0 && number.compareTo(LARGEST) <= 0;
        return fits ? NODES.numberNode(number.doubleValue()) : null;
    }

    private static boolean areDigits(String text, int base) {
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character > 0x7f || Character.digit(character, base) < 0) {
                return false;
            }
        }
        return true;
    }

    /** The number as it comes out of JSON, through which the original takes it: without a fraction it is a whole one. */
    private static JsonNode jsonNumber(double number) {
        return Json.parse(GoText.number(number));
    }

    /**
     * What a key becomes in an object, where all keys are text.
     *
     * @throws MalformedException for null
     */
    static String key(JsonNode node) {
        return switch (node.getNodeType()) {
            case BOOLEAN -> Boolean.toString(node.booleanValue());
            case NUMBER -> keyNumber(node);
            case STRING -> node.textValue();
            default ->
                throw new MalformedException("unsupported map key of type: %!s(<nil>), key: <nil>, value: <nil>");
        };
    }

    private static String keyNumber(JsonNode node) {
        if (node.isIntegralNumber()) {
            return node.asText();
        }
        double number = node.doubleValue();
        if (Double.isNaN(number)) {
            return ".nan";
        } else if (Double.isInfinite(number)) {
            return number > 0 ? ".inf" : "-.inf";
        }
        return GoText.number(Double.parseDouble(Float.toString((float) number)));
    }
}
