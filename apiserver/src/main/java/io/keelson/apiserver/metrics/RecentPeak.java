package io.keelson.apiserver.metrics;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many there are of something that comes and goes, and the most there were at a time lately: in the last whole second, or
 * since then. Who looks now and then would not see most of what comes and goes in between. Any thread.
 */
final class RecentPeak {
    private static final long WINDOW_NANOS = 1_000_000_000;

    private final AtomicInteger present = new AtomicInteger();
    private final AtomicInteger highest = new AtomicInteger();
    private volatile long windowStart;
    private volatile int before;

    /** @param nowNanos on the scale of the other calls */
    RecentPeak(long nowNanos) {
        this.windowStart = nowNanos;
    }

    void enter(long nowNanos) {
        turn(nowNanos);
        int count = present.incrementAndGet();
        if (count > highest.get()) {
            highest.accumulateAndGet(count, Math::max);
        }
    }

    void leave() {
        present.decrementAndGet();
    }

    /** The most there were at a time in the last second that is over. */
    int lately(long nowNanos) {
        turn(nowNanos);
        return before;
    }

    private void turn(long nowNanos) {
        if (nowNanos - windowStart >= WINDOW_NANOS) {
            turnTogether(nowNanos);
        }
    }

    private synchronized void turnTogether(long nowNanos) {
        long passed = nowNanos - windowStart;
        if (passed < WINDOW_NANOS) {
            return;
        }
        int now = present.get();
        int peak = highest.getAndSet(now);
        // Nobody came after the first of several seconds, or the window would have been turned then.
        before = passed < 2 * WINDOW_NANOS ? Math.max(peak, now) : now;
        windowStart += passed / WINDOW_NANOS * WINDOW_NANOS;
    }
}
