package io.keelson.apiserver.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON document of bytes into a tree. The grammar is RFC 8259's, nothing more. Errors have the texts of Go's
 * parser ({@code invalid character '}' looking for beginning of value}): clients are shown them, and compare them.
 *
 * <p>Names of fields are few and come again and again, so they are shared between documents through a small table.
 */
final class JsonReader {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Names lately read, by hash. Threads overwrite each other's entries, which costs a name read anew at most. */
    private static final String[] NAMES = new String[2_048];

    private static final int SHARED_NAME_CHARS_MAX = 64;

    /** Digits of which every number is a long. */
    private static final int LONG_DIGITS = 18;

    private final byte[] json;
    private final @Nullable Duplicates duplicates;
    private int at;
    private int depth;
    private boolean sawDouble;

    /** @param duplicates receives what is said of fields that stand in an object twice; null if nobody asks */
    JsonReader(byte[] json, @Nullable List<String> duplicates) {
        this.json = json;
        this.duplicates = duplicates == null ? null : new Duplicates(duplicates);
    }

    /** Gathers which fields stand in an object twice. */
    private static final class Duplicates {
        private final List<String> told;
        private final Set<String> seen = new LinkedHashSet<>();
        /** Where the reader is, outermost first: {@code spec}, {@code [0]}. */
        private final Deque<String> path = new ArrayDeque<>();

        Duplicates(List<String> told) {
            this.told = told;
        }

        void add(String name) {
            if (seen.size() >= Json.FIELD_ERRORS_MAX) {
                return;
            }
            StringBuilder field = new StringBuilder();
            for (String step : path) {
                if (!field.isEmpty() && !step.startsWith("[")) {
                    field.append('.');
                }
                field.append(step);
            }
            field.append(field.isEmpty() ? "" : ".").append(name);
            seen.add("duplicate field " + GoText.quoted(field.toString()));
        }
    }

    /** @throws MalformedException if the bytes are anything but one JSON value */
    JsonNode document() {
        skipSpace();
        JsonNode value = value();
        skipSpace();
        if (at < json.length) {
            throw unexpected("after top-level value");
        }
        if (duplicates != null) {
            duplicates.told.addAll(duplicates.seen);
        }
        return value;
    }

    /**
     * Reads one field of the object that the document is, and nothing behind it.
     *
     * @return null if there is none
     * @throws MalformedException if what stands up to there is no JSON, or no object
     */
    @Nullable
    JsonNode field(String wanted) {
        skipSpace();
        if (peek() != '{') {
            throw unexpected("looking for beginning of object");
        }
        enter();
        skipSpace();
        if (peek() == '}') {
            return null;
        }
        do {
            String name = key();
            JsonNode value = value();
            if (name.equals(wanted)) {
                return value;
            }
        } while (anotherField());
        return null;
    }

    /** Whether a number with a fraction or an exponent stood there, or one that is too large for a long. */
    boolean sawDouble() {
        return sawDouble;
    }

