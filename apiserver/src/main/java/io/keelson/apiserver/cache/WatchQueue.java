package io.keelson.apiserver.cache;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Between the cache, of which one thread at a time puts events in, and the one thread of a watch, which takes them out. Has
 * a fixed number of places. Putting into it never waits.
 */
final class WatchQueue {
    private final AtomicReferenceArray<@Nullable CacheEvent> places;
    private final int mask;
    private volatile long put;
    private volatile long taken;
    private volatile @Nullable Thread waiting;

    WatchQueue(int size) {
        this.places = new AtomicReferenceArray<>(size);
        this.mask = size - 1;
    }

    /** False if it is full. */
    boolean offer(CacheEvent event) {
        long at = put;
        if (at - taken > mask) {
            return false;
        }
        places.setRelease((int) at & mask, event);
        // Only putters write it, and they take turns under the cache's lock.
        publish(at + 1);
        wake();
        return true;
    }

    private void publish(long now) {
        put = now;
    }

    /** Null if it is empty. */
    @Nullable
    CacheEvent poll() {
        long at = taken;
        if (at == put) {
            return null;
        }
        CacheEvent event = places.getAcquire((int) at & mask);
        places.setPlain((int) at & mask, null);
        free(at + 1);
        return event;
    }

    private void free(long now) {
        taken = now;
    }

    boolean isEmpty() {
        return taken == put;
    }

    /** Has a taker that waits look again. Any thread. */
    void wake() {
        Thread sleeper = waiting;
        if (sleeper != null) {
            waiting = null;
            LockSupport.unpark(sleeper);
        }
    }

    /**
     * Waits until {@link #wake} is called, or there was something to take after all. To be called again if it returns
     * early.
     *
     * @param idle asked once more when a call of {@link #wake} can no longer be missed
     */
    void await(long nanos, java.util.function.BooleanSupplier idle) throws InterruptedException {
        waiting = Thread.currentThread();
        if (isEmpty() && idle.getAsBoolean()) {
            LockSupport.parkNanos(this, nanos);
        }
        waiting = null;
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }
}
