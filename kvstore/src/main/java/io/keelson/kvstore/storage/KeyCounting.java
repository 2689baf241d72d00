package io.keelson.kvstore.storage;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps {@link KeyCounts} in step with the newest state: the apply thread tells which keys came and went, readers tell what
 * they found. A reader looked at a state that may be some batches old, so the last few thousand changes are kept, and those
 * that came after its state are carried over into what it found. What a reader found too long ago is not used.
 */
final class KeyCounting {
    /** Changes that are kept; what has to be carried over is never more. */
    private static final int CHANGES_KEPT = 1 << 13;

    private final byte[][] changedKeys = new byte[CHANGES_KEPT][];
    private final byte[] changedBy = new byte[CHANGES_KEPT];
    private KeyCounts newest = KeyCounts.UNKNOWN;

    /** Keys that came or went, in order, and what is known after the last. */
    synchronized KeyCounts changed(List<Write> writes) {
        KeyCounts counts = newest;
        for (Write write : writes) {
            if (write.keysMore != 0) {
                int place = (int) (counts.changes() & (CHANGES_KEPT - 1));
                changedKeys[place] = write.key;
                changedBy[place] = write.keysMore;
                counts = counts.changed(write.key, write.keysMore);
            }
        }
        newest = counts;
        return counts;
    }

    /** What is known of the newest state. */
    synchronized KeyCounts newest() {
        return newest;
    }

    /** Another database is in force: nothing is known of it. */
    synchronized void reset() {
        // The numbers of changes go on, so that what is found in the old one is not taken for true of the new one.
        newest = KeyCounts.UNKNOWN.after(newest.changes() + CHANGES_KEPT + 1);
    }

    /**
     * Takes in what a reader found in a range of a state, if that is not too long ago.
     *
     * @param seen of the state that was read
     * @param to end of the range that the pieces cover, exclusive; null for the end of all keys
     */
    synchronized void found(KeyCounts seen, List<KeyCounts.Piece> pieces, byte @Nullable [] to) {
        long missed = newest.changes() - seen.changes();
        if (missed > CHANGES_KEPT || newest.segments() + pieces.size() > KeyCounts.SEGMENTS_MAX) {
            return;
        }
        KeyCounts counts = newest.learned(pieces, to);
        byte[] from = pieces.getFirst().from();
        for (long change = seen.changes(); change < newest.changes(); change++) {
            int place = (int) (change & (CHANGES_KEPT - 1));
            byte[] key = changedKeys[place];
            if (Arrays.compareUnsigned(key, from) >= 0 && (to == null || Arrays.compareUnsigned(key, to) < 0)) {
                counts = counts.changed(key, changedBy[place]);
            }
        }
        newest = counts.after(newest.changes());
    }
}
