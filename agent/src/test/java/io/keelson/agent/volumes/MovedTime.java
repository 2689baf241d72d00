package io.keelson.agent.volumes;

import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The machine's time, moved by a test. */
final class MovedTime implements Time {
    private final AtomicLong looks = new AtomicLong();
    private volatile Duration moved = Duration.ZERO;
    private volatile boolean hurried;

    void advance(Duration by) {
        moved = moved.plus(by);
    }

    /** From now on each look at the steady clock finds that a second is over, so that nobody waits long. */
    void hurry() {
        hurried = true;
    }

    @Override
    public long nanoTime() {
        return System.nanoTime() + moved.toNanos() + (hurried ? TimeUnit.SECONDS.toNanos(looks.incrementAndGet()) : 0);
    }

    @Override
    public Instant instant() {
        return Instant.now().plus(moved);
    }

    @Override
    public void after(Duration delay, Runnable task) {
        throw new UnsupportedOperationException("nothing here asks for later");
    }

    @Override
    public void close() {
        // It holds nothing.
    }
}
