package io.keelson.kvstore.mvcc;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.storage.StorageException;
import java.util.Arrays;

/**
 * A version of a key as it is stored.
 *
 * <p>The record proper is the fields of {@code mvccpb.KeyValue} other than the key, in its protobuf encoding: {@code
 * create_revision} (2), {@code mod_revision} (3), {@code version} (4), {@code lease} (6, left out for 0) and {@code value}
 * (5, left out when empty) last. Written behind the key as field 1 it is a complete {@code KeyValue}; cut off before the
 * value, it is one for {@code keys_only}.
 *
 * <p>In {@link io.keelson.kvstore.storage.Table#CURRENT} a trailer follows the record of a version that was not the first
 * change of its revision: its place among them, as field 7. It never leaves the store.
 *
 * @param createRevision revision of the put that made the key exist
 * @param modRevision revision of the put that made this version
 * @param version number of puts since the key exists, 1 for the first
 * @param lease lease the key is attached to, 0 for none
 * @param sub place of this version among the changes of its revision; known only from {@code CURRENT}
 * @param headLength bytes of the record before the field of the value
 * @param valueOffset where the value's bytes begin
 * @param valueLength bytes of the value
 */
record StoredRecord(
        long createRevision,
        long modRevision,
        long version,
        long lease,
        int sub,
        int headLength,
        int valueOffset,
        int valueLength) {
    private static final int CREATE_TAG = 2 << 3;
    private static final int MOD_TAG = 3 << 3;
    private static final int VERSION_TAG = 4 << 3;
    private static final int VALUE_TAG = (5 << 3) | 2;
    private static final int LEASE_TAG = 6 << 3;
    private static final int SUB_TAG = 7 << 3;

    /** Encodes a record, without trailer. */
    static byte[] encode(long createRevision, long modRevision, long version, long lease, ByteString value) {
        int valueLength = value.size();
        int size = 3
                + Varint.size(createRevision)
                + Varint.size(modRevision)
                + Varint.size(version)
                + (lease == 0 ? 0 : 1 + Varint.size(lease))
                + (valueLength == 0 ? 0 : 1 + Varint.size(valueLength) + valueLength);
        byte[] bytes = new byte[size];
        int at = field(bytes, 0, CREATE_TAG, createRevision);
        at = field(bytes, at, MOD_TAG, modRevision);
        at = field(bytes, at, VERSION_TAG, version);
        if (lease != 0) {
            at = field(bytes, at, LEASE_TAG, lease);
        }
        if (valueLength != 0) {
            at = field(bytes, at, VALUE_TAG, valueLength);
            value.copyTo(bytes, at);
        }
        return bytes;
    }

    /** The record with its trailer, as {@code CURRENT} holds it. */
    static byte[] withSub(byte[] record, int sub) {
        if (sub == 0) {
            return record;
        }
        byte[] stored = Arrays.copyOf(record, record.length + 1 + Varint.size(sub));
        field(stored, record.length, SUB_TAG, sub);
        return stored;
    }

    private static int field(byte[] bytes, int at, int tag, long value) {
        bytes[at] = (byte) tag;
        return Varint.write(bytes, at + 1, value);
    }

    static StoredRecord parse(byte[] bytes) {
        return parse(bytes, 0, bytes.length);
    }

    /**
     * Reads a record, with or without trailer.
     *
     * @throws StorageException if the bytes are not one
     */
    static StoredRecord parse(byte[] bytes, int offset, int length) {
        int end = offset + length;
        long create = 0;
        long mod = 0;
        long version = 0;
        long lease = 0;
        long sub = 0;
        int head = 0;
        int valueOffset = 0;
        int valueLength = 0;
        int at = offset;
        try {
            while (at < end) {
                int tag = bytes[at];
                long number = Varint.read(bytes, at + 1, end);
                int after = at + 1 + Varint.size(number);
                switch (tag) {
                    case CREATE_TAG -> create = number;
                    case MOD_TAG -> mod = number;
                    case VERSION_TAG -> version = number;
                    case LEASE_TAG -> lease = number;
                    case SUB_TAG -> sub = number;
                    case VALUE_TAG -> {
                        if (number < 0 || number > end - after) {
                            throw damaged();
                        }
                        valueOffset = after;
                        valueLength = (int) number;
                        after += valueLength;
                    }
                    default -> throw damaged();
                }
                if (tag != VALUE_TAG && tag != SUB_TAG) {
                    head = after - offset;
                }
                at = after;
            }
        } catch (IndexOutOfBoundsException e) {
            throw damaged();
        }
        if (mod == 0 || sub < 0 || sub > Integer.MAX_VALUE) {
            throw damaged();
        }
        return new StoredRecord(create, mod, version, lease, (int) sub, head, valueOffset - offset, valueLength);
    }

    /** Bytes of the record proper, up to the trailer. */
    int length() {
        return valueLength == 0 ? headLength : valueOffset + valueLength;
    }

    /** The record proper out of the bytes this was parsed from. */
    byte[] proper(byte[] stored) {
        return length() == stored.length ? stored : Arrays.copyOf(stored, length());
    }

    /** The value out of the bytes this was parsed from. */
    byte[] value(byte[] stored) {
        return valueLength == 0 ? new byte[0] : Arrays.copyOfRange(stored, valueOffset, valueOffset + valueLength);
    }

    private static StorageException damaged() {
        return new StorageException(StorageException.Kind.CORRUPT, "a stored record of a key is damaged");
    }
}
