package io.keelson.apiserver.server;

import java.time.Duration;

/**
 * How the server begins and ends.
 *
 * @param livezGrace how long after its start {@code /livez} takes it for granted that what has to happen first will
 * @param shutdownDelay how long it still serves when it is told to stop, while {@code /readyz} says that it is not ready
 * @param shutdownRetryAfter whether after that it goes on listening until all is answered that it has begun, and asks whoever
 *     comes meanwhile to come again, to another server if there is one
 * @param watchGrace over how long watches are ended after that, one after the other, so that their clients do not all come to
 *     another server at the same time; zero for all at once
 */
public record LifetimeSettings(
        Duration livezGrace, Duration shutdownDelay, boolean shutdownRetryAfter, Duration watchGrace) {
    /** At once. */
    public static final LifetimeSettings DEFAULT =
            new LifetimeSettings(Duration.ZERO, Duration.ZERO, false, Duration.ZERO);

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    public LifetimeSettings {
        if (livezGrace.isNegative()) {
            throw new IllegalArgumentException("--livez-grace-period can not be a negative value");
        }
        if (shutdownDelay.isNegative()) {
            throw new IllegalArgumentException("--shutdown-delay-duration can not be negative value");
        }
        if (watchGrace.isNegative()) {
            throw new IllegalArgumentException(
                    "shutdown-watch-termination-grace-period, if provided, can not be a negative value");
        }
    }
}
