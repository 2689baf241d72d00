package io.keelson.apiserver.server;

import java.time.Duration;

/**
 * How the server ends when it is told to.
 *
 * @param delay how long it still serves, while {@code /readyz} says that it is not ready
 * @param retryAfter whether after that it goes on listening until all is answered that it has begun, and asks whoever comes
 *     meanwhile to come again, to another server if there is one
 */
public record ShutdownSettings(Duration delay, boolean retryAfter) {
    /** At once. */
    public static final ShutdownSettings DEFAULT = new ShutdownSettings(Duration.ZERO, false);

    /** @throws IllegalArgumentException naming the flag that cannot be used */
    public ShutdownSettings {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("--shutdown-delay-duration can not be negative value");
        }
    }
}
