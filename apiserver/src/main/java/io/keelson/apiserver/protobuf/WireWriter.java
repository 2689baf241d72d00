package io.keelson.apiserver.protobuf;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.JsonWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes protobuf's wire format from the end to the beginning: what is written later stands before what was written
 * earlier. So the length of a message is known when it has to be written, and no message is measured beforehand or
 * copied into the one around it. Fields are therefore written in descending order of their numbers.
 */
final class WireWriter {
    private byte[] bytes;
    private int start;
    private @Nullable JsonWriter json;

    WireWriter(int sizeExpected) {
        bytes = new byte[sizeExpected];
        start = sizeExpected;
    }

    /** How much is written; what a message has grown by since then is its length. */
    int size() {
        return bytes.length - start;
    }

    /** Begins anew, with the room that there is by now. */
    void clear() {
        start = bytes.length;
    }

    byte[] toBytes() {
        return Arrays.copyOfRange(bytes, start, bytes.length);
    }

    void raw(byte[] value) {
        reserve(value.length);
        start -= value.length;
        System.arraycopy(value, 0, bytes, start, value.length);
    }

    /** A field with JSON in it. */
    void json(int number, JsonNode value) {
        JsonWriter writer = json == null ? new JsonWriter() : json.again();
        json = writer;
        int before = size();
        for (ByteBuffer piece : writer.value(value).pieces().reversed()) {
            int length = piece.remaining();
            reserve(length);
            start -= length;
            piece.get(piece.position(), bytes, start, length);
        }
        delimit(number, before);
    }

    /** How many bytes a number takes. */
    static int varintSize(long value) {
        return Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7);
    }

    void varint(long value) {
        int length = varintSize(value);
        reserve(length);
        start -= length;
        long rest = value;
        for (int at = start; at < start + length - 1; at++) {
            bytes[at] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[start + length - 1] = (byte) rest;
    }

    void tag(int number, int wireType) {
        varint((long) number << 3 | wireType);
    }

    /**
     * Begins (that is, ends, for whoever reads) a delimited field that was written since the size was the given one.
     */
    void delimit(int number, int sizeBefore) {
        varint((long) size() - sizeBefore);
        tag(number, WireReader.DELIMITED);
    }

    void varint(int number, long value) {
        varint(value);
        tag(number, WireReader.VARINT);
    }

    void fixed64(int number, double value) {
        long bits = Double.doubleToRawLongBits(value);
        reserve(Long.BYTES);
        start -= Long.BYTES;
        for (int i = 0; i < Long.BYTES; i++) {
            bytes[start + i] = (byte) (bits >>> (i * Byte.SIZE));
        }
        tag(number, WireReader.FIXED64);
    }

    void bytes(int number, byte[] value) {
        int before = size();
        raw(value);
        delimit(number, before);
    }

    void text(int number, String value) {
        int before = size();
        if (!ascii(value)) {
            raw(value.getBytes(StandardCharsets.UTF_8));
        }
        delimit(number, before);
    }

    /** @return whether the text was written; if not, because other characters are in it, nothing was */
    private boolean ascii(String value) {
        int length = value.length();
        reserve(length);
        int first = start - length;
        for (int i = 0; i < length; i++) {
            char character = value.charAt(i);
            if (character >= 0x80) {
                return false;
            }
            bytes[first + i] = (byte) character;
        }
        start = first;
        return true;
    }

    private void reserve(int count) {
        if (count <= start) {
            return;
        }
        int size = size();
        int length = Math.max(Math.addExact(size, count), (int) Math.min(Integer.MAX_VALUE - 8L, bytes.length * 2L));
        byte[] larger = new byte[length];
        System.arraycopy(bytes, start, larger, length - size, size);
        bytes = larger;
        start = length - size;
    }
}
