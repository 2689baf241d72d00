package io.keelson.scheduler.queue;

import java.time.Duration;

/**
 * How long a pod waits at least before it is decided on again: longer each time, twice as long, up to a limit.
 *
 * @param first after the first time
 * @param last at most
 */
public record Backoff(Duration first, Duration last) {
    /** One second to ten. */
    public static final Backoff DEFAULT = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

    public Backoff {
        if (!first.isPositive() || last.compareTo(first) < 0) {
            throw new IllegalArgumentException("no backoff goes from " + first + " to " + last);
        }
    }

    /** After so many times, from one on. */
    Duration after(int times) {
        Duration span = first;
        for (int i = 1; i < times && span.compareTo(last) < 0; i++) {
            span = span.multipliedBy(2);
        }
        return span.compareTo(last) <= 0 ? span : last;
    }
}
