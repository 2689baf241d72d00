package io.keelson.benchmarks.load;

import io.grpc.stub.StreamObserver;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Clients that each have one request under way and send the next when it is answered. Failed requests are counted apart
 * and enter no latency.
 */
public final class ClosedLoop {
    private static final long LATENCY_NANOS_MAX = TimeUnit.MINUTES.toNanos(1);
    /** A target of which nothing has come for so long is gone: one that finds another leader takes less. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** A client whose request failed rests: a target that refuses at once is not called in a circle. */
    private static final Executor AFTER_A_REST = CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS);

    /** One request of one client. */
    public interface Operation {
        /** Sends the next request of {@code client}; {@code done} is to be told of its end. */
        void start(int client, Done done);
    }

    /** Told by an operation that it has ended; called once per start. */
    public interface Done {
        /** Ended well, and counts as so many units (keys of a range, or 1). */
        void succeeded(long units);

        void failed(Throwable error);
    }

    /**
     * What a loop has measured.
     *
     * @param units what was counted: requests, or keys where a request brings many
     * @param nanos how long it took
     * @param latency of requests, in nanoseconds
     * @param failures requests that failed
     * @param firstFailure why the first of them did, empty if none
     */
    public record Outcome(long units, long nanos, Histogram latency, long failures, String firstFailure) {}

    private final Operation operation;
    private final Recorder latency = new Recorder(LATENCY_NANOS_MAX, 3);
    private final LongAdder units = new LongAdder();
    private final AtomicLong failures = new AtomicLong();
    private volatile String firstFailure = "";
    /** When the last request ended well, or the first was sent. */
    private volatile long lastSuccessNanos;

    private volatile String lastFailure = "";
    private volatile boolean gaveUp;
    private final long patienceNanos;
    private volatile long endNanos;
    private volatile long remaining;
    private final AtomicLong started = new AtomicLong();
    private final CountDownLatch idle;

    private ClosedLoop(Operation operation, int clients, long patienceNanos) {
        this.operation = operation;
        this.patienceNanos = patienceNanos;
        this.idle = new CountDownLatch(clients);
    }

    /**
     * Runs until the time is over or so many requests were started, whichever is first, and all are answered.
     *
     * @throws IllegalStateException if for half a minute all requests have failed, or at the end some get no answer
     */
    public static Outcome run(Operation operation, int clients, long durationNanos, long operationsMax)
            throws InterruptedException {
        return run(operation, clients, durationNanos, operationsMax, PATIENCE_NANOS);
    }

    static Outcome run(Operation operation, int clients, long durationNanos, long operationsMax, long patienceNanos)
            throws InterruptedException {
        ClosedLoop loop = new ClosedLoop(operation, clients, patienceNanos);
        long begin = System.nanoTime();
        loop.lastSuccessNanos = begin;
        loop.endNanos = begin + durationNanos;
        loop.remaining = operationsMax;
        for (int client = 0; client < clients; client++) {
            loop.next(client);
        }
        if (!loop.idle.await(durationNanos + TimeUnit.SECONDS.toNanos(60), TimeUnit.NANOSECONDS)) {
            throw new IllegalStateException(
                    loop.idle.getCount() + " of " + clients + " clients got no answer within a minute after the end");
        }
        if (loop.gaveUp) {
            throw new IllegalStateException("all requests failed for " + TimeUnit.NANOSECONDS.toSeconds(patienceNanos)
                    + " s, the last of them with: " + loop.lastFailure);
        }
        return new Outcome(
                loop.units.sum(),
                System.nanoTime() - begin,
                loop.latency.getIntervalHistogram(),
                loop.failures.get(),
                loop.firstFailure);
    }

    private void next(int client) {
        if (gaveUp || System.nanoTime() - endNanos >= 0 || started.incrementAndGet() > remaining) {
            idle.countDown();
            return;
        }
        long sent = System.nanoTime();
        operation.start(client, new Done() {
            @Override
            public void succeeded(long count) {
                long now = System.nanoTime();
                lastSuccessNanos = now;
                latency.recordValue(Math.min(now - sent, LATENCY_NANOS_MAX));
                units.add(count);
                next(client);
            }

            @Override
            public void failed(Throwable error) {
                if (failures.incrementAndGet() == 1) {
                    firstFailure = String.valueOf(error.getMessage());
                }
                if (System.nanoTime() - lastSuccessNanos > patienceNanos) {
                    lastFailure = String.valueOf(error.getMessage());
                    gaveUp = true;
                }
                AFTER_A_REST.execute(() -> next(client));
            }
        });
    }

    /**
     * An observer of a unary call that tells {@code done} of its end, counting what {@code counter} finds in it; an answer
     * that the counter does not take is a failure.
     */
    static StreamObserver<byte[]> observer(Done done, ToLongFunction<byte[]> counter) {
        return new StreamObserver<>() {
            private byte[] response = {};

            @Override
            public void onNext(byte[] value) {
                response = value;
            }

            @Override
            public void onError(Throwable error) {
                done.failed(error);
            }

            @Override
            public void onCompleted() {
                long count;
                try {
                    count = counter.applyAsLong(response);
                } catch (IllegalStateException | UncheckedIOException e) {
                    done.failed(e);
                    return;
                }
                done.succeeded(count);
            }
        };
    }
}
