package io.keelson.kvstore.storage;

import java.util.Arrays;

/**
 * Writes a batch in the form RocksDB keeps one in its own log: 8 bytes sequence number, 4 bytes count, then the entries.
 * Made here, a batch crosses into native code once instead of once per entry. One thread at a time; reused.
 */
final class BatchBytes {
    private static final int HEADER_BYTES = 12;
    private static final int COUNT_AT = 8;
    private static final byte PUT = 0x5;
    private static final byte DELETE = 0x4;
    private static final int KEPT_BYTES_MAX = 1 << 20;

    private byte[] bytes = new byte[1 << 14];
    private int length = HEADER_BYTES;
    private int count;

    /** What a batch of just these writes takes. */
    static long sizeBytes(Write[] writes, int[] columnFamilies) {
        long size = HEADER_BYTES;
        for (Write write : writes) {
            size += 1 + varintSize(columnFamilies[write.table.slot()]) + sizeBytes(write.key);
            if (write.value != null) {
                size += sizeBytes(write.value);
            }
        }
        return size;
    }

    private static long sizeBytes(byte[] part) {
        return (long) varintSize(part.length) + part.length;
    }

    private static int varintSize(int value) {
        return (Integer.SIZE - Integer.numberOfLeadingZeros(value | 1) + 6) / 7;
    }

    /** Makes room for a large batch whose size is known, so that it need not be copied on the way and in the end. */
    void expect(int batchBytes) {
        if (count == 0 && batchBytes > KEPT_BYTES_MAX) {
            bytes = new byte[batchBytes];
        }
    }

    void put(int columnFamily, byte[] key, byte[] value) {
        reserve(1 + varintSize(columnFamily) + sizeBytes(key) + sizeBytes(value));
        bytes[length++] = PUT;
        varint(columnFamily);
        append(key);
        append(value);
        count++;
    }

    void delete(int columnFamily, byte[] key) {
        reserve(1 + varintSize(columnFamily) + sizeBytes(key));
        bytes[length++] = DELETE;
        varint(columnFamily);
        append(key);
        count++;
    }

    int count() {
        return count;
    }

    int sizeBytes() {
        return length;
    }

    /** The batch, after which this object is empty again. */
    byte[] take() {
        for (int i = 0; i < Integer.BYTES; i++) {
            bytes[COUNT_AT + i] = (byte) (count >>> (8 * i));
        }
        boolean whole = length == bytes.length;
        byte[] batch = whole ? bytes : Arrays.copyOf(bytes, length);
        if (whole || bytes.length > KEPT_BYTES_MAX) {
            bytes = new byte[1 << 14];
        }
        length = HEADER_BYTES;
        count = 0;
        return batch;
    }

    private void append(byte[] part) {
        varint(part.length);
        System.arraycopy(part, 0, bytes, length, part.length);
        length += part.length;
    }

    private void varint(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    private void reserve(long more) {
        long needed = length + more;
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.max(needed, 2L * bytes.length));
        }
    }
}
