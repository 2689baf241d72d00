package io.keelson.kvstore.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands responses to receivers. A receiver that throws loses its stream, at the end of what the dispatcher is doing, so
 * that no loop over watches meets a change it did not make. Owned by the dispatcher.
 */
final class ResponseSender {
    private static final Logger log = LoggerFactory.getLogger(ResponseSender.class);

    /** No message can be larger than an array; what exceeds this is split whether or not the client asked for it. */
    private static final int MESSAGE_BYTES_MAX = Integer.MAX_VALUE - (1 << 20);

    /** More than any head of events takes. */
    private static final int HEAD_BYTES_MAX = 128;

    private final ResponseOrigin origin;
    private final int fragmentBytesMax;
    private final LongAdder eventsSent = new LongAdder();
    private final List<StreamState> broken = new ArrayList<>();

    ResponseSender(ResponseOrigin origin, int fragmentBytesMax) {
        this.origin = origin;
        this.fragmentBytesMax = fragmentBytesMax;
    }

    /** Whether a stream takes events now. If not, it is marked as blocked. */
    boolean ready(StreamState stream) {
        if (stream.blocked) {
            return false;
        }
        try {
            stream.blocked = !stream.receiver.ready();
        } catch (RuntimeException e) {
            lose(stream, e);
        }
        return !stream.blocked;
    }

    /** Sends a response without events. */
    void control(StreamState stream, WatchMessage.Head head) {
        hand(stream, WatchMessage.of(origin, head));
    }

    /**
     * Sends the events of a batch from a place on: as one response, or as several if the watch asked for fragments.
     *
     * @param revision for the header; at least that of the last event
     */
    void events(Watch watch, EventBatch batch, int from, long revision) {
        watch.quiet = false;
        eventsSent.add(batch.size() - from);
        int bytesMax = watch.fragment ? fragmentBytesMax : MESSAGE_BYTES_MAX;
        WatchMessage.Head whole = WatchMessage.Head.of(revision, watch.id);
        if (batch.size() - from < 2 || batch.bytes(from) + HEAD_BYTES_MAX < bytesMax) {
            hand(watch.stream, WatchMessage.of(origin, whole, batch, from, batch.size()));
            return;
        }
        WatchMessage.Head part = WatchMessage.Head.part(revision, watch.id, true);
        long partHeadBytes = WatchEncoding.head(origin, part).length;
        long wholeHeadBytes = WatchEncoding.head(origin, whole).length;
        int start = from;
        if (batch.bytes(from) + wholeHeadBytes >= bytesMax) {
            int next = start;
            while (next < batch.size()) {
                long bytes = partHeadBytes;
                while (next < batch.size() && (next == start || bytes + batch.encoded(next).length < bytesMax)) {
                    bytes += batch.encoded(next).length;
                    next++;
                }
                if (next < batch.size()) {
                    hand(watch.stream, WatchMessage.of(origin, part, batch, start, next));
                    start = next;
                }
            }
        }
        hand(watch.stream, WatchMessage.of(origin, whole, batch, start, batch.size()));
    }

    /** Tells the receiver that it may send the next request, now or once it is ready. */
    void next(StreamState stream) {
        if (!ready(stream)) {
            stream.owesNext = true;
            return;
        }
        stream.owesNext = false;
        try {
            stream.receiver.next();
        } catch (RuntimeException e) {
            lose(stream, e);
        }
    }

    private void hand(StreamState stream, WatchMessage message) {
        if (stream.broken) {
            return;
        }
        try {
            stream.receiver.send(message);
        } catch (RuntimeException e) {
            lose(stream, e);
        }
    }

    private void lose(StreamState stream, RuntimeException cause) {
        log.warn("a watch stream is closed because its transport failed", cause);
        stream.blocked = true;
        stream.broken = true;
        broken.add(stream);
    }

    /** The streams lost since the last call. */
    List<StreamState> takeBroken() {
        if (broken.isEmpty()) {
            return List.of();
        }
        List<StreamState> taken = List.copyOf(broken);
        broken.clear();
        return taken;
    }

    /** Events sent since the start, counted once for each watch. */
    long eventsSent() {
        return eventsSent.sum();
    }
}
