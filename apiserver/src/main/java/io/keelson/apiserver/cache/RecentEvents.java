package io.keelson.apiserver.cache;

import io.keelson.apiserver.errors.ApiException;
import org.jspecify.annotations.Nullable;

/**
 * The events that happened last, from which watches begin and catch up, with the state of the cache after each. Keeps what
 * is younger than {@link CacheOptions#eventsFresh}, and some older ones as long as there are few; but never more than
 * {@link CacheOptions#eventsMax} or {@link CacheOptions#eventBytesMax}. Guarded by the cache's lock.
 */
final class RecentEvents {
    private static final int CAPACITY_MIN = 64;

    private final CacheOptions options;
    private CacheEvent[] ring = new CacheEvent[CAPACITY_MIN];
    private long first;
    private long next;
    private long bytes;
    private KeyTree<CacheEntry> base = KeyTree.empty();
    private long baseRevision;

    RecentEvents(CacheOptions options) {
        this.options = options;
    }

    /** Begins again behind a list: whoever comes with an older revision has missed something. */
    void reset(KeyTree<CacheEntry> state, long revision) {
        ring = new CacheEvent[CAPACITY_MIN];
        first = next;
        bytes = 0;
        base = state;
        baseRevision = revision;
    }

    /** The sequence number of the oldest event that is kept. */
    long first() {
        return first;
    }

    /** The sequence number of the next event. */
    long next() {
        return next;
    }

    int count() {
        return Math.toIntExact(next - first);
    }

    int capacity() {
        return ring.length;
    }

    long weightBytes() {
        return bytes;
    }

    CacheEvent get(long sequence) {
        return ring[slot(sequence, ring)];
    }

    private static int slot(long sequence, CacheEvent[] ring) {
        return (int) (sequence & (ring.length - 1));
    }

    void add(CacheEvent event) {
        if (count() == ring.length) {
            resize(ring.length * 2);
        }
        ring[slot(next, ring)] = event;
        next++;
        bytes += event.weightBytes();
        long oldestNanos = event.timeNanos() - options.eventsFresh().toNanos();
        while (count() > 1 && tooMuch(oldestNanos)) {
            dropOldest();
        }
        if (ring.length > CAPACITY_MIN && count() < ring.length / 4) {
            resize(ring.length / 2);
        }
    }

    private boolean tooMuch(long oldestNanos) {
        return count() > options.eventsMax()
                || bytes > options.eventBytesMax()
                || (count() > options.eventsMin() && get(first).timeNanos() - oldestNanos < 0);
    }

    private void dropOldest() {
        CacheEvent oldest = get(first);
        forget(first);
        first++;
        bytes -= oldest.weightBytes();
        base = oldest.after();
        baseRevision = oldest.revision();
    }

    @SuppressWarnings("NullAway") // Nothing is read from a slot that holds no event.
    private void forget(long sequence) {
        ring[slot(sequence, ring)] = null;
    }

    private void resize(int capacity) {
        CacheEvent[] other = new CacheEvent[capacity];
        for (long sequence = first; sequence < next; sequence++) {
            other[slot(sequence, other)] = get(sequence);
        }
        ring = other;
    }

    /**
     * The sequence number of the first event behind a revision.
     *
     * @throws ApiException Expired if there were some that are not kept
     */
    long behind(long revision) {
        if (revision < baseRevision) {
            throw tooOld(revision);
        }
        return firstBehind(revision);
    }

    private long firstBehind(long revision) {
        long low = first;
        long high = next;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (get(middle).revision() <= revision) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    ApiException tooOld(long revision) {
        return ApiException.expired("too old resource version: " + revision + " (" + baseRevision + ")");
    }

    /** What the cache held at a revision; null if that is not known any more. */
    @Nullable
    KeyTree<CacheEntry> stateAt(long revision) {
        if (revision < baseRevision) {
            return null;
        }
        long behind = firstBehind(revision);
        return behind == first ? base : get(behind - 1).after();
    }
}
