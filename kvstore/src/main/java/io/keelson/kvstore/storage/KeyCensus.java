package io.keelson.kvstore.storage;

import io.keelson.kvstore.storage.KeyCounts.Segment;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Counts keys where somebody wants to know how many there are and nobody has looked yet, as after a start, and cuts segments
 * that have grown; on a thread of its own, so that the threads of readers never walk for long, and many who ask for the
 * same wait for one walk. The thread goes when there is nothing to do.
 *
 * <p>It walks a few thousand keys at a time, each time in the newest state, so that it holds no state back for long and what
 * it finds is still of use.
 */
final class KeyCensus implements AutoCloseable {
    /** Ranges that wait to be counted. */
    private static final int WAITING_MAX = 1_024;

    private static final int IDLE_SECONDS = 10;
    private static final int CLOSE_SECONDS = 10;

    /** After so many walks whose result was of no use, those who wait must walk by themselves. */
    private static final int USELESS_MAX = 3;

    private final Database database;
    private final KeyCounting counting;
    private final ThreadPoolExecutor thread;
    private final AtomicBoolean cutting = new AtomicBoolean();
    private volatile boolean closed;

    KeyCensus(Database database, KeyCounting counting) {
        this.database = database;
        this.counting = counting;
        thread = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(WAITING_MAX),
                Thread.ofPlatform().name("key-census").daemon(true).factory());
        thread.allowCoreThreadTimeOut(true);
    }

    /** Takes in what changed, and cuts segments that have grown by it. Does not wait. */
    void cut() {
        if (!closed && cutting.compareAndSet(false, true)) {
            try {
                thread.execute(this::cutGrown);
            } catch (RejectedExecutionException e) {
                // It is full, or about to be closed; the next batch asks again.
                cutting.set(false);
            }
        }
    }

    private void cutGrown() {
        cutting.set(false);
        counting.takeIn();
        walk(counts -> {
            Segment grown = counts.grown();
            return grown == null ? null : new Walk(grown.from(), grown.to(), grown.to());
        });
    }

    /**
     * Completes when the number of keys in a range is known, or cannot be made known.
     *
     * @throws RejectedExecutionException if too many wait already
     */
    CompletableFuture<Void> survey(byte[] from, byte @Nullable [] to) {
        return CompletableFuture.runAsync(
                () -> walk(counts -> {
                    Segment unsettled = counts.unsettled(from, to);
                    if (unsettled == null) {
                        return null;
                    }
                    // To begin within a segment that is known would lose what is known of it.
                    boolean whole = unsettled.known() || Arrays.compareUnsigned(unsettled.from(), from) > 0;
                    return new Walk(whole ? unsettled.from() : from, unsettled.to(), to);
                }),
                thread);
    }

    /**
     * Where to walk.
     *
     * @param to the end of the segment, exclusive; null for the end of all keys
     * @param wanted how far is asked for, exclusive; null for the end of all keys
     */
    private record Walk(byte[] from, byte @Nullable [] to, byte @Nullable [] wanted) {}

    private void walk(Function<KeyCounts, @Nullable Walk> next) {
        int useless = 0;
        while (!closed && useless < USELESS_MAX) {
            try (View view = database.view()) {
                KeyCounts counts = view.counts();
                Walk walk = counts == null ? null : next.apply(counts);
                if (counts == null) {
                    useless++;
                } else if (walk == null) {
                    return;
                } else {
                    boolean used = new KeyCounter(database, view, counts).survey(walk.from, walk.to, walk.wanted);
                    useless = used ? 0 : useless + 1;
                }
            } catch (StorageException e) {
                // Whoever reads or writes meets it too, and says so.
                return;
            }
        }
    }

    /** Ends the walk under way. */
    @Override
    public void close() {
        closed = true;
        // Those who wait are let go on, to meet a closed database.
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
