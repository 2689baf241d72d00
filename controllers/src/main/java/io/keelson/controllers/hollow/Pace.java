package io.keelson.controllers.hollow;

import java.time.Duration;

/** Lets threads go on so many times per second, each in its turn. Safe for any thread. */
final class Pace {
    private final long betweenNanos;
    private long next = System.nanoTime();

    /** So many per second; 0 for no limit. */
    Pace(double perSecond) {
        betweenNanos = perSecond > 0 ? Math.max(1, (long) (1e9 / perSecond)) : 0;
    }

    /** Waits for the caller's turn. */
    void await() throws InterruptedException {
        if (betweenNanos == 0) {
            return;
        }
        long wait;
        synchronized (this) {
            long now = System.nanoTime();
            wait = next - now;
            next = Math.max(next, now) + betweenNanos;
        }
        if (wait > 0) {
            Thread.sleep(Duration.ofNanos(wait));
        }
    }
}
