package io.keelson.kvstore.watch;

import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.kvstore.mvcc.EventHistory;
import io.keelson.kvstore.mvcc.KeyRange;
import io.keelson.kvstore.mvcc.KvEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One bounded look into the past for a number of watches that are behind by about as much. The store is read once, over
 * the smallest range that covers them all, and each event is matched against them in memory. Made by the dispatcher, run
 * by a reader thread, and given back; never touched by two threads at a time.
 */
final class HistoryRead implements Runnable {
    /** One watch's share of a read. */
    static final class Share {
        private final Watch watch;
        private final long from;
        private final Interest interest;
        private final EventBatch.Collector collector;
        private boolean compacted;

        /** Copies what the reader needs, because the watch itself belongs to the dispatcher. */
        Share(Watch watch) {
            this.watch = watch;
            this.from = watch.cursor;
            this.interest = watch.interest();
            this.collector = new EventBatch.Collector(interest.previous());
        }

        Watch watch() {
            return watch;
        }

        /** Whether the share's first revision is compacted, so that there is nothing to be had. */
        boolean compacted() {
            return compacted;
        }

        EventBatch.Collector collector() {
            return collector;
        }
    }

    private final EventHistory history;
    private final List<Share> shares;
    private final long to;
    private final int bytesMax;
    private final Dispatcher dispatcher;

    private long end;
    private long compactRevision;
    private long bytes;
    /** Set until the read has succeeded, so that one cut off by an error is never taken for complete. */
    private @Nullable RuntimeException failure = new IllegalStateException("the read was cut off");

    /**
     * A read for these shares.
     *
     * @param to last revision to read, at or after the first one of every share
     * @param bytesMax no further revision is read once the shares hold so much
     */
    HistoryRead(EventHistory history, List<Share> shares, long to, int bytesMax, Dispatcher dispatcher) {
        this.history = history;
        this.shares = shares;
        this.to = to;
        this.bytesMax = bytesMax;
        this.dispatcher = dispatcher;
    }

    @Override
    public void run() {
        try {
            read();
            failure = null;
        } catch (RuntimeException e) {
            failure = e;
        } finally {
            dispatcher.post(new DispatchCommand.ReadDone(this));
        }
    }

    private void read() {
        while (true) {
            compactRevision = history.compactRevision();
            List<Share> readable = new ArrayList<>(shares.size());
            long from = Long.MAX_VALUE;
            for (Share share : shares) {
                share.compacted = share.from < compactRevision;
                if (!share.compacted) {
                    readable.add(share);
                    from = Math.min(from, share.from);
                }
            }
            if (readable.isEmpty()) {
                end = to;
                return;
            }
            try {
                end = read(from, readable);
                return;
            } catch (EtcdException e) {
                boolean compactedMeanwhile =
                        e.error() == EtcdError.COMPACTED && history.compactRevision() > compactRevision;
                if (!compactedMeanwhile) {
                    throw e;
                }
                for (Share share : readable) {
                    share.collector.take();
                }
                bytes = 0;
            }
        }
    }

    private long read(long from, List<Share> readable) {
        RangeIndex<Share> index = new RangeIndex<>();
        boolean withPrevious = false;
        for (Share share : readable) {
            index.add(share.interest.range(), share);
            withPrevious |= share.interest.previous();
        }
        return history.read(from, to, cover(readable), withPrevious, event -> {
            match(index, event);
            return bytes < bytesMax;
        });
    }

    private void match(RangeIndex<Share> index, KvEvent event) {
        SharedEvent shared = new SharedEvent(event);
        index.find(event.key(), share -> {
            if (event.modRevision() >= share.from && share.interest.wants(event)) {
                bytes += share.collector.add(shared);
            }
        });
    }

    private static KeyRange cover(List<Share> shares) {
        KeyRange first = shares.getFirst().interest.range();
        boolean same = true;
        byte[] from = first.from();
        byte[] to = first.to();
        for (Share share : shares) {
            KeyRange range = share.interest.range();
            same &= range.equals(first);
            if (Arrays.compareUnsigned(range.from(), from) < 0) {
                from = range.from();
            }
            byte[] rangeTo = range.to();
            if (to != null && (rangeTo == null || Arrays.compareUnsigned(rangeTo, to) > 0)) {
                to = rangeTo;
            }
        }
        return same ? first : new KeyRange(from, to, false);
    }

    List<Share> shares() {
        return shares;
    }

    /** The last revision of which every share that is not compacted has all it wants. */
    long end() {
        return end;
    }

    /** The compact revision that {@link Share#compacted} was decided by. */
    long compactRevision() {
        return compactRevision;
    }

    /** Why the store could not be read; null if it could. */
    @Nullable
    RuntimeException failure() {
        return failure;
    }
}
