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
    private static final int ENTRY_OVERHEAD_MAX = 1 + 3 * 5;

    private byte[] bytes = new byte[1 << 14];
    private int length = HEADER_BYTES;
    private int count;

    void put(int columnFamily, byte[] key, byte[] value) {
        reserve((long) ENTRY_OVERHEAD_MAX + key.length + value.length);
        bytes[length++] = PUT;
        varint(columnFamily);
        append(key);
        append(value);
        count++;
    }

    void delete(int columnFamily, byte[] key) {
        reserve((long) ENTRY_OVERHEAD_MAX + key.length);
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
        byte[] batch = Arrays.copyOf(bytes, length);
        if (bytes.length > KEPT_BYTES_MAX) {
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
            if (needed > Integer.MAX_VALUE - 16) {
                throw new IllegalStateException("a batch of " + needed + " bytes is beyond what an array holds");
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 16, Math.max(needed, 2L * bytes.length)));
        }
    }
}
