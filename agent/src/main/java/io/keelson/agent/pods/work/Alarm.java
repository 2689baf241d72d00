package io.keelson.agent.pods.work;

import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Wakes a worker, and takes it away from what it is doing, but never from anything else: an interrupt that comes when a
 * piece of work is just done does not reach the next thing.
 */
final class Alarm {
    private final Time time;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition rung = lock.newCondition();
    private boolean isRung;
    private boolean isWorking;
    private boolean isClosed;
    private Optional<Instant> set = Optional.empty();

    Alarm(Time time) {
        this.time = time;
    }

    void ring() {
        lock.lock();
        try {
            isRung = true;
            rung.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Rings, and ends what the worker is doing. */
    void ringAndInterrupt(Thread worker) {
        lock.lock();
        try {
            isRung = true;
            rung.signalAll();
            if (isWorking) {
                worker.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The worker begins with something, having heard all rings so far. */
    void begin() {
        lock.lock();
        try {
            isRung = false;
            isWorking = true;
        } finally {
            lock.unlock();
        }
    }

    /** The worker has done it. */
    void end() {
        lock.lock();
        try {
            isWorking = false;
            // One that came after the work was done, or that the work was ended by.
            boolean _ = Thread.interrupted();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a ring, or for a time; returns false if there is nothing to wait for any more. */
    boolean await(Duration limit) {
        lock.lock();
        try {
            set(limit);
            while (!isRung && !isClosed) {
                rung.awaitUninterruptibly();
            }
            return !isClosed;
        } finally {
            lock.unlock();
        }
    }

    /** Rings after a time, unless it does earlier anyway. */
    private void set(Duration limit) {
        Instant at = time.steady().plus(limit);
        if (set.isPresent() && !set.get().isAfter(at)) {
            return;
        }
        set = Optional.of(at);
        time.after(limit, () -> due(at));
    }

    private void due(Instant at) {
        lock.lock();
        try {
            if (set.isPresent() && set.get().equals(at)) {
                set = Optional.empty();
            }
            isRung = true;
            rung.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void close(Thread worker) {
        lock.lock();
        try {
            isClosed = true;
            rung.signalAll();
            if (isWorking) {
                worker.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return isClosed;
        } finally {
            lock.unlock();
        }
    }
}
