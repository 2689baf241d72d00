package io.keelson.scheduler.queue;

import java.time.Duration;

/**
 * How long a pod waits: at least, before it is decided on again, longer each time, twice as long, up to a limit; and at most, for
 * something to happen that helps it.
 *
 * @param first at least after the first time
 * @param last at least after many times
 * @param unhelped at most
 */
public record Backoff(Duration first, Duration last, Duration unhelped) {
    private static final Duration UNHELPED = Duration.ofMinutes(5);
    /** As kube-scheduler looks for such pods no more often. */
    private static final Duration UNHELPED_MIN = Duration.ofSeconds(30);

    /** One second to ten, and five minutes. */
    public static final Backoff DEFAULT = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10));

    public Backoff {
        if (!first.isPositive() || last.compareTo(first) < 0) {
            throw new IllegalArgumentException("no backoff goes from " + first + " to " + last);
        }
        if (unhelped.isNegative()) {
            throw new IllegalArgumentException("nobody waits for " + unhelped);
        }
        unhelped = unhelped.compareTo(UNHELPED_MIN) < 0 ? UNHELPED_MIN : unhelped;
    }

    /** With five minutes at most. */
    public Backoff(Duration first, Duration last) {
        this(first, last, UNHELPED);
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
