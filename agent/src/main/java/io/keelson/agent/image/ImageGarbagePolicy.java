package io.keelson.agent.image;

import java.time.Duration;

/**
 * When images are removed that nobody uses.
 *
 * @param highPercent how full the disk is when it begins; 100 for never ({@code imageGCHighThresholdPercent})
 * @param lowPercent how full it may be afterwards ({@code imageGCLowThresholdPercent})
 * @param minAge for how long each is kept at least since it came ({@code imageMinimumGCAge})
 * @param maxAge for how long each is kept at most since it was last used; zero for ever ({@code imageMaximumGCAge})
 */
public record ImageGarbagePolicy(int highPercent, int lowPercent, Duration minAge, Duration maxAge) {
    /** Those of the kubelet. */
    public static final ImageGarbagePolicy DEFAULTS =
            new ImageGarbagePolicy(85, 80, Duration.ofMinutes(2), Duration.ZERO);

    /** Checks them. */
    public ImageGarbagePolicy {
        if (highPercent < 0 || highPercent > 100) {
            throw new IllegalArgumentException(
                    "invalid HighThresholdPercent " + highPercent + ", must be in range [0-100]");
        }
        if (lowPercent < 0 || lowPercent > 100) {
            throw new IllegalArgumentException(
                    "invalid LowThresholdPercent " + lowPercent + ", must be in range [0-100]");
        }
        if (lowPercent > highPercent) {
            throw new IllegalArgumentException("LowThresholdPercent " + lowPercent
                    + " can not be higher than HighThresholdPercent " + highPercent);
        }
        if (minAge.isNegative() || maxAge.isNegative()) {
            throw new IllegalArgumentException("ages of images must not be negative");
        }
        if (!maxAge.isZero() && maxAge.compareTo(minAge) <= 0) {
            throw new IllegalArgumentException("imageMaximumGCAge must be greater than imageMinimumGCAge");
        }
    }

    /** Whether images are removed at all. */
    boolean enabled() {
        return highPercent < 100 || !maxAge.isZero();
    }
}
