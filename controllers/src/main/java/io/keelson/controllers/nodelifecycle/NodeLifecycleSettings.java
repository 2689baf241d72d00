package io.keelson.controllers.nodelifecycle;

import java.time.Duration;

/**
 * What a user may set.
 *
 * @param monitorPeriod {@code --node-monitor-period}: how often nodes are looked at
 * @param gracePeriod {@code --node-monitor-grace-period}: after how long without a sign a node is lost
 * @param startupGracePeriod {@code --node-startup-grace-period}: the same for one that has not told of itself yet
 * @param evictionRate {@code --node-eviction-rate}: nodes per second and zone that are given up while a zone is well, or
 *     lost as a whole
 * @param secondaryEvictionRate {@code --secondary-node-eviction-rate}: the same while a large zone is unwell
 * @param unhealthyZoneThreshold {@code --unhealthy-zone-threshold}: the part of its nodes, at least three, that makes a zone
 *     unwell
 * @param largeClusterSizeThreshold {@code --large-cluster-size-threshold}: a zone of up to so many nodes is small: while it
 *     is unwell none is given up
 */
public record NodeLifecycleSettings(
        Duration monitorPeriod,
        Duration gracePeriod,
        Duration startupGracePeriod,
        double evictionRate,
        double secondaryEvictionRate,
        double unhealthyZoneThreshold,
        int largeClusterSizeThreshold) {
    /** As the original has it. */
    public static final NodeLifecycleSettings DEFAULT = new NodeLifecycleSettings(
            Duration.ofSeconds(5), Duration.ofSeconds(50), Duration.ofSeconds(60), 0.1, 0.01, 0.55, 50);

    public NodeLifecycleSettings {
        if (!monitorPeriod.isPositive() || gracePeriod.isNegative() || startupGracePeriod.isNegative()) {
            throw new IllegalArgumentException("periods of the node lifecycle must be positive");
        }
        if (!(evictionRate >= 0) || !(secondaryEvictionRate >= 0)) {
            throw new IllegalArgumentException("eviction rates must not be negative");
        }
    }

    /** The settings with other periods. */
    public NodeLifecycleSettings withPeriods(Duration monitor, Duration grace, Duration startupGrace) {
        return new NodeLifecycleSettings(
                monitor,
                grace,
                startupGrace,
                evictionRate,
                secondaryEvictionRate,
                unhealthyZoneThreshold,
                largeClusterSizeThreshold);
    }

    /** The settings with another rate for zones that are well. */
    public NodeLifecycleSettings withEvictionRate(double rate) {
        return new NodeLifecycleSettings(
                monitorPeriod,
                gracePeriod,
                startupGracePeriod,
                rate,
                secondaryEvictionRate,
                unhealthyZoneThreshold,
                largeClusterSizeThreshold);
    }
}
