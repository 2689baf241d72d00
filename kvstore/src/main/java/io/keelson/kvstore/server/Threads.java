package io.keelson.kvstore.server;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of a server besides those of the log, the store and the network.
 *
 * @param readers short reads; a full queue turns reads away
 * @param longReaders ranges and other reads that take their time
 * @param hasher hashes the store, which walks through all of it: one at a time, so that no range has to wait for it
 * @param gateway reads and writes JSON
 * @param metrics makes the page of metrics, for which the database is asked; a full queue turns who asks away
 * @param timer looks after what is due; never blocks
 */
record Threads(
        ExecutorService readers,
        ExecutorService longReaders,
        ExecutorService hasher,
        ExecutorService gateway,
        ExecutorService metrics,
        ScheduledExecutorService timer)
        implements AutoCloseable {
    private static final int SHORT_READS_WAITING_MAX = 100_000;
    private static final int LONG_READS_WAITING_MAX = 10_000;
    private static final int HASHES_WAITING_MAX = 100;
    /** Counted here, and weighed by {@link io.keelson.kvstore.server.net.HalfSentRequests} until they are read. */
    private static final int GATEWAY_WAITING_MAX = 10_000;
    /** Few ask for it, and every few seconds. */
    private static final int METRICS_WAITING_MAX = 64;

    static Threads start() {
        int processors = Runtime.getRuntime().availableProcessors();
        return new Threads(
                pool("reader-", Math.max(2, processors), SHORT_READS_WAITING_MAX),
                pool("range-reader-", Math.max(2, processors), LONG_READS_WAITING_MAX),
                pool("hasher-", 1, HASHES_WAITING_MAX),
                pool("gateway-", Math.max(2, processors), GATEWAY_WAITING_MAX),
                pool("metrics-", 1, METRICS_WAITING_MAX),
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("server-timer").factory()));
    }

    private static ExecutorService pool(String name, int threads, int waitingMax) {
        return new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(waitingMax),
                Thread.ofPlatform().daemon().name(name, 0).factory());
    }

    @Override
    public void close() {
        timer.shutdownNow();
        for (ExecutorService pool : new ExecutorService[] {readers, longReaders, hasher, gateway, metrics}) {
            pool.shutdown();
            try {
                if (!pool.awaitTermination(5, TimeUnit.SECONDS)) {
                    pool.shutdownNow();
                }
            } catch (InterruptedException e) {
                pool.shutdownNow();
                Thread.currentThread().interrupt();
            }
        }
    }
}
