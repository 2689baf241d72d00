package io.keelson.agent.volumes;

import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;

/** The machine's time, moved by a test. */
final class MovedTime implements Time {
    private volatile Duration moved = Duration.ZERO;

    void advance(Duration by) {
        moved = moved.plus(by);
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
