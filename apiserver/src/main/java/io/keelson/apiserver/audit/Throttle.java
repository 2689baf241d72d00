package io.keelson.apiserver.audit;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Holds batches to a number in a second, with some more after a quiet time: a bucket of tokens. */
final class Throttle {
    private final double perNano;
    private final double burst;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition opened = lock.newCondition();
    private double tokens;
    private long at = System.nanoTime();
    private boolean open;

    Throttle(AuditSettings.Batch settings) {
        this.open = !settings.throttled();
        this.perNano = settings.throttlePerSecond() / TimeUnit.SECONDS.toNanos(1);
        this.burst = settings.throttleBurst();
        this.tokens = burst;
    }

    /** Waits until there is a token, and takes it. */
    void await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!open) {
                long now = System.nanoTime();
                tokens = Math.min(burst, tokens + (now - at) * perNano);
                at = now;
                if (tokens >= 1) {
                    tokens--;
                    return;
                }
                long wait = (long) Math.ceil((1 - tokens) / perNano);
                var _ = opened.awaitNanos(Math.max(1, wait));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Holds up nothing any more. */
    void open() {
        lock.lock();
        try {
            open = true;
            opened.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
