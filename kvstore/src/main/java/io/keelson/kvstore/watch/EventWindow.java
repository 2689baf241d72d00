package io.keelson.kvstore.watch;

import io.keelson.kvstore.mvcc.KvEvent;
import io.keelson.kvstore.mvcc.RevisionEvents;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The latest revisions with their events, in memory, bounded in number and in bytes. One thread appends and thereby drops
 * the oldest; any thread reads. A reader that asks for what is gone gets null and has to read the store.
 *
 * <p>A revision lives in the slot {@code revision mod capacity}. An entry knows its revision, so a reader that loses the
 * race with the writer sees another revision's entry and takes it for a miss. {@code first} is never seen beyond {@code
 * last + 1}: whoever moves both moves {@code last} first.
 */
final class EventWindow {
    /** What an event costs besides its bytes: objects, references, slots. */
    private static final int EVENT_OVERHEAD_BYTES = 160;

    /** The events of a revision. */
    static final class Entry {
        private final long revision;
        private final SharedEvent[] events;
        private final long bytes;

        Entry(RevisionEvents source) {
            List<KvEvent> list = source.events();
            revision = source.revision();
            events = new SharedEvent[list.size()];
            long sum = 0;
            for (int i = 0; i < events.length; i++) {
                KvEvent event = list.get(i);
                events[i] = new SharedEvent(event);
                sum += EVENT_OVERHEAD_BYTES
                        + 2L * (event.key().length + length(event.record()) + length(event.previous()));
            }
            bytes = sum;
        }

        SharedEvent[] events() {
            return events;
        }

        private static int length(byte @Nullable [] bytes) {
            return bytes == null ? 0 : bytes.length;
        }
    }

    private final AtomicReferenceArray<@Nullable Entry> entries;
    private final int mask;
    private final long bytesMax;
    private volatile long first;
    private volatile long last;
    private long bytes;

    /**
     * An empty window.
     *
     * @param last the revision that the next one follows
     */
    EventWindow(int revisionsMax, long bytesMax, long last) {
        int capacity = Integer.highestOneBit(Math.max(1, revisionsMax - 1)) << 1;
        this.entries = new AtomicReferenceArray<>(capacity);
        this.mask = capacity - 1;
        this.bytesMax = bytesMax;
        this.first = last + 1;
        this.last = last;
    }

    /** The newest revision, whether or not it is kept. */
    long last() {
        return last;
    }

    /** The oldest revision kept; {@code last() + 1} if none is. */
    long first() {
        return first;
    }

    /** The events of a revision, null if they are not here. */
    @Nullable
    Entry get(long revision) {
        Entry entry = entries.getAcquire((int) revision & mask);
        return entry != null && entry.revision == revision ? entry : null;
    }

    /** Adds the revision after {@link #last()}. Only the writer calls this. */
    void append(RevisionEvents source) {
        Entry entry = new Entry(source);
        long revision = entry.revision;
        long kept = first;
        while (kept < revision && (revision - kept > mask || bytes + entry.bytes > bytesMax)) {
            drop(kept);
            kept++;
        }
        first = kept;
        if (entry.bytes <= bytesMax) {
            bytes += entry.bytes;
            entries.setRelease((int) revision & mask, entry);
            last = revision;
        } else {
            last = revision;
            first = revision + 1;
        }
    }

    /** Forgets everything and goes on after {@code revision}. Only the writer calls this. */
    void restart(long revision) {
        for (long kept = first; kept <= last; kept++) {
            drop(kept);
        }
        bytes = 0;
        last = revision;
        first = revision + 1;
    }

    private void drop(long revision) {
        int slot = (int) revision & mask;
        Entry entry = entries.getPlain(slot);
        if (entry != null && entry.revision == revision) {
            bytes -= entry.bytes;
            entries.setRelease(slot, null);
        }
    }
}
