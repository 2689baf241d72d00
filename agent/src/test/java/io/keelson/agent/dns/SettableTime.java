package io.keelson.agent.dns;

import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;

/** A clock that moves when a test says so, and runs nothing. */
final class SettableTime implements Time {
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

    void advance(Duration by) {
        now = now.plus(by);
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public void after(Duration delay, Runnable task) {
        throw new UnsupportedOperationException("nothing is put off here");
    }

    @Override
    public void close() {}
}
