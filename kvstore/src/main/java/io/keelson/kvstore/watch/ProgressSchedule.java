package io.keelson.kvstore.watch;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * When which stream reports progress to its idle watches. A stream keeps the rhythm it got when it was opened. Owned by
 * the dispatcher.
 */
final class ProgressSchedule {
    private final Queue<StreamState> ticking =
            new PriorityQueue<>(Comparator.comparingLong((StreamState stream) -> stream.nextTickNs));

    /** A watch that wants reports was created on a stream. */
    void want(StreamState stream, long nowNs) {
        if (stream.ticking) {
            return;
        }
        stream.ticking = true;
        skipPast(stream, nowNs);
        ticking.add(stream);
    }

    /** The next stream that is due, with its watches noted in {@link StreamState#reports}; false if none is. */
    boolean tick(long nowNs, Dispatcher dispatcher) {
        StreamState stream = ticking.peek();
        if (stream == null || stream.nextTickNs > nowNs) {
            return false;
        }
        ticking.remove();
        boolean wanted = false;
        if (!stream.closed) {
            for (Watch watch : stream.watches.values()) {
                if (watch.progressNotify) {
                    wanted = true;
                    note(stream, watch);
                }
            }
        }
        if (wanted) {
            skipPast(stream, nowNs);
            ticking.add(stream);
            if (!stream.reports.isEmpty()) {
                dispatcher.enqueueTurn(stream);
            }
        } else {
            stream.ticking = false;
        }
        return true;
    }

    private static void note(StreamState stream, Watch watch) {
        if (watch.quiet && watch.state == Watch.State.LIVE && !watch.reportDue) {
            watch.reportDue = true;
            stream.reports.add(watch);
        }
        watch.quiet = true;
    }

    private static void skipPast(StreamState stream, long nowNs) {
        long late = nowNs - stream.nextTickNs;
        if (late >= 0) {
            stream.nextTickNs += (late / stream.tickIntervalNs + 1) * stream.tickIntervalNs;
        }
    }

    /** Nanoseconds until the next tick; {@link Long#MAX_VALUE} if none is to come. */
    long untilNextNs(long nowNs) {
        StreamState stream = ticking.peek();
        return stream == null ? Long.MAX_VALUE : Math.max(0, stream.nextTickNs - nowNs);
    }

    void clear() {
        ticking.clear();
    }
}
