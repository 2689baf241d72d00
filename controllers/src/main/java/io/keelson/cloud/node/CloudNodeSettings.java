package io.keelson.cloud.node;

import java.time.Duration;

/**
 * What a user sets.
 *
 * @param statusUpdateFrequency {@code --node-status-update-frequency}: how often addresses are asked for
 * @param workers {@code --concurrent-node-syncs}: how many Nodes are worked on at a time
 * @param monitorPeriod {@code --node-monitor-period}: how often machines of Nodes that are not ready are looked for
 */
public record CloudNodeSettings(Duration statusUpdateFrequency, int workers, Duration monitorPeriod) {
    /** Five minutes, one, and five seconds. */
    public static final CloudNodeSettings DEFAULT =
            new CloudNodeSettings(Duration.ofMinutes(5), 1, Duration.ofSeconds(5));

    public CloudNodeSettings {
        if (!statusUpdateFrequency.isPositive()) {
            throw new IllegalArgumentException("--node-status-update-frequency must be greater than zero");
        }
        if (!monitorPeriod.isPositive()) {
            throw new IllegalArgumentException("--node-monitor-period must be greater than zero");
        }
    }
}
