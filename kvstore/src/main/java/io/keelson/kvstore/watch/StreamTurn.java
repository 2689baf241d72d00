package io.keelson.kvstore.watch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a stream is given when it is ready and has something to come that is not a new event: word of watches that ended,
 * leave to send its next request, events its watches missed, and reports of progress, in this order. A turn is bounded,
 * and a stream that wants more queues again behind the others. Owned by the dispatcher.
 */
final class StreamTurn {
    /** Watches that are looked at for the choice of those to serve. */
    private static final int EXAMINED_MAX = 1024;
    /** Watches served together. */
    private static final int SERVED_MAX = 256;
    /** Revisions of the window gone through. */
    private static final int REVISIONS_MAX = 4096;
    /** From this many watches on, finding the ones an event touches is worth an index. */
    private static final int INDEXED_MIN = 5;

    /** A watch that is being served, and what it has missed. */
    private static final class Served {
        private final Watch watch;
        private final EventBatch.Collector collector;

        Served(Watch watch) {
            this.watch = watch;
            this.collector = new EventBatch.Collector(watch.interest().previous());
        }
    }

    private final EventWindow window;
    private final ResponseSender sender;
    private final CatchUp catchUp;
    private final int bytesMax;
    private final Dispatcher dispatcher;

    private long bytes;

    StreamTurn(EventWindow window, ResponseSender sender, CatchUp catchUp, int bytesMax, Dispatcher dispatcher) {
        this.window = window;
        this.sender = sender;
        this.catchUp = catchUp;
        this.bytesMax = bytesMax;
        this.dispatcher = dispatcher;
    }

    /** Gives a stream its turn. */
    void take(StreamState stream) {
        stream.blocked = stream.broken;
        if (!sender.ready(stream)) {
            return;
        }
        while (!stream.notices.isEmpty() && sender.ready(stream)) {
            StreamState.Notice notice = stream.notices.remove();
            sender.control(
                    stream, WatchMessage.Head.canceled(dispatcher.dispatched(), notice.watchId(), notice.reason()));
        }
        if (stream.owesNext) {
            sender.next(stream);
        }
        serveBehind(stream);
        report(stream);
        answerProgress(stream);
    }

    private void serveBehind(StreamState stream) {
        if (stream.behind.isEmpty()) {
            return;
        }
        long kept = dispatcher.windowServesFrom();
        List<Watch> compacted = new ArrayList<>();
        List<Served> served = new ArrayList<>();
        boolean beforeWindow = false;
        boolean more = false;
        int examined = 0;
        for (Watch watch : stream.behind) {
            if (++examined > EXAMINED_MAX || served.size() >= SERVED_MAX) {
                more = true;
                break;
            }
            if (watch.compacted) {
                compacted.add(watch);
            } else if (watch.cursor < kept) {
                beforeWindow = true;
            } else {
                served.add(new Served(watch));
            }
        }
        for (Watch watch : compacted) {
            if (sender.ready(stream)) {
                dispatcher.endCompacted(watch, dispatcher.compactRevision());
            }
        }
        if (!served.isEmpty()) {
            more |= replay(stream, served);
        }
        if (beforeWindow) {
            catchUp.enqueue(stream);
        }
        if ((more || !compacted.isEmpty()) && sender.ready(stream) && !stream.behind.isEmpty()) {
            dispatcher.enqueueTurn(stream);
        }
    }

    /** Sends what the window holds for these watches; returns whether one of them is still behind. */
    private boolean replay(StreamState stream, List<Served> served) {
        long end = collect(served);
        long dispatched = dispatcher.dispatched();
        boolean more = false;
        for (Served one : served) {
            Watch watch = one.watch;
            if (one.collector.isEmpty()) {
                watch.cursor = Math.max(watch.cursor, end + 1);
            } else {
                EventBatch batch = one.collector.take();
                if (sender.ready(stream)) {
                    sender.events(watch, batch, 0, end);
                    watch.cursor = end + 1;
                } else {
                    watch.cursor = batch.firstRevision();
                }
            }
            if (watch.cursor > dispatched) {
                dispatcher.goLive(watch);
            } else {
                // To the end of the line.
                stream.behind.remove(watch);
                stream.behind.add(watch);
                more = true;
            }
        }
        return more;
    }

    /** Fills the collectors; returns the last revision that was gone through. */
    private long collect(List<Served> served) {
        long from = Long.MAX_VALUE;
        for (Served one : served) {
            from = Math.min(from, one.watch.cursor);
        }
        RangeIndex<Served> index = served.size() < INDEXED_MIN ? null : index(served);
        long to = Math.min(dispatcher.dispatched(), from + REVISIONS_MAX - 1);
        long revision = from;
        bytes = 0;
        while (revision <= to && bytes < bytesMax) {
            EventWindow.Entry entry = window.get(revision);
            if (entry == null) {
                // The writer has just dropped it; whoever needs it reads the store.
                break;
            }
            for (SharedEvent event : entry.events()) {
                match(event, revision, served, index);
            }
            revision++;
        }
        return revision - 1;
    }

    private static RangeIndex<Served> index(List<Served> served) {
        RangeIndex<Served> index = new RangeIndex<>();
        for (Served one : served) {
            index.add(one.watch.interest().range(), one);
        }
        return index;
    }

    private void match(SharedEvent event, long revision, List<Served> served, @Nullable RangeIndex<Served> index) {
        byte[] key = event.event().key();
        if (index != null) {
            index.find(key, one -> offer(one, event, revision));
            return;
        }
        for (Served one : served) {
            if (one.watch.interest().range().contains(key)) {
                offer(one, event, revision);
            }
        }
    }

    private void offer(Served one, SharedEvent event, long revision) {
        if (revision >= one.watch.cursor && one.watch.interest().wants(event.event())) {
            bytes += one.collector.add(event);
        }
    }

    private void report(StreamState stream) {
        while (!stream.reports.isEmpty() && sender.ready(stream)) {
            Watch watch = stream.reports.remove();
            watch.reportDue = false;
            if (watch.state == Watch.State.LIVE && watch.quiet) {
                sender.control(stream, WatchMessage.Head.of(dispatcher.dispatched(), watch.id));
            }
        }
    }

    private boolean beginsInFuture(StreamState stream) {
        long next = window.last() + 1;
        for (Watch watch : stream.watches.values()) {
            if (watch.cursor > next) {
                return true;
            }
        }
        return false;
    }

    private void answerProgress(StreamState stream) {
        if (!stream.owesProgress) {
            return;
        }
        if (stream.watches.isEmpty()) {
            stream.owesProgress = false;
        } else if (dispatcher.dispatched() < stream.progressRevision) {
            dispatcher.turnAfterRound(stream);
        } else if (beginsInFuture(stream)) {
            // Who resumed from the revision that an answer names would see events from before the watch's beginning.
            stream.owesProgress = false;
        } else if (stream.upToDate() && sender.ready(stream)) {
            stream.owesProgress = false;
            sender.control(stream, WatchMessage.Head.of(dispatcher.dispatched(), WatchMessage.NO_WATCH));
        }
    }
}
