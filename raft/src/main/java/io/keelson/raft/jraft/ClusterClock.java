package io.keelson.raft.jraft;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Cluster time: counts from 0, never goes back, advances with the monotonic clock of whoever leads and stands still
 * while nobody does. The wall clock has no part in it.
 *
 * <p>Followers know it from the entries they apply and from what the leader tells every second, so that a new leader
 * goes on from where the old one was, within a second, even if nothing was written for long. After a start they know it
 * from their snapshot and from the log behind it: deadlines in the state are in cluster time, so it must not begin again.
 */
final class ClusterClock {
    private final LongSupplier nanoTime;
    private long seenMs;
    private boolean running;
    private long baseMs;
    private long baseNanos;

    ClusterClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Cluster time was at least that. */
    synchronized void saw(long clusterTimeMs) {
        seenMs = Math.max(seenMs, clusterTimeMs);
    }

    /** This member has begun to lead. */
    synchronized void start() {
        if (!running) {
            running = true;
            baseMs = seenMs;
            baseNanos = nanoTime.getAsLong();
        }
    }

    /** This member no longer leads. */
    synchronized void stop() {
        nowMs();
        running = false;
    }

    synchronized long nowMs() {
        if (running) {
            saw(baseMs + TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - baseNanos));
        }
        return seenMs;
    }
}
