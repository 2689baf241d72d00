package io.keelson.controllers.cronjob;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Again and again after a fixed time, as {@code @every 1h30m}, counted from the last run, or from when the object was
 * made.
 *
 * @param interval whole seconds, at least one
 */
record FixedInterval(Duration interval) implements CronSchedule {
    FixedInterval {
        if (interval.toSeconds() < 1 || !interval.equals(Duration.ofSeconds(interval.toSeconds()))) {
            throw new IllegalArgumentException("not a number of whole seconds: " + interval);
        }
    }

    @Override
    public @Nullable Instant next(Instant anchor, Instant after) {
        return anchor.plusSeconds((number(anchor, after) + 1) * interval.toSeconds());
    }

    @Override
    public @Nullable Instant latest(Instant anchor, Instant now) {
        long number = number(anchor, now);
        return number == 0 ? null : anchor.plusSeconds(number * interval.toSeconds());
    }

    @Override
    public long runs(Instant anchor, Instant after, Instant until, long limit) {
        return Math.min(limit, Math.max(0, number(anchor, until) - number(anchor, after)));
    }

    /** How many times there are from the anchor until a time. */
    private long number(Instant anchor, Instant time) {
        return Math.max(0, Duration.between(anchor, time).toSeconds() / interval.toSeconds());
    }
}
