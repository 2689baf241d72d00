package io.keelson.kvstore.bolt;

import java.nio.ByteBuffer;

/**
 * The key of a version in etcd's file: main revision in 8 bytes, an underscore, sub revision in 8 bytes, both
 * big-endian; followed by a {@code t} if the version is a deletion.
 *
 * @param main the revision
 * @param sub the change's place among those of the revision, from 0
 * @param tombstone whether the change is a deletion
 */
public record RevisionKey(long main, long sub, boolean tombstone) {
    static final int BYTES = 17;

    /** How many bytes {@link #encode} gives. */
    public int encodedBytes() {
        return tombstone ? BYTES + 1 : BYTES;
    }

    public byte[] encode() {
        ByteBuffer buffer = ByteBuffer.allocate(encodedBytes())
                .putLong(main)
                .put((byte) '_')
                .putLong(sub);
        if (tombstone) {
            buffer.put((byte) 't');
        }
        return buffer.array();
    }

    /**
     * @throws IllegalArgumentException if the bytes are not such a key
     */
    public static RevisionKey decode(byte[] key) {
        boolean tombstone = key.length == BYTES + 1 && key[BYTES] == 't';
        if ((key.length != BYTES && !tombstone) || key[8] != '_') {
            throw new IllegalArgumentException("not a revision: " + BoltPage.show(key));
        }
        ByteBuffer buffer = ByteBuffer.wrap(key);
        long main = buffer.getLong();
        long sub = buffer.getLong(9);
        if (main < 0 || sub < 0) {
            throw new IllegalArgumentException("negative revision: " + BoltPage.show(key));
        }
        return new RevisionKey(main, sub, tombstone);
    }
}
