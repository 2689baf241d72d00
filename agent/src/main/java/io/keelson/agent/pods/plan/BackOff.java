package io.keelson.agent.pods.plan;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How long a container that keeps ending has to wait before it is started again: not at all the first time, then 10 s,
 * twice as long each time, at most the limit; from the beginning again if it ran for twice the limit.
 *
 * @param delay how long it waits when it ends next
 * @param startedAt when it was started with that, by the clock that does not jump
 */
public record BackOff(Duration delay, Instant startedAt) {
    /** How long it waits after it ended the second time. */
    public static final Duration FIRST = Duration.ofSeconds(10);

    /** How long it waits at most, unless the node's configuration says less. */
    public static final Duration LIMIT = Duration.ofMinutes(5);

    /**
     * How much of the wait is left.
     *
     * @param known null if it was not started again yet
     * @param endedAt when it ended
     * @return zero if it may be started
     */
    static Duration left(@Nullable BackOff known, Instant endedAt, Instant now, Duration limit) {
        if (known == null || isOver(known, endedAt, limit)) {
            return Duration.ZERO;
        }
        Duration left = known.delay.minus(Duration.between(endedAt, now));
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** What is to be remembered when it is started again. */
    static BackOff next(@Nullable BackOff known, Instant endedAt, Instant now, Duration limit) {
        Duration delay = known == null || isOver(known, endedAt, limit) ? FIRST : known.delay.multipliedBy(2);
        return new BackOff(delay.compareTo(limit) < 0 ? delay : limit, now);
    }

    private static boolean isOver(BackOff known, Instant endedAt, Duration limit) {
        return Duration.between(known.startedAt, endedAt).compareTo(limit.multipliedBy(2)) > 0;
    }
}
