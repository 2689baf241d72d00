package io.keelson.kvstore.mvcc;

/** Protobuf's variable-length integers. */
final class Varint {
    private static final int BITS = 7;
    private static final int SIZE_MAX = 10;

    private Varint() {}

    /** Bytes that a number takes, 1 to 10. */
    static int size(long value) {
        return (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + BITS - 1) / BITS;
    }

    /** Writes a number and returns the offset after it. */
    static int write(byte[] target, int offset, long value) {
        int at = offset;
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            target[at++] = (byte) (rest | 0x80);
            rest >>>= BITS;
        }
        target[at++] = (byte) rest;
        return at;
    }

    /**
     * Reads a number that was written by {@link #write}; its {@link #size} tells where it ends.
     *
     * @throws IndexOutOfBoundsException if it does not end before {@code end} or has too many bytes
     */
    static long read(byte[] source, int offset, int end) {
        long value = 0;
        for (int i = 0; i < SIZE_MAX; i++) {
            if (offset + i >= end) {
                throw new IndexOutOfBoundsException("a number is cut short");
            }
            byte part = source[offset + i];
            value |= (long) (part & 0x7f) << (i * BITS);
            if (part >= 0) {
                return value;
            }
        }
        throw new IndexOutOfBoundsException("a number has too many bytes");
    }
}
