package io.keelson.kvstore.watch;

import io.keelson.kvstore.mvcc.EventHistory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;

/**
 * Decides what is read from the store next, for watches that the window no longer serves. As many reads as there are
 * threads are under way at once, each bounded in revisions and in bytes. Streams take turns: each read is made for the
 * watch that waits longest on the stream whose turn it is, and takes along watches of any stream that are about as far
 * behind, so that ten thousand clients that come back together cost some twenty passes over the past and not ten
 * thousand. Owned by the dispatcher.
 */
final class CatchUp {
    /** Revisions that one read may cover. */
    private static final int REVISIONS_MAX = 1 << 14;
    /** Watches that one read may serve. */
    private static final int SHARES_MAX = 512;
    /** Watches that one read looks at on one stream. */
    private static final int EXAMINED_PER_STREAM_MAX = 1024;
    /** Streams that one read looks at. */
    private static final int STREAMS_MAX = 512;

    private final EventHistory history;
    private final Executor executor;
    private final int readsMax;
    private final int bytesMax;
    private final Dispatcher dispatcher;
    private final Queue<StreamState> streams = new ArrayDeque<>();
    private int underWay;

    CatchUp(EventHistory history, Executor executor, WatchConfig config, Dispatcher dispatcher) {
        this.history = history;
        this.executor = executor;
        this.readsMax = config.catchUpThreads();
        this.bytesMax = config.responseBytesMax();
        this.dispatcher = dispatcher;
    }

    /** Queues a stream that has watches behind the window. */
    void enqueue(StreamState stream) {
        if (!stream.historyQueued && !stream.closed) {
            stream.historyQueued = true;
            streams.add(stream);
        }
    }

    /** A read has come back. */
    void done() {
        underWay--;
    }

    /** Starts as many reads as there is work and room for. */
    void start() {
        while (underWay < readsMax && !streams.isEmpty()) {
            StreamState stream = streams.remove();
            stream.historyQueued = false;
            // A blocked stream comes back with its next turn, once it is ready.
            if (!stream.closed && !stream.blocked) {
                start(stream);
            }
        }
    }

    private void start(StreamState stream) {
        long from = Long.MAX_VALUE;
        long kept = dispatcher.windowServesFrom();
        for (Watch watch : stream.behind) {
            if (!watch.compacted && watch.cursor < kept) {
                from = watch.cursor;
                break;
            }
        }
        if (from == Long.MAX_VALUE) {
            return;
        }
        long to = Math.min(dispatcher.dispatched(), from + REVISIONS_MAX - 1);
        List<HistoryRead.Share> shares = new ArrayList<>();
        boolean left = take(stream, from, to, kept, shares);
        int looked = 0;
        for (StreamState other : streams) {
            if (shares.size() >= SHARES_MAX || ++looked > STREAMS_MAX) {
                break;
            }
            if (!other.closed && !other.blocked) {
                take(other, from, to, kept, shares);
            }
        }
        if (left) {
            enqueue(stream);
        }
        underWay++;
        executor.execute(new HistoryRead(history, shares, to, bytesMax, dispatcher));
    }

    /** Moves watches that start in [from, to] into a read; returns whether the stream has others behind the window. */
    private static boolean take(StreamState stream, long from, long to, long kept, List<HistoryRead.Share> shares) {
        boolean left = false;
        int examined = 0;
        Iterator<Watch> watches = stream.behind.iterator();
        while (watches.hasNext()) {
            Watch watch = watches.next();
            if (watch.compacted || watch.cursor >= kept) {
                continue;
            }
            if (shares.size() >= SHARES_MAX || ++examined > EXAMINED_PER_STREAM_MAX) {
                return true;
            }
            if (watch.cursor < from || watch.cursor > to) {
                left = true;
                continue;
            }
            watches.remove();
            watch.state = Watch.State.READING;
            stream.reading++;
            shares.add(new HistoryRead.Share(watch));
        }
        return left;
    }
}
