package io.keelson.kvstore.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the records of several keys at the same time. One thread asks for what many commands need, and a disk that takes
 * long for each read can usually do many of them at once; asked one after the other, a hundred cold keys would take a
 * hundred times as long.
 *
 * <p>That is of use only while reads do wait for the disk: from memory one takes less than to wake another thread for it.
 * So it is told how long reads took, and says whether one was slow lately. Used by one thread at a time; its helpers last
 * only as long as there is something to do.
 */
final class ReadAhead implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ReadAhead.class);
    private static final int HELPERS_MAX = 15;
    private static final long IDLE_MS = 5_000;
    private static final long LATELY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final long slowNanos;
    private final ThreadPoolExecutor helpers = new ThreadPoolExecutor(
            HELPERS_MAX, HELPERS_MAX, IDLE_MS, TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread thread = new Thread(task, "read-ahead");
                thread.setDaemon(true);
                return thread;
            });
    private boolean slowLately;
    private long slowAtNanos;

    /** @param slowNanos a read that takes longer has waited for the disk; at 0 any read has */
    ReadAhead(long slowNanos) {
        this.slowNanos = slowNanos;
        this.slowLately = slowNanos == 0;
        helpers.allowCoreThreadTimeOut(true);
    }

    /** A read has taken so long. */
    void took(long nanos, long nowNanos) {
        if (nanos > slowNanos) {
            slowLately = true;
            slowAtNanos = nowNanos;
        }
    }

    /** Whether reads wait for the disk at this time. */
    boolean isOfUse(long nowNanos) {
        if (slowLately && slowNanos > 0 && nowNanos - slowAtNanos > LATELY_NANOS) {
            slowLately = false;
        }
        return slowLately;
    }

    /**
     * Reads the record of each key, the calling thread helping, and returns when all have been read.
     *
     * @param read on any thread
     * @return as many places as there are keys; a place is null where the read failed
     */
    <R> AtomicReferenceArray<@Nullable R> readAll(List<byte[]> keys, Function<byte[], R> read) {
        AtomicReferenceArray<@Nullable R> records = new AtomicReferenceArray<>(keys.size());
        AtomicInteger next = new AtomicInteger();
        Runnable some = () -> {
            for (int i = next.getAndIncrement(); i < keys.size(); i = next.getAndIncrement()) {
                try {
                    records.set(i, read.apply(keys.get(i)));
                } catch (StorageException e) {
                    // Whoever needs the record reads it again, and meets what was wrong.
                    records.set(i, null);
                }
            }
        };
        List<Future<?>> helping = new ArrayList<>();
        try {
            for (int i = 1; i < Math.min(keys.size(), HELPERS_MAX + 1); i++) {
                helping.add(helpers.submit(some));
            }
            some.run();
        } finally {
            // A helper that is still reading must not outlive the database it reads from.
            helping.forEach(ReadAhead::await);
        }
        return records;
    }

    private static void await(Future<?> helper) {
        boolean interrupted = false;
        while (!helper.isDone()) {
            try {
                helper.get();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                log.warn("a read ahead failed", e.getCause());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        helpers.shutdown();
    }
}
