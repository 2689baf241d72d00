package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.storage.Cursor;
import java.util.Arrays;

/**
 * A growing piece of protobuf encoding into which key-values are copied as they are stored, without decoding them. Bounded
 * by the number of bytes given; what goes beyond is answered with {@link EtcdError#RESPONSE_TOO_LARGE}.
 */
final class EncodedKeyValues {
    private static final int KEY_TAG = (1 << 3) | 2;
    private static final int CAPACITY_MIN = 512;
    /** Arrays cannot be longer. */
    private static final int CAPACITY_MAX = Integer.MAX_VALUE - 16;

    private static final int LENGTH_SIZE_MAX = 5;

    private final int bytesMax;
    private byte[] bytes;
    private int length;
    private byte[] key = new byte[256];
    private int keyLength;
    /** Bytes that the length of the latest key-value took: a good guess for the next one. */
    private int lengthSize = 2;

    EncodedKeyValues(long bytesMax) {
        this(bytesMax, CAPACITY_MIN);
    }

    EncodedKeyValues(long bytesMax, int capacity) {
        this.bytesMax = (int) Math.min(CAPACITY_MAX, bytesMax);
        this.bytes = new byte[capacity];
    }

    int length() {
        return length;
    }

    /** Appends a key-value as a length-delimited field with the given tag. */
    void append(int tag, byte[] userKey, byte[] record, int recordLength) {
        int size = 1 + Varint.size(userKey.length) + userKey.length + recordLength;
        reserve(1L + LENGTH_SIZE_MAX + size);
        bytes[length++] = (byte) tag;
        length = Varint.write(bytes, length, size);
        bytes[length++] = KEY_TAG;
        length = Varint.write(bytes, length, userKey.length);
        System.arraycopy(userKey, 0, bytes, length, userKey.length);
        length += userKey.length;
        System.arraycopy(record, 0, bytes, length, recordLength);
        length += recordLength;
    }

    /**
     * Appends the entry of {@code CURRENT} on which a cursor stands, copied straight from the cursor into its place. The
     * length that stands in front is known last: room for it is kept by guess, and the record moved if the guess was
     * wrong.
     */
    void append(int tag, Cursor cursor, boolean keysOnly) {
        loadKey(cursor);
        int front = 1 + lengthSize + 1 + Varint.size(keyLength) + keyLength;
        reserve((long) front + CAPACITY_MIN);
        int recordAt = length + front;
        int stored = cursor.copyValue(bytes, recordAt);
        if (stored > bytes.length - recordAt) {
            reserve((long) front + stored + LENGTH_SIZE_MAX);
            cursor.copyValue(bytes, recordAt);
        }
        StoredRecord record = StoredRecord.parse(bytes, recordAt, stored);
        int recordLength = keysOnly ? record.headLength() : record.length();
        int size = 1 + Varint.size(keyLength) + keyLength + recordLength;
        int wanted = Varint.size(size);
        if (wanted != lengthSize) {
            reserve((long) front + stored + LENGTH_SIZE_MAX);
            System.arraycopy(bytes, recordAt, bytes, recordAt + wanted - lengthSize, recordLength);
            lengthSize = wanted;
        }
        bytes[length++] = (byte) tag;
        length = Varint.write(bytes, length, size);
        bytes[length++] = KEY_TAG;
        length = Varint.write(bytes, length, keyLength);
        System.arraycopy(key, 0, bytes, length, keyLength);
        length += keyLength + recordLength;
        check();
    }

    /** Appends a number, tag and all; nothing for 0, as protobuf has it. */
    void append(int tag, long number) {
        if (number != 0) {
            reserve(1L + 10);
            bytes[length++] = (byte) tag;
            length = Varint.write(bytes, length, number);
        }
    }

    /** Appends a length-delimited field. */
    void append(int tag, byte[] content) {
        reserve(1L + LENGTH_SIZE_MAX + content.length);
        bytes[length++] = (byte) tag;
        length = Varint.write(bytes, length, content.length);
        System.arraycopy(content, 0, bytes, length, content.length);
        length += content.length;
    }

    /** Appends bytes as they are. */
    void append(byte[] content) {
        reserve(content.length);
        System.arraycopy(content, 0, bytes, length, content.length);
        length += content.length;
    }

    byte[] toByteArray() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    private void loadKey(Cursor cursor) {
        keyLength = cursor.copyKey(key, 0);
        if (keyLength > key.length) {
            key = new byte[Integer.highestOneBit(keyLength) * 2];
            cursor.copyKey(key, 0);
        }
    }

    private void reserve(long more) {
        long needed = length + more;
        if (needed > bytes.length) {
            if (needed > CAPACITY_MAX) {
                throw EtcdError.RESPONSE_TOO_LARGE.exception();
            }
            check();
            bytes = Arrays.copyOf(bytes, (int) Math.min(CAPACITY_MAX, Math.max(needed, 2L * bytes.length)));
        }
    }

    private void check() {
        if (length > bytesMax) {
            throw EtcdError.RESPONSE_TOO_LARGE.exception();
        }
    }
}
