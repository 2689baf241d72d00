package io.keelson.apiserver.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;

/**
 * Writes a tree as JSON, in UTF-8, byte for byte as Go's encoder does: {@code <}, {@code >} and {@code &} are escaped, so
 * that the text can stand in a web page, numbers have Go's form, and halves of pairs that stand alone become U+FFFD.
 */
final class JsonWriter {
    /** Escapes of ASCII: nothing for what needs none. */
    private static final byte[][] ESCAPES = new byte[128][];

    static {
        for (int i = 0; i < 0x20; i++) {
            ESCAPES[i] = ascii(String.format("\\u%04x", i));
        }
        ESCAPES['\b'] = ascii("\\b");
        ESCAPES['\f'] = ascii("\\f");
        ESCAPES['\n'] = ascii("\\n");
        ESCAPES['\r'] = ascii("\\r");
        ESCAPES['\t'] = ascii("\\t");
        ESCAPES['"'] = ascii("\\\"");
        ESCAPES['\\'] = ascii("\\\\");
        ESCAPES['<'] = ascii("\\u003c");
        ESCAPES['>'] = ascii("\\u003e");
        ESCAPES['&'] = ascii("\\u0026");
    }

    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");
    private static final byte[] NULL = ascii("null");
    private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);

    private final int indentation;
    private byte[] out = new byte[1_024];
    private int size;
    private int depth;

    JsonWriter() {
        this(0);
    }

    /** @param indentation spaces for each level; 0 for everything on one line */
    JsonWriter(int indentation) {
        this.indentation = indentation;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    byte[] bytes() {
        return Arrays.copyOf(out, size);
    }

    JsonWriter value(JsonNode node) {
        switch (node) {
            case ObjectNode object -> object(object);
            case ArrayNode array -> array(array);
            default -> scalar(node);
        }
        return this;
    }

    private void scalar(JsonNode node) {
        switch (node.getNodeType()) {
            case STRING -> string(node.textValue());
            case BOOLEAN -> put(node.booleanValue() ? TRUE : FALSE);
            case NUMBER -> number(node);
            case NULL, MISSING -> put(NULL);
            default -> string(node.asText());
        }
    }

    private void number(JsonNode node) {
        if (node.isFloatingPointNumber() && !node.isBigDecimal()) {
            put(ascii(GoText.number(node.doubleValue())));
        } else if (node.canConvertToLong()) {
            whole(node.longValue());
        } else {
            put(ascii(node.asText()));
        }
    }

    private void whole(long number) {
        if (number >= 0 && number < 10) {
            put((byte) ('0' + number));
        } else {
            put(ascii(Long.toString(number)));
        }
    }

    private void object(ObjectNode object) {
        put((byte) '{');
        depth++;
        boolean first = true;
        for (Iterator<Map.Entry<String, JsonNode>> fields = object.properties().iterator(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            if (!first) {
                put((byte) ',');
            }
            first = false;
            newLine();
            string(field.getKey());
            put((byte) ':');
            if (indentation > 0) {
                put((byte) ' ');
            }
            value(field.getValue());
        }
        depth--;
        if (!first) {
            newLine();
        }
        put((byte) '}');
    }

    private void array(ArrayNode array) {
        put((byte) '[');
        depth++;
        for (int i = 0; i < array.size(); i++) {
            if (i > 0) {
                put((byte) ',');
            }
            newLine();
            value(array.get(i));
        }
        depth--;
        if (!array.isEmpty()) {
            newLine();
        }
        put((byte) ']');
    }

    private void newLine() {
        if (indentation > 0) {
            put((byte) '\n');
            int spaces = indentation * depth;
            room(spaces);
            Arrays.fill(out, size, size + spaces, (byte) ' ');
            size += spaces;
        }
    }

    private void string(String text) {
        put((byte) '"');
        int length = text.length();
        room(length);
        int i = 0;
        while (i < length) {
            char character = text.charAt(i);
            if (character >= 0x80 || ESCAPES[character] != null) {
                break;
            }
            out[size++] = (byte) character;
            i++;
        }
        if (i < length) {
            rest(text, i);
        }
        put((byte) '"');
    }

    /** Writes text from its first character that is not plain ASCII. */
    private void rest(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char character = text.charAt(i);
            room(4);
            if (character < 0x80) {
                byte[] escape = ESCAPES[character];
                if (escape == null) {
                    out[size++] = (byte) character;
                } else {
                    put(escape);
                }
            } else if (character < 0x800) {
                out[size++] = (byte) (0xc0 | (character >> 6));
                out[size++] = (byte) (0x80 | (character & 0x3f));
            } else if (character == '\u2028' || character == '\u2029') {
                put(ascii(character == '\u2028' ? "\\u2028" : "\\u2029"));
            } else if (!Character.isSurrogate(character)) {
                out[size++] = (byte) (0xe0 | (character >> 12));
                out[size++] = (byte) (0x80 | ((character >> 6) & 0x3f));
                out[size++] = (byte) (0x80 | (character & 0x3f));
            } else if (i + 1 < text.length() && Character.isSurrogatePair(character, text.charAt(i + 1))) {
                int point = Character.toCodePoint(character, text.charAt(++i));
                out[size++] = (byte) (0xf0 | (point >> 18));
                out[size++] = (byte) (0x80 | ((point >> 12) & 0x3f));
                out[size++] = (byte) (0x80 | ((point >> 6) & 0x3f));
                out[size++] = (byte) (0x80 | (point & 0x3f));
            } else {
                put(REPLACEMENT);
            }
        }
    }

    private void put(byte single) {
        room(1);
        out[size++] = single;
    }

    private void put(byte[] all) {
        room(all.length);
        System.arraycopy(all, 0, out, size, all.length);
        size += all.length;
    }

    private void room(int more) {
        if (out.length - size < more) {
            out = Arrays.copyOf(out, Math.max(Math.addExact(size, more), (int) Math.min(2L * out.length, 1 << 30)));
        }
    }
}
