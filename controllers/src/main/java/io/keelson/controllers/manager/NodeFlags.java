package io.keelson.controllers.manager;

import io.keelson.controllers.nodeipam.NodeIpamSettings;
import io.keelson.controllers.nodelifecycle.NodeLifecycleSettings;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags of the controllers that look after nodes. */
final class NodeFlags {
    @Option(
            names = "--node-monitor-period",
            defaultValue = "5s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How often nodes are looked at. Default: 5s")
    private Duration monitorPeriod;

    @Option(
            names = "--node-monitor-grace-period",
            defaultValue = "50s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "After how long without a sign a node is lost. Default: 50s")
    private Duration monitorGracePeriod;

    @Option(
            names = "--node-startup-grace-period",
            defaultValue = "1m",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "The same for one that has not told of itself yet. Default: 1m")
    private Duration startupGracePeriod;

    @Option(
            names = "--node-eviction-rate",
            defaultValue = "0.1",
            paramLabel = "RATE",
            description = "How many nodes a second of a zone that is well are given up. Default: 0.1")
    private double evictionRate;

    @Option(
            names = "--secondary-node-eviction-rate",
            defaultValue = "0.01",
            paramLabel = "RATE",
            description = "The same of a large zone that is not. Default: 0.01")
    private double secondaryEvictionRate;

    @Option(
            names = "--unhealthy-zone-threshold",
            defaultValue = "0.55",
            paramLabel = "PART",
            description = "Which part of its nodes lost makes a zone unwell. Default: 0.55")
    private double unhealthyZoneThreshold;

    @Option(
            names = "--large-cluster-size-threshold",
            defaultValue = "50",
            paramLabel = "N",
            description = "With more nodes than this a zone is large. Default: 50")
    private int largeClusterSize;

    @Option(
            names = "--allocate-node-cidrs",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "false",
            paramLabel = "BOOL",
            description = "Whether nodes get ranges of addresses for their pods. Default: false")
    private boolean allocateNodeCidrs;

    @Option(
            names = "--cluster-cidr",
            paramLabel = "CIDR",
            split = ",",
            description = "Out of which ranges: one, or one of each family.")
    private @Nullable List<String> clusterCidrs;

    @Option(
            names = "--service-cluster-ip-range",
            paramLabel = "CIDR",
            split = ",",
            description = "Ranges of Services, which nodes do not get.")
    private @Nullable List<String> serviceCidrs;

    @Option(
            names = "--node-cidr-mask-size",
            paramLabel = "BITS",
            description = "How large the range of a node is, in bits of its mask.")
    private @Nullable Integer maskSize;

    @Option(
            names = "--node-cidr-mask-size-ipv4",
            defaultValue = "24",
            paramLabel = "BITS",
            description = "The same in a cluster of both families. Default: 24")
    private int maskSizeIpv4;

    @Option(
            names = "--node-cidr-mask-size-ipv6",
            defaultValue = "64",
            paramLabel = "BITS",
            description = "The same for IPv6. Default: 64")
    private int maskSizeIpv6;

    NodeLifecycleSettings lifecycle() {
        return new NodeLifecycleSettings(
                monitorPeriod,
                monitorGracePeriod,
                startupGracePeriod,
                evictionRate,
                secondaryEvictionRate,
                unhealthyZoneThreshold,
                largeClusterSize);
    }

    /**
     * What nodes get.
     *
     * @return null if they get nothing
     * @throws IllegalArgumentException if ranges are missing, or are none
     */
    @Nullable
    NodeIpamSettings addresses() {
        if (!allocateNodeCidrs) {
            return null;
        }
        return new NodeIpamSettings(
                clusterCidrs == null ? List.of() : clusterCidrs,
                serviceCidrs == null ? List.of() : serviceCidrs,
                maskSize == null ? maskSizeIpv4 : maskSize,
                maskSize == null ? maskSizeIpv6 : maskSize);
    }
}
