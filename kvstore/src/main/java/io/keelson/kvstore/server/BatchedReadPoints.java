package io.keelson.kvstore.server;

import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.raft.RaftException;
import io.keelson.raft.RaftNode;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * One read point of the log for all reads that come in while another is under way.
 *
 * <p>A read that finds no round under way starts one at once; otherwise it waits with all others that come, and they share
 * the next. After a round that served several reads, reads gather for as long again as it took: a round costs the members
 * the same for one read as for a hundred, and so takes at most half of the time, for less than one more round's wait. So
 * an idle member answers after one round, and a busy one pays for few. The reads of a round go on where their callers want
 * them to, in slices, so that a slow read holds up few others.
 *
 * <p>At most {@link #WAITING_MAX} reads wait for a round; a further one is refused with {@code TOO_MANY_REQUESTS}.
 */
final class BatchedReadPoints implements ReadPoints {
    /** With fewer reads in a round than this, nobody is made to wait for company. */
    private static final int COMPANY_MIN = 4;

    private static final long GATHERING_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(2);
    private static final int WAITING_MAX = 100_000;
    private static final int SLICE = 32;

    /** A round that takes longer is slow; etcd asks the leader again after so long. */
    private static final long SLOW_NS = 500_000_000;

    private final RaftNode log;
    private final Executor readers;
    private final ScheduledExecutorService timer;
    private final LongAdder failed = new LongAdder();
    private final LongAdder slow = new LongAdder();

    /** A read that waits, and where it goes on. */
    private static final class Read extends CompletableFuture<Void> {
        private final Executor where;

        Read(Executor where) {
            this.where = where;
        }
    }

    private List<Read> waiting = new ArrayList<>();

    /** A round is under way, or reads gather for the next. */
    private boolean busy;

    /** @param timer begins rounds for which reads have gathered */
    BatchedReadPoints(RaftNode log, Executor readers, ScheduledExecutorService timer) {
        this.log = log;
        this.readers = readers;
        this.timer = timer;
    }

    @Override
    public CompletableFuture<Void> linearizable() {
        return linearizable(readers);
    }

    @Override
    public CompletableFuture<Void> linearizable(Executor where) {
        Read read = new Read(where);
        List<Read> batch;
        synchronized (this) {
            if (waiting.size() >= WAITING_MAX) {
                return CompletableFuture.failedFuture(EtcdError.TOO_MANY_REQUESTS.exception());
            }
            waiting.add(read);
            if (busy) {
                return read;
            }
            busy = true;
            batch = take();
        }
        start(batch);
        return read;
    }

    private List<Read> take() {
        List<Read> batch = waiting;
        waiting = new ArrayList<>();
        return batch;
    }

    private void start(List<Read> batch) {
        long startNanos = System.nanoTime();
        var _ = log.readPoint().whenComplete((_, failure) -> {
            long tookNanos = System.nanoTime() - startNanos;
            finish(batch.size(), tookNanos);
            if (tookNanos > SLOW_NS) {
                slow.increment();
            }
            if (failure == null) {
                release(batch);
            } else {
                failed.increment();
                fail(batch, failure);
            }
        });
    }

    /** Before the reads of the round that ended are run: the next round should not wait for them. */
    private void finish(int served, long tookNanos) {
        if (served >= COMPANY_MIN) {
            try {
                ScheduledFuture<?> _ =
                        timer.schedule(this::startNext, Math.min(tookNanos, GATHERING_NANOS_MAX), TimeUnit.NANOSECONDS);
                return;
            } catch (RejectedExecutionException e) {
                // Closing: the round is begun at once, and the log says that it is closing.
            }
        }
        startNext();
    }

    private void startNext() {
        List<Read> next;
        synchronized (this) {
            if (waiting.isEmpty()) {
                busy = false;
                return;
            }
            next = take();
        }
        start(next);
    }

    private void release(List<Read> batch) {
        IdentityHashMap<Executor, List<Read>> byPlace = new IdentityHashMap<>();
        for (Read read : batch) {
            byPlace.computeIfAbsent(read.where, _ -> new ArrayList<>()).add(read);
        }
        byPlace.forEach((where, reads) -> {
            for (int from = 0; from < reads.size(); from += SLICE) {
                List<Read> slice = reads.subList(from, Math.min(reads.size(), from + SLICE));
                try {
                    where.execute(() -> slice.forEach(read -> read.complete(null)));
                } catch (RejectedExecutionException e) {
                    fail(slice, EtcdError.TOO_MANY_REQUESTS.exception());
                }
            }
        });
    }

    private static void fail(List<Read> batch, Throwable failure) {
        Throwable cause = Failures.cause(failure);
        Throwable told = cause instanceof RaftException raft ? told(raft) : cause;
        batch.forEach(read -> read.completeExceptionally(told));
    }

    private static EtcdException told(RaftException failure) {
        return Failures.ofRaft(failure).exception();
    }

    /** Rounds that failed. */
    long failed() {
        return failed.sum();
    }

    /** Rounds that took long, whether they failed or not. */
    long slow() {
        return slow.sum();
    }

    @Override
    public Executor readers() {
        return readers;
    }
}
