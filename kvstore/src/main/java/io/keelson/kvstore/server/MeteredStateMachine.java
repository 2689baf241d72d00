package io.keelson.kvstore.server;

import io.keelson.kvstore.metrics.Metrics;
import io.keelson.raft.CommittedBatch;
import io.keelson.raft.Leadership;
import io.keelson.raft.StateMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures how long batches take to apply, warns of slow ones, and refuses to let the log of a cluster that began with data
 * build up a state from nothing: that data is not in the log, so such a member has to begin with a snapshot.
 */
final class MeteredStateMachine implements StateMachine {
    private static final Logger log = LoggerFactory.getLogger(MeteredStateMachine.class);

    private final StateMachine inner;
    private final boolean snapshotFirst;
    private final long slowNanos;
    private final Metrics.Histogram applySeconds;
    private final Metrics.Histogram snapshotSeconds;
    private final LongAdder slow;
    private final LongAdder restores;
    private final AtomicInteger restoring = new AtomicInteger();

    /** @param snapshotFirst whether an empty state must come from a snapshot */
    MeteredStateMachine(StateMachine inner, boolean snapshotFirst, Duration warning, Metrics metrics) {
        this.inner = inner;
        this.snapshotFirst = snapshotFirst;
        this.slowNanos = warning.isZero() || warning.isNegative() ? Long.MAX_VALUE : warning.toNanos();
        this.applySeconds = metrics.histogram(
                "etcd_disk_backend_commit_duration_seconds",
                "The latency distributions of commit called by backend.",
                Metrics.doubling(0.001, 14));
        this.snapshotSeconds = metrics.histogram(
                "etcd_debugging_snap_save_total_duration_seconds",
                "The total latency distributions of save called by snapshot.",
                Metrics.doubling(0.001, 14));
        this.slow = metrics.counter(
                "etcd_server_slow_apply_total",
                "The total number of slow apply requests (likely overloaded from slow disk).");
        metrics.gauge(
                "etcd_server_snapshot_apply_in_progress_total",
                "1 if the server is applying the incoming snapshot. 0 if none.",
                restoring::get);
        this.restores = metrics.counter(
                "keelson_snapshots_installed_total",
                "Snapshots that were received from another member and put in force.");
    }

    @Override
    public long appliedIndex() {
        return inner.appliedIndex();
    }

    @Override
    public void apply(CommittedBatch batch) {
        if (snapshotFirst && inner.appliedIndex() == 0) {
            throw new IllegalStateException("this cluster began with restored data, which its log does not contain: a"
                    + " member that joins it has to begin with a snapshot. Remove the member and its data, and add it"
                    + " again");
        }
        long start = System.nanoTime();
        inner.apply(batch);
        long took = System.nanoTime() - start;
        applySeconds.observeNanos(took);
        if (took > slowNanos) {
            slow.increment();
            log.warn(
                    "apply request took too long: {} ms, expected less than {} ms, {} commands up to index {}",
                    took / 1_000_000,
                    slowNanos / 1_000_000,
                    batch.size(),
                    batch.lastIndex());
        }
    }

    @Override
    public void saveSnapshot(Path directory) throws IOException {
        long start = System.nanoTime();
        inner.saveSnapshot(directory);
        snapshotSeconds.observeNanos(System.nanoTime() - start);
    }

    @Override
    public void restore(Path directory) throws IOException {
        log.info("applying snapshot");
        restoring.incrementAndGet();
        try {
            inner.restore(directory);
        } finally {
            restoring.decrementAndGet();
        }
        restores.increment();
        log.info("applied snapshot up to index {}", inner.appliedIndex());
    }

    @Override
    public void leadershipChanged(Leadership leadership) {
        inner.leadershipChanged(leadership);
    }
}
