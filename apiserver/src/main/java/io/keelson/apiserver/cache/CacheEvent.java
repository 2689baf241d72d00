package io.keelson.apiserver.cache;

import org.jspecify.annotations.Nullable;

/**
 * Something that happened to an object: it came to be ({@code previous} is null), was changed, or went ({@code entry} is
 * null). One instance for all who are told.
 */
final class CacheEvent {
    private final long sequence;
    private final long revision;
    private final long timeNanos;
    private final @Nullable CacheEntry entry;
    private final @Nullable CacheEntry previous;
    private final KeyTree<CacheEntry> after;
    private volatile @Nullable CacheEntry last;

    /**
     * @param sequence counts the events of one cache, without gaps
     * @param timeNanos when it became known here
     * @param after all objects once it had happened
     */
    CacheEvent(
            long sequence,
            long revision,
            long timeNanos,
            @Nullable CacheEntry entry,
            @Nullable CacheEntry previous,
            KeyTree<CacheEntry> after) {
        this.sequence = sequence;
        this.revision = revision;
        this.timeNanos = timeNanos;
        this.entry = entry;
        this.previous = previous;
        this.after = after;
    }

    long sequence() {
        return sequence;
    }

    long revision() {
        return revision;
    }

    long timeNanos() {
        return timeNanos;
    }

    @Nullable
    CacheEntry entry() {
        return entry;
    }

    @Nullable
    CacheEntry previous() {
        return previous;
    }

    KeyTree<CacheEntry> after() {
        return after;
    }

    /** What the object is, or was last. */
    CacheEntry any() {
        CacheEntry now = entry != null ? entry : previous;
        if (now == null) {
            throw new IllegalStateException("an event about nothing");
        }
        return now;
    }

    /** The object as it was before, with this event's revision: what is sent to whom it has gone from. Made once. */
    CacheEntry lastState() {
        CacheEntry made = last;
        if (made == null) {
            CacheEntry before = previous;
            if (before == null) {
                throw new IllegalStateException("there was no object before");
            }
            made = before.at(revision);
            last = made;
        }
        return made;
    }

    /** About how much memory it keeps from being freed. */
    long weightBytes() {
        // The path in the tree that only this event's state has, and what is around the objects' bytes.
        long path = 1500;
        return path + (previous == null ? 0 : previous.sizeBytes()) + (entry == null ? 0 : entry.sizeBytes());
    }
}
