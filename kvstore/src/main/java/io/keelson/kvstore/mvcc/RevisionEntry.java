package io.keelson.kvstore.mvcc;

import io.keelson.kvstore.storage.StorageException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * An entry of {@link io.keelson.kvstore.storage.Table#REVISION}: one change, with everything but the value, which is found
 * by key and revision in {@code CURRENT} or {@code HISTORY}.
 *
 * @param main the revision
 * @param sub place among the changes of that revision, from 0
 * @param delete whether the key was deleted; the fields from {@code createRevision} on are then 0
 * @param key the user key
 * @param supersededMain revision of the version this change put an end to; 0 if the key did not exist
 * @param supersededSub place of that version among the changes of its revision
 * @param createRevision see {@link StoredRecord}
 * @param version see {@link StoredRecord}
 * @param lease see {@link StoredRecord}
 * @param valueLength bytes of the value
 */
public record RevisionEntry(
        long main,
        int sub,
        boolean delete,
        byte[] key,
        long supersededMain,
        int supersededSub,
        long createRevision,
        long version,
        long lease,
        int valueLength) {
    private static final byte PUT = 0;
    private static final byte DELETE = 1;
    private static final int KEY_BYTES = Long.BYTES + Integer.BYTES;

    /** The key of the table for a place in the order of revisions. */
    static byte[] tableKey(long main, int sub) {
        return ByteBuffer.allocate(KEY_BYTES).putLong(main).putInt(sub).array();
    }

    static long main(byte[] tableKey) {
        return ByteBuffer.wrap(tableKey).getLong();
    }

    static int sub(byte[] tableKey) {
        return ByteBuffer.wrap(tableKey).getInt(Long.BYTES);
    }

    byte[] tableKey() {
        return tableKey(main, sub);
    }

    /** The row's value: kind, key, superseded version, and for a put its create revision, version, lease and length. */
    byte[] encode() {
        int size = 1
                + Varint.size(key.length)
                + key.length
                + Varint.size(supersededMain)
                + Varint.size(supersededSub)
                + (delete
                        ? 0
                        : Varint.size(createRevision)
                                + Varint.size(version)
                                + Varint.size(lease)
                                + Varint.size(valueLength));
        byte[] bytes = new byte[size];
        bytes[0] = delete ? DELETE : PUT;
        int at = Varint.write(bytes, 1, key.length);
        System.arraycopy(key, 0, bytes, at, key.length);
        at = Varint.write(bytes, at + key.length, supersededMain);
        at = Varint.write(bytes, at, supersededSub);
        if (!delete) {
            at = Varint.write(bytes, at, createRevision);
            at = Varint.write(bytes, at, version);
            at = Varint.write(bytes, at, lease);
            Varint.write(bytes, at, valueLength);
        }
        return bytes;
    }

    static RevisionEntry decode(byte[] tableKey, byte[] bytes) {
        try {
            Reader in = new Reader(bytes);
            boolean delete = bytes[0] == DELETE;
            byte[] key = in.bytes((int) in.number());
            long supersededMain = in.number();
            int supersededSub = (int) in.number();
            return new RevisionEntry(
                    main(tableKey),
                    sub(tableKey),
                    delete,
                    key,
                    supersededMain,
                    supersededSub,
                    delete ? 0 : in.number(),
                    delete ? 0 : in.number(),
                    delete ? 0 : in.number(),
                    delete ? 0 : (int) in.number());
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new StorageException(StorageException.Kind.CORRUPT, "an entry of the table revision is damaged");
        }
    }

    /** Reads the parts of a row one after the other. */
    private static final class Reader {
        private final byte[] bytes;
        private int at = 1;

        Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        long number() {
            long number = Varint.read(bytes, at, bytes.length);
            at += Varint.size(number);
            return number;
        }

        byte[] bytes(int length) {
            if (length < 0 || length > bytes.length - at) {
                throw new IndexOutOfBoundsException("a key is cut short");
            }
            at += length;
            return Arrays.copyOfRange(bytes, at - length, at);
        }
    }
}
