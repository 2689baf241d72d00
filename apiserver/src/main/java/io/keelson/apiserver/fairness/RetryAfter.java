package io.keelson.apiserver.fairness;

import java.util.function.LongSupplier;

/**
 * After how many seconds those who were refused are to come back: the longer the more of them are refused, a second more or
 * less each second. Any thread.
 */
final class RetryAfter {
    private static final int SECONDS_MAX = 32;
    private static final long SECOND = 1_000_000_000;

    private final LongSupplier nanoTime;
    private long begunNanos;
    private int refused;
    private int seconds = 1;

    RetryAfter(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.begunNanos = nanoTime.getAsLong();
    }

    synchronized void refused() {
        passTime();
        refused++;
    }

    synchronized int seconds() {
        passTime();
        return seconds;
    }

    private void passTime() {
        long passed = (nanoTime.getAsLong() - begunNanos) / SECOND;
        if (passed <= 0) {
            return;
        }
        if (passed == 1 && refused >= 3 * seconds) {
            seconds = Math.min(SECONDS_MAX, seconds + 1);
        } else if (passed > 1 || refused < seconds) {
            seconds = (int) Math.max(1, seconds - passed);
        }
        begunNanos += passed * SECOND;
        refused = 0;
    }
}
