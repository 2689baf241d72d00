package io.keelson.apiserver.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Writes a tree as JSON, in UTF-8, byte for byte as Go's encoder does: {@code <}, {@code >} and {@code &} are escaped, so
 * that the text can stand in a web page, numbers have Go's form, and halves of pairs that stand alone become U+FFFD.
 *
 * <p>What is written lies in pieces: when one is full, the next one is begun, and nothing is copied into a larger one. So a
 * document can be as large as it likes, and what is there in bytes already can be put into it as it is. One thread.
 */
public final class JsonWriter {
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

    private static final int PIECE_BYTES_MIN = 256;
    private static final int PIECE_BYTES_MAX = 64 << 10;

    /** What is shorter is copied: a piece of its own takes as much. */
    private static final int WORTH_A_PIECE_BYTES = 128;

    private final int indentation;
    private final List<ByteBuffer> pieces = new ArrayList<>();
    private byte[] out = new byte[PIECE_BYTES_MIN];
    /** Where in the array the piece begins that is being written. */
    private int start;

    private int size;
    private int depth;

    /** For a document on one line. */
    public JsonWriter() {
        this(0);
    }

    /** @param indentation spaces for each level; 0 for everything on one line */
    JsonWriter(int indentation) {
        this.indentation = indentation;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** All that was written, in one array. */
    byte[] bytes() {
        if (pieces.isEmpty()) {
            return Arrays.copyOf(out, size);
        }
        int length = size - start;
        for (ByteBuffer piece : pieces) {
            length = Math.addExact(length, piece.remaining());
        }
        byte[] all = new byte[length];
        int at = 0;
        for (ByteBuffer piece : pieces) {
            int bytes = piece.remaining();
            piece.get(piece.position(), all, at, bytes);
            at += bytes;
        }
        System.arraycopy(out, start, all, at, size - start);
        return all;
    }

    /** All that was written, in pieces, one behind the other. Nothing may be written from now on. */
    public List<ByteBuffer> pieces() {
        endPiece();
        return pieces;
    }

    /** Begins another document, in the room that there is by now: pieces that were asked for before are overwritten. */
    public JsonWriter again() {
        pieces.clear();
        start = 0;
        size = 0;
        depth = 0;
        return this;
    }

    public JsonWriter value(JsonNode node) {
        switch (node) {
            case ObjectNode object -> object(object);
            case ArrayNode array -> array(array);
            default -> scalar(node);
        }
        return this;
    }

    /** Writes what stands between the braces of an object; nothing for one without fields. */
    public JsonWriter fields(ObjectNode object) {
        boolean first = true;
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            field(field, first);
            first = false;
        }
        return this;
    }

    /** Writes an object as if it had no {@code kind} and {@code apiVersion}. */
    public JsonWriter untyped(ObjectNode object) {
        put((byte) '{');
        depth++;
        boolean first = true;
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (!field.getKey().equals("kind") && !field.getKey().equals("apiVersion")) {
                field(field, first);
                first = false;
            }
        }
        close(first, '}');
        return this;
    }

    /** Writes what stands between values, as it is. */
    public JsonWriter raw(String ascii) {
        room(ascii.length());
        for (int i = 0; i < ascii.length(); i++) {
            out[size++] = (byte) ascii.charAt(i);
        }
        return this;
    }

    /** Writes what is JSON already, as it is; the bytes are not to be changed from now on. */
    public JsonWriter encoded(byte[] json, int from, int length) {
        if (length < WORTH_A_PIECE_BYTES) {
            room(length);
            System.arraycopy(json, from, out, size, length);
            size += length;
        } else {
            endPiece();
            pieces.add(ByteBuffer.wrap(json, from, length));
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
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            field(field, first);
            first = false;
        }
        close(first, '}');
    }

    private void field(Map.Entry<String, JsonNode> field, boolean first) {
        if (!first) {
            put((byte) ',');
        }
        newLine();
        string(field.getKey());
        put((byte) ':');
        if (indentation > 0) {
            put((byte) ' ');
        }
        value(field.getValue());
    }

    private void close(boolean empty, char bracket) {
        depth--;
        if (!empty) {
            newLine();
        }
        put((byte) bracket);
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
        close(array.isEmpty(), ']');
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
            endPiece();
            out = new byte
                    [Math.max(Math.addExact(more, PIECE_BYTES_MIN), (int) Math.min(2L * out.length, PIECE_BYTES_MAX))];
            start = 0;
            size = 0;
        }
    }

    private void endPiece() {
        if (size > start) {
            pieces.add(ByteBuffer.wrap(out, start, size - start));
            start = size;
        }
    }
}
