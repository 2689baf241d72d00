package io.keelson.agent.eviction;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * When a node ends pods.
 *
 * @param thresholds how little there may be of what; see {@link Thresholds#parse}
 * @param pressureFor for how long the node stays under a pressure after there is enough again ({@code
 *     evictionPressureTransitionPeriod})
 * @param graceSecondsMax how long pods have at most when a soft threshold is met; negative for as long as they say
 *     themselves ({@code evictionMaxPodGracePeriod})
 * @param every how often it looks
 * @param limitsStorage whether pods end that use more of the disk than they may ({@code
 *     localStorageCapacityIsolation})
 */
public record EvictionSettings(
        List<Threshold> thresholds, Duration pressureFor, long graceSecondsMax, Duration every, boolean limitsStorage) {
    /** Those of the kubelet. */
    public static final EvictionSettings DEFAULTS = new EvictionSettings(
            Thresholds.parse(Thresholds.HARD, Map.of(), Map.of(), Map.of(), true),
            Duration.ofMinutes(5),
            0,
            Duration.ofSeconds(10),
            true);

    /** Checks them. */
    public EvictionSettings {
        thresholds = List.copyOf(thresholds);
        if (pressureFor.isNegative()) {
            throw new IllegalArgumentException(
                    "invalid configuration: evictionPressureTransitionPeriod must not be negative");
        }
        if (!every.isPositive()) {
            throw new IllegalArgumentException("it looks for pressure again after some time, not after " + every);
        }
    }
}
