package io.keelson.kvstore.server;

import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.errors.EtcdException;
import io.keelson.raft.RaftException;
import io.keelson.raft.RaftNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;

/**
 * One read point of the log for all reads that come in while another is under way.
 *
 * <p>A read that finds fewer than {@link #ROUNDS_MAX} rounds under way starts one at once; otherwise it waits with all
 * others that come, and they share the next. So an idle member answers after one round, and a busy one pays for a bounded
 * number of rounds, however many reads there are. The reads of a round are run in slices on the reader threads, so that a
 * slow read holds up few others.
 *
 * <p>At most {@link #WAITING_MAX} reads wait for a round; a further one is refused with {@code TOO_MANY_REQUESTS}.
 */
final class BatchedReadPoints implements ReadPoints {
    private static final int ROUNDS_MAX = 2;
    private static final int WAITING_MAX = 100_000;
    private static final int SLICE = 32;

    /** A round that takes longer is slow; etcd asks the leader again after so long. */
    private static final long SLOW_NS = 500_000_000;

    private final RaftNode log;
    private final Executor readers;
    private final LongAdder failed = new LongAdder();
    private final LongAdder slow = new LongAdder();

    private List<CompletableFuture<Void>> waiting = new ArrayList<>();
    private int rounds;

    BatchedReadPoints(RaftNode log, Executor readers) {
        this.log = log;
        this.readers = readers;
    }

    @Override
    public CompletableFuture<Void> linearizable() {
        CompletableFuture<Void> read = new CompletableFuture<>();
        List<CompletableFuture<Void>> batch;
        synchronized (this) {
            if (waiting.size() >= WAITING_MAX) {
                return CompletableFuture.failedFuture(EtcdError.TOO_MANY_REQUESTS.exception());
            }
            waiting.add(read);
            if (rounds == ROUNDS_MAX) {
                return read;
            }
            rounds++;
            batch = take();
        }
        start(batch);
        return read;
    }

    private List<CompletableFuture<Void>> take() {
        List<CompletableFuture<Void>> batch = waiting;
        waiting = new ArrayList<>();
        return batch;
    }

    private void start(List<CompletableFuture<Void>> batch) {
        long beganNs = System.nanoTime();
        var _ = log.readPoint().whenComplete((_, failure) -> {
            finish();
            if (System.nanoTime() - beganNs > SLOW_NS) {
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
    private void finish() {
        List<CompletableFuture<Void>> next;
        synchronized (this) {
            if (waiting.isEmpty()) {
                rounds--;
                return;
            }
            next = take();
        }
        start(next);
    }

    private void release(List<CompletableFuture<Void>> batch) {
        for (int from = 0; from < batch.size(); from += SLICE) {
            List<CompletableFuture<Void>> slice = batch.subList(from, Math.min(batch.size(), from + SLICE));
            try {
                readers.execute(() -> slice.forEach(read -> read.complete(null)));
            } catch (RejectedExecutionException e) {
                fail(slice, EtcdError.TOO_MANY_REQUESTS.exception());
            }
        }
    }

    private static void fail(List<CompletableFuture<Void>> batch, Throwable failure) {
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
