package io.keelson.agent.embedded;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A row of fields as requests to a shim have it: tag and a zero of two bytes each, the length in four, the value. */
final class ShimFields {
    private static final int HEADER = 8;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A field that was read. */
    record Field(int tag, byte[] value) {
        long number() {
            return value.length == 8
                    ? ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong()
                    : 0;
        }

        String text() {
            return new String(value, 0, Math.max(0, value.length - 1), StandardCharsets.UTF_8);
        }
    }

    /** @throws IllegalArgumentException if there is a zero in it, which texts of the kernel cannot have */
    ShimFields text(int tag, String text) {
        return text(tag, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The same with a text that need not be UTF-8. */
    ShimFields text(int tag, byte[] text) {
        byte[] value = new byte[text.length + 1];
        for (int i = 0; i < text.length; i++) {
            if (text[i] == 0) {
                throw new IllegalArgumentException(
                        "a zero byte in \"" + new String(text, StandardCharsets.UTF_8).replace("\0", "\\0") + "\"");
            }
            value[i] = text[i];
        }
        return bytes(tag, value);
    }

    ShimFields number(int tag, long number) {
        return bytes(
                tag,
                ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(number)
                        .array());
    }

    ShimFields bytes(int tag, byte[] value) {
        bytes.writeBytes(ByteBuffer.allocate(HEADER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) tag)
                .putShort((short) 0)
                .putInt(value.length)
                .array());
        bytes.writeBytes(value);
        return this;
    }

    ShimFields fields(int tag, ShimFields inner) {
        return bytes(tag, inner.toBytes());
    }

    ShimFields texts(int tag, Iterable<String> texts) {
        for (String text : texts) {
            text(tag, text);
        }
        return this;
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }

    /** @throws IOException if these are no fields */
    static List<Field> read(byte[] payload) throws IOException {
        List<Field> fields = new ArrayList<>();
        ByteBuffer rest = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
        while (rest.hasRemaining()) {
            if (rest.remaining() < HEADER) {
                throw new IOException("the shim's answer is malformed");
            }
            int tag = Short.toUnsignedInt(rest.getShort());
            rest.getShort();
            int length = rest.getInt();
            if (length < 0 || length > rest.remaining()) {
                throw new IOException("the shim's answer is malformed");
            }
            byte[] value = new byte[length];
            rest.get(value);
            fields.add(new Field(tag, value));
        }
        return fields;
    }

    /** The number of the first field with that tag; 0 if there is none. */
    static long number(List<Field> fields, int tag) {
        for (Field field : fields) {
            if (field.tag() == tag) {
                return field.number();
            }
        }
        return 0;
    }

    /** The text of the first field with that tag; empty if there is none. */
    static String text(List<Field> fields, int tag) {
        for (Field field : fields) {
            if (field.tag() == tag) {
                return field.text();
            }
        }
        return "";
    }
}
