package io.keelson.kvstore.watch;

import io.keelson.kvstore.mvcc.KvEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * Events of whole revisions, in order, with the bytes that are sent for them. Immutable, and shared by all watches that
 * see the same.
 */
final class EventBatch {
    private final SharedEvent[] events;
    private final byte[][] encoded;
    private final long bytes;

    private EventBatch(SharedEvent[] events, byte[][] encoded, long bytes) {
        this.events = events;
        this.encoded = encoded;
        this.bytes = bytes;
    }

    int size() {
        return events.length;
    }

    KvEvent event(int i) {
        return events[i].event();
    }

    byte[] encoded(int i) {
        return encoded[i];
    }

    /** Length of the encoded events from a place on. */
    long bytes(int from) {
        long rest = bytes;
        for (int i = 0; i < from; i++) {
            rest -= encoded[i].length;
        }
        return rest;
    }

    /** Length of the encoded events behind a place. */
    long bytesAfter(int to) {
        long sum = 0;
        for (int i = to; i < encoded.length; i++) {
            sum += encoded[i].length;
        }
        return sum;
    }

    long firstRevision() {
        return events[0].event().modRevision();
    }

    long lastRevision() {
        return events[events.length - 1].event().modRevision();
    }

    /** The place of the first event of {@code revision} or later; {@link #size()} if there is none. */
    int indexFrom(long revision) {
        int low = 0;
        int high = events.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (events[middle].event().modRevision() < revision) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Collects the events of a batch. */
    static final class Collector {
        private final boolean previous;
        private final List<SharedEvent> events = new ArrayList<>();
        private final List<byte[]> encoded = new ArrayList<>();
        private long bytes;

        Collector(boolean previous) {
            this.previous = previous;
        }

        /** Adds an event; returns the length of its encoded form. */
        int add(SharedEvent event) {
            byte[] form = event.encoded(previous);
            events.add(event);
            encoded.add(form);
            bytes += form.length;
            return form.length;
        }

        boolean isEmpty() {
            return events.isEmpty();
        }

        long bytes() {
            return bytes;
        }

        /** The batch collected so far; the collector is empty afterwards. */
        EventBatch take() {
            EventBatch batch =
                    new EventBatch(events.toArray(new SharedEvent[0]), encoded.toArray(new byte[0][]), bytes);
            events.clear();
            encoded.clear();
            bytes = 0;
            return batch;
        }
    }
}
