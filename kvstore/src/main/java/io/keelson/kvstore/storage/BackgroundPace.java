package io.keelson.kvstore.storage;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

/**
 * How fast flushes and compactions may write. While the disk answers at once that is what the configuration allows. When
 * somebody waits long for it, it becomes half of that, and half again, until the disk answers soon; then it grows little by
 * little. So what can wait makes room for what cannot, on a disk of whatever speed, and on one whose speed changes.
 *
 * <p>It never falls below a multiple of what commands write: all of that is merged several times, and what was left over and
 * over would hold commands up in the end. What is written is looked at for some seconds, so that a burst counts for a while.
 */
final class BackgroundPace {
    /** A wait longer than this for the sync of a few records is a long one. */
    static final long WAIT_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(50);

    /** In bytes a second; merging goes on at any rate. */
    static final long LEAST = 8L << 20;

    /** What is written is written again by the merging of files about so many times. */
    static final int WRITTEN_AGAIN = 6;

    /** Of the pace, by which it grows at each look. */
    private static final int GROWTH_PART = 16;

    /** Of what was written before, what is forgotten at each look. */
    private static final int FORGOTTEN_PART = 8;

    private final long most;
    private final LongConsumer limit;
    private final AtomicLong longestWait = new AtomicLong();
    private final LongAdder written = new LongAdder();

    /** All below: guarded by this. */
    private long pace;

    private long lookedAt;
    private double writtenPerSecond;
    private boolean ended;

    /**
     * @param most bytes a second
     * @param limit is told of every other pace than this one
     * @param nowNanos of the monotonic clock
     */
    BackgroundPace(long most, LongConsumer limit, long nowNanos) {
        this.most = most;
        this.limit = limit;
        this.pace = most;
        this.lookedAt = nowNanos;
    }

    /** Somebody has waited so long for the disk to take a few records. Any thread. */
    void waited(long nanos) {
        longestWait.accumulateAndGet(nanos, Math::max);
    }

    /** Commands have written so many bytes, which are in memory now. Any thread. */
    void written(long bytes) {
        written.add(bytes);
    }

    /** Takes what happened since the last look into account; to be called some times a second. */
    synchronized void look(long nowNanos) {
        long passed = nowNanos - lookedAt;
        if (passed <= 0) {
            return;
        }
        lookedAt = nowNanos;
        double now = written.sumThenReset() * (double) TimeUnit.SECONDS.toNanos(1) / passed;
        writtenPerSecond = Math.max(now, writtenPerSecond - (writtenPerSecond - now) / FORGOTTEN_PART);
        long least = Math.min(most, Math.max(LEAST, (long) (writtenPerSecond * WRITTEN_AGAIN)));
        long next = longestWait.getAndSet(0) > WAIT_NANOS_MAX ? pace / 2 : pace + pace / GROWTH_PART;
        next = Math.clamp(next, least, most);
        if (next != pace && !ended) {
            pace = next;
            limit.accept(next);
        }
    }

    /** When this returns, nobody is told of another pace any more. */
    synchronized void end() {
        ended = true;
    }

    /** Bytes a second. */
    synchronized long pace() {
        return pace;
    }
}
