package io.keelson.agent.logs;

import java.time.Duration;

/**
 * When logs are rotated.
 *
 * @param bytesMax how large a file may become ({@code containerLogMaxSize})
 * @param filesMax how many files a container's run has at most, the one that is written among them ({@code
 *     containerLogMaxFiles})
 * @param every how often it is looked ({@code containerLogMonitorInterval})
 */
public record LogRotation(long bytesMax, int filesMax, Duration every) {
    private static final Duration EVERY_MIN = Duration.ofSeconds(3);

    /** Those of the kubelet. */
    public static final LogRotation DEFAULTS = new LogRotation(10L << 20, 5, Duration.ofSeconds(10));

    /** Checks them. */
    public LogRotation {
        if (bytesMax < 1) {
            throw new IllegalArgumentException(
                    "invalid configuration: containerLogMaxSize must be a positive quantity, but is " + bytesMax);
        }
        if (filesMax <= 1) {
            throw new IllegalArgumentException(
                    "invalid configuration: containerLogMaxFiles must be greater than 1, but is " + filesMax);
        }
        if (every.compareTo(EVERY_MIN) < 0) {
            throw new IllegalArgumentException(
                    "invalid configuration: containerLogMonitorInterval must be a positive time duration greater than"
                            + " or equal to 3s");
        }
    }
}
