package io.keelson.kvstore.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where in the log a state stands; one row of {@link Table#META}, written with every batch.
 *
 * @param index the last log entry all of whose effects are in the state
 * @param term the term of that entry
 * @param partialIndex a later entry of which only the first commands are in the state; 0 if there is none
 * @param partialCommands how many commands of that entry are in the state
 * @param revision the store's revision; 1 for an empty store
 * @param compactRevision history before this revision is not readable any more; -1 before the first compaction
 */
public record AppliedState(
        long index, long term, long partialIndex, int partialCommands, long revision, long compactRevision) {
    /** A store to which nothing was applied yet. */
    public static final AppliedState INITIAL = new AppliedState(0, 0, 0, 0, 1, -1);

    private static final int SIZE_BYTES = 5 * Long.BYTES + Integer.BYTES;

    /** The row's key. */
    static byte[] key() {
        return "applied".getBytes(StandardCharsets.UTF_8);
    }

    byte[] encode() {
        return ByteBuffer.allocate(SIZE_BYTES)
                .putLong(index)
                .putLong(term)
                .putLong(partialIndex)
                .putInt(partialCommands)
                .putLong(revision)
                .putLong(compactRevision)
                .array();
    }

    static AppliedState decode(byte @Nullable [] bytes) {
        if (bytes == null) {
            return INITIAL;
        }
        if (bytes.length != SIZE_BYTES) {
            throw new StorageException(
                    StorageException.Kind.CORRUPT, "the row of the applied index has " + bytes.length + " bytes");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        return new AppliedState(in.getLong(), in.getLong(), in.getLong(), in.getInt(), in.getLong(), in.getLong());
    }
}