    private JsonNode value() {
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> NODES.textNode(string());
            case 't' -> literal("true", NODES.booleanNode(true));
            case 'f' -> literal("false", NODES.booleanNode(false));
            case 'n' -> literal("null", NODES.nullNode());
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            default -> throw unexpected("looking for beginning of value");
        };
    }

    private ObjectNode object() {
        enter();
        ObjectNode object = NODES.objectNode();
        skipSpace();
        if (peek() == '}') {
            leave();
            return object;
        }
        do {
            String name = key();
            JsonNode value = valueAt(name, -1);
            if (object.replace(name, value) != null) {
                duplicate(name);
            }
        } while (anotherField());
        leave();
        return object;
    }

    /** Reads a name and goes to its value. */
    private String key() {
        if (peek() != '"') {
            throw unexpected("looking for beginning of object key string");
        }
        String name = name();
        skipSpace();
        if (peek() != ':') {
            throw unexpected("after object key");
        }
        at++;
        skipSpace();
        return name;
    }

    /** Goes to the next name, or to the end of the object. */
    private boolean anotherField() {
        skipSpace();
        int next = peek();
        if (next == '}') {
            return false;
        }
        if (next != ',') {
            throw unexpected("after object key:value pair");
        }
        at++;
        skipSpace();
        return true;
    }

    private ArrayNode array() {
        enter();
        ArrayNode array = NODES.arrayNode();
        skipSpace();
        if (peek() == ']') {
            leave();
            return array;
        }
        while (true) {
            array.add(valueAt("", array.size()));
            skipSpace();
            int next = peek();
            if (next == ']') {
                leave();
                return array;
            }
            if (next != ',') {
                throw unexpected("after array element");
            }
            at++;
            skipSpace();
        }
    }

    /** Reads the value of a field, or of an element if the index is not negative. */
    private JsonNode valueAt(String name, int index) {
        if (duplicates == null) {
            return value();
        }
        duplicates.path.addLast(index < 0 ? name : "[" + index + "]");
        JsonNode value = value();
        duplicates.path.removeLast();
        return value;
    }

    private void duplicate(String name) {
        if (duplicates != null) {
            duplicates.add(name);
        }
    }

    private void enter() {
        at++;
        if (++depth > Json.DEPTH_MAX) {
            throw new MalformedException("exceeded max depth");
        }
    }

    private void leave() {
        at++;
        depth--;
    }

    private JsonNode literal(String word, JsonNode value) {
        for (int i = 1; i < word.length(); i++) {
            at++;
            if (peek() != word.charAt(i)) {
                throw unexpected("in literal " + word + " (expecting '" + word.charAt(i) + "')");
            }
        }
        at++;
        return value;
    }

    private JsonNode number() {
        int start = at;
        if (json[at] == '-') {
            at++;
        }
        int first = peek();
        if (!isDigit(first)) {
            throw unexpected("in numeric literal");
        }
        int digits = at;
        if (first == '0') {
            at++;
        } else {
            skipDigits();
        }
        boolean whole = true;
        if (at < json.length && json[at] == '.') {
            whole = false;
            at++;
            requireDigit("after decimal point in numeric literal");
            skipDigits();
        }
        if (at < json.length && (json[at] == 'e' || json[at] == 'E')) {
            whole = false;
            at++;
            if (at < json.length && (json[at] == '+' || json[at] == '-')) {
                at++;
            }
            requireDigit("in exponent of numeric literal");
            skipDigits();
        }
        if (whole && at - digits <= LONG_DIGITS) {
            return NODES.numberNode(shortNumber(digits, json[start] == '-'));
        }
        return largeNumber(new String(json, start, at - start, StandardCharsets.ISO_8859_1), whole);
    }

    private long shortNumber(int from, boolean negative) {
        long number = 0;
        for (int i = from; i < at; i++) {
            number = number * 10 + (json[i] - '0');
        }
        return negative ? -number : number;
    }

    private JsonNode largeNumber(String text, boolean whole) {
        if (whole) {
            try {
                return NODES.numberNode(Long.parseLong(text));
            } catch (NumberFormatException e) {
                // Too large for a long: a double then, as the original does it.
            }
        }
        sawDouble = true;
        double number = Double.parseDouble(text);
        if (Double.isInfinite(number)) {
            throw new MalformedException(
                    "json: cannot unmarshal number " + shortened(text) + " into Go value of type float64");
        }
        return NODES.numberNode(number);
    }

    private static String shortened(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "...";
    }

    private void requireDigit(String where) {
        if (!isDigit(peek())) {
            throw unexpected(where);
        }
    }

    private void skipDigits() {
        while (at < json.length && isDigit(json[at])) {
            at++;
        }
    }

    private static boolean isDigit(int character) {
        return character >= '0' && character <= '9';
    }

    /** A field's name: the shared one, if it is short and plain. */
    private String name() {
        int start = at + 1;
        int end = start;
        int hash = 0;
        while (end < json.length && json[end] != '"' && json[end] != '\\' && json[end] >= 0x20) {
            hash = hash * 31 + json[end];
            end++;
        }
        int length = end - start;
        if (end >= json.length || json[end] != '"' || length > SHARED_NAME_CHARS_MAX) {
            return string();
        }
        at = end + 1;
        int slot = (hash ^ (hash >>> 11)) & (NAMES.length - 1);
        String known = NAMES[slot];
        if (known != null && isSame(known, start, length)) {
            return known;
        }
        String name = new String(json, start, length, StandardCharsets.ISO_8859_1);
        NAMES[slot] = name;
        return name;
    }

    private boolean isSame(String name, int start, int length) {
        if (name.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (name.charAt(i) != json[start + i]) {
                return false;
            }
        }
        return true;
    }

    private String string() {
        int start = ++at;
        boolean ascii = true;
        while (true) {
            int next = peek();
            if (next == '"') {
                String text = new String(
                        json, start, at - start, ascii ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
                at++;
                return text;
            } else if (next == '\\') {
                return escaped(start);
            } else if (next < 0x20) {
                throw unexpected("in string literal");
            }
            ascii &= next < 0x80;
            at++;
        }
    }

    /** The rest of a string in which something is escaped; the reader stands at the first backslash. */
    private String escaped(int start) {
        StringBuilder text = new StringBuilder(at - start + 32);
        int plain = start;
        while (true) {
            int next = peek();
            if (next == '"' || next == '\\') {
                text.append(new String(json, plain, at - plain, StandardCharsets.UTF_8));
                at++;
                if (next == '"') {
                    return text.toString();
                }
                appendEscape(text);
                plain = at;
            } else if (next < 0x20) {
                throw unexpected("in string literal");
            } else {
                at++;
            }
        }
    }

    private void appendEscape(StringBuilder text) {
        int character = peek();
        switch (character) {
            case '"', '\\', '/' -> text.append((char) character);
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'n' -> text.append('\n');
            case 'r' -> text.append('\r');
            case 't' -> text.append('\t');
            case 'u' -> {
                at++;
                appendUnit(text, hexadecimal());
                return;
            }
            default -> throw unexpected("in string escape code");
        }
        at++;
    }

    /** Appends a UTF-16 unit; one half of a pair that stands alone becomes U+FFFD. */
    private void appendUnit(StringBuilder text, char unit) {
        if (!Character.isSurrogate(unit)) {
            text.append(unit);
            return;
        }
        boolean pairMayFollow =
                Character.isHighSurrogate(unit) && at + 5 < json.length && json[at] == '\\' && json[at + 1] == 'u';
        if (pairMayFollow) {
            int before = at;
            at += 2;
            char low = hexadecimal();
            if (Character.isLowSurrogate(low)) {
                text.append(unit).append(low);
                return;
            }
            at = before;
        }
        text.append('\uFFFD');
    }

    private char hexadecimal() {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0) {
                throw unexpected("in \\u hexadecimal character escape");
            }
            unit = unit * 16 + digit;
            at++;
        }
        return (char) unit;
    }

    private void skipSpace() {
        while (at < json.length) {
            byte next = json[at];
            if (next != ' ' && next != '\n' && next != '\r' && next != '\t') {
                return;
            }
            at++;
        }
    }

    /** The byte at which the reader stands, 0 to 255. */
    private int peek() {
        if (at >= json.length) {
            throw new MalformedException("unexpected end of JSON input");
        }
        return json[at] & 0xff;
    }

    private MalformedException unexpected(String where) {
        return new MalformedException("invalid character " + GoText.quotedCharacter(peek()) + " " + where);
    }
}
