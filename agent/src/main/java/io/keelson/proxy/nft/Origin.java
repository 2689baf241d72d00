package io.keelson.proxy.nft;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where a part of a set's keys or values comes from. The program {@code nft} keeps that with sets of whose types not
 * all have a name ({@code typeof}), in a notation of its own: a type, a length and so many bytes, nested. The kernel
 * does not look at it.
 */
sealed interface Origin {
    /** What {@code ip daddr} or {@code th dport} say: a field of a header, by the numbers that nft has for them. */
    record Field(int header, int field) implements Origin {
        private static final int IPV4_HEADER = 12;
        private static final int IPV6_HEADER = 13;
        private static final int TRANSPORT_HEADER = 11;

        static Field source(boolean isV6) {
            return isV6 ? new Field(IPV6_HEADER, 8) : new Field(IPV4_HEADER, 11);
        }

        static Field destination(boolean isV6) {
            return isV6 ? new Field(IPV6_HEADER, 9) : new Field(IPV4_HEADER, 12);
        }

        static Field destinationPort() {
            return new Field(TRANSPORT_HEADER, 2);
        }
    }

    /** {@code meta l4proto}. */
    record Protocol() implements Origin {}

    /** {@code numgen random mod 2}: any number. */
    record AnyNumber() implements Origin {}

    /** What nft writes down for keys that are made of these. */
    static byte[] ofKeys(Origin... parts) {
        ByteArrayOutputStream notes = new ByteArrayOutputStream();
        put(notes, 0, word(0));
        put(notes, 3, concatenated(parts));
        return notes.toByteArray();
    }

    /** What nft writes down for values that are made of these, behind what it does for keys. */
    static byte[] ofValues(byte[] keys, Origin... parts) {
        ByteArrayOutputStream notes = new ByteArrayOutputStream();
        notes.writeBytes(keys);
        put(notes, 1, word(0));
        put(notes, 4, concatenated(parts));
        return notes.toByteArray();
    }

    private static byte[] word(int number) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(number)
                .array();
    }

    private static void put(ByteArrayOutputStream notes, int type, byte[] value) {
        if (value.length > 0xff) {
            throw new IllegalStateException("a note of " + value.length + " bytes");
        }
        notes.write(type);
        notes.write(value.length);
        notes.writeBytes(value);
    }

    private static byte[] expression(int kind, byte[] data) {
        ByteArrayOutputStream notes = new ByteArrayOutputStream();
        put(notes, 0, word(kind));
        put(notes, 1, data);
        return notes.toByteArray();
    }

    private static byte[] words(int... numbers) {
        ByteArrayOutputStream notes = new ByteArrayOutputStream();
        for (int i = 0; i < numbers.length; i++) {
            put(notes, i, word(numbers[i]));
        }
        return notes.toByteArray();
    }

    private static byte[] concatenated(Origin... parts) {
        ByteArrayOutputStream notes = new ByteArrayOutputStream();
        for (int i = 0; i < parts.length; i++) {
            put(notes, i, parts[i].written());
        }
        return expression(13, notes.toByteArray());
    }

    private byte[] written() {
        return switch (this) {
            case Field(int header, int field) -> expression(7, words(header, field));
            case Protocol() -> expression(9, words(16));
            case AnyNumber() -> expression(23, words(1, 2, 0));
        };
    }
}
