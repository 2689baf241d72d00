package io.keelson.kvstore.storage;

import io.keelson.kvstore.storage.KeyCounts.Change;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps {@link KeyCounts} in step with the newest state: the apply thread tells which keys came and went, readers tell what
 * they found.
 *
 * <p>A state is named by how many keys had come and gone before it. The apply thread only notes changes; they are taken
 * into the counts many at a time, by whoever counts or by {@link KeyCensus}. The last few thousand are kept, so that counts
 * can be had for states that are a little older or younger, and what a reader found in one is carried over to the newest.
 * What lies too far back is not known.
 */
final class KeyCounting {
    /** Changes that are kept. */
    static final int CHANGES_KEPT = 1 << 14;

    /** Keys of changes that are kept take no more than this; fewer are kept if they are long. */
    private static final long BYTES_KEPT_MAX = 8L << 20;

    private static final long CHANGE_BYTES = 64;

    /** The changes, each at its number modulo their number; guarded by this. */
    private final @Nullable Change[] kept = new @Nullable Change[CHANGES_KEPT];

    /** Number of the oldest change that is kept; guarded by this. */
    private long oldest;

    private long keptBytes;

    /** How many changes there were; written by the apply thread, guarded by this. */
    private volatile long changes;

    /** Taken before this object's own lock. */
    private final ReentrantLock taking = new ReentrantLock();

    /** Written under {@link #taking}. Never so old that the changes after it are not kept. */
    private volatile KeyCounts taken;

    /** @param empty whether there are no keys; otherwise nothing is known */
    KeyCounting(boolean empty) {
        taken = empty ? KeyCounts.EMPTY : KeyCounts.UNKNOWN;
    }

    /** Keys that came or went, in order. Apply thread. Returns how many there were, with these. */
    long changed(List<Write> writes) {
        for (Write write : writes) {
            if (write.keysMore != 0) {
                add(new Change(write.key, write.keysMore));
            }
        }
        return changes;
    }

    private void add(Change change) {
        while (!tryAdd(change)) {
            // Nobody else has come to it.
            takeIn();
        }
    }

    /** Returns false if a change would have to be dropped for it that is not taken in yet. */
    private synchronized boolean tryAdd(Change change) {
        long bytes = bytes(change);
        while (changes - oldest == CHANGES_KEPT || (keptBytes + bytes > BYTES_KEPT_MAX && oldest < changes)) {
            if (oldest >= taken.changes()) {
                return false;
            }
            int place = place(oldest++);
            Change dropped = kept[place];
            kept[place] = null;
            keptBytes -= dropped == null ? 0 : bytes(dropped);
        }
        kept[place(changes)] = change;
        keptBytes += bytes;
        changes++;
        return true;
    }

    private static long bytes(Change change) {
        return change.key().length + CHANGE_BYTES;
    }

    private static int place(long number) {
        return (int) (number & (CHANGES_KEPT - 1));
    }

    /** Changes that are not taken in yet. */
    long untaken() {
        return changes - taken.changes();
    }

    /** Takes in all changes there are; returns what is known after them. */
    KeyCounts takeIn() {
        taking.lock();
        try {
            return takeIn(changes);
        } finally {
            taking.unlock();
        }
    }

    private KeyCounts takeIn(long upTo) {
        KeyCounts known = taken;
        if (known.changes() < upTo) {
            List<Change> since = between(known.changes(), upTo);
            known = since == null ? KeyCounts.UNKNOWN.after(upTo) : known.changed(since, upTo);
            taken = known;
        }
        return known;
    }

    /** What is known of a state, by the number of changes before it. */
    KeyCounts at(long number) {
        KeyCounts known = taken;
        if (known.changes() < number) {
            taking.lock();
            try {
                known = takeIn(number);
            } finally {
                taking.unlock();
            }
        }
        if (known.changes() == number) {
            return known;
        }
        // Others have gone on; the way back.
        List<Change> since = between(number, known.changes());
        if (since == null) {
            return KeyCounts.UNKNOWN.after(number);
        }
        return known.changed(
                since.stream()
                        .map(change -> new Change(change.key(), -change.by()))
                        .toList(),
                number);
    }

    /** What is known of a state a moment ago. */
    KeyCounts recent() {
        return taken;
    }

    /** Changes from a number on, up to another, exclusive; null if they are not kept any more. */
    private synchronized @Nullable List<Change> between(long from, long to) {
        if (from < oldest) {
            return null;
        }
        List<Change> result = new ArrayList<>((int) (to - from));
        for (long number = from; number < to; number++) {
            Change change = kept[place(number)];
            if (change != null) {
                result.add(change);
            }
        }
        return result;
    }

    /** Another database is in force: nothing is known of it. Apply thread. */
    void reset() {
        taking.lock();
        try {
            synchronized (this) {
                Arrays.fill(kept, null);
                keptBytes = 0;
                // The numbers of changes go on, so that what is found in the old one is not taken for true of the new
                // one.
                changes += CHANGES_KEPT + 1;
                oldest = changes;
                taken = KeyCounts.UNKNOWN.after(changes);
            }
        } finally {
            taking.unlock();
        }
    }

    /**
     * Takes in what a reader found in a range of a state.
     *
     * @param seen of the state that was read
     * @param to end of the range that the pieces cover, exclusive; null for the end of all keys
     * @return false if that is of no use: the state is too old, or too much is known already
     */
    boolean found(KeyCounts seen, List<KeyCounts.Piece> pieces, byte @Nullable [] to) {
        taking.lock();
        try {
            KeyCounts then = at(seen.changes());
            return then.segments() + pieces.size() <= KeyCounts.SEGMENTS_MAX && replace(then.learned(pieces, to));
        } finally {
            taking.unlock();
        }
    }

    /**
     * Puts other counts in the place of what is known.
     *
     * @param seen of a state
     * @return false if that is of no use: the state is too old
     */
    boolean replace(KeyCounts seen) {
        taking.lock();
        try {
            long number = changes;
            List<Change> since = between(seen.changes(), number);
            if (since == null) {
                return false;
            }
            taken = seen.changed(since, number);
            return true;
        } finally {
            taking.unlock();
        }
    }
}
