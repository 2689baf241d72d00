package io.keelson.agent.node;

import io.fabric8.kubernetes.api.model.Taint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an administrator says of a node.
 *
 * @param name of its object
 * @param hostname what the machine is called; the node's name where that was given
 * @param addresses its IP addresses, the first one of each family being the node's
 * @param port of the node's server
 * @param register whether its object is made if there is none ({@code registerNode})
 * @param schedulable whether pods may be put there at once ({@code registerSchedulable}, the other way round)
 * @param labels that it is made with ({@code --node-labels})
 * @param taints that it is made with ({@code registerWithTaints})
 * @param providerId how its cloud calls it, as the spec of its object has it
 * @param podsMax how many pods it takes ({@code maxPods})
 * @param imagesMax how many images its status tells of, negative for all ({@code nodeStatusMaxImages})
 * @param reserve what pods cannot have
 * @param lookEvery how often it is looked whether something changed ({@code nodeStatusUpdateFrequency})
 * @param reportEvery how often its status is written though nothing has ({@code nodeStatusReportFrequency})
 * @param leaseDuration how long the lease is good ({@code nodeLeaseDurationSeconds}); it is renewed four times in that
 */
public record NodeSettings(
        String name,
        String hostname,
        List<String> addresses,
        int port,
        boolean register,
        boolean schedulable,
        Map<String, String> labels,
        List<Taint> taints,
        Optional<String> providerId,
        int podsMax,
        int imagesMax,
        Reserve reserve,
        Duration lookEvery,
        Duration reportEvery,
        Duration leaseDuration) {

    /**
     * What pods cannot have: for the system, for the agent, and what is kept free by eviction.
     *
     * @param cpuMillis thousandths of processors
     * @param diskPart part of the disk besides {@code diskBytes}, from 0 to 1
     */
    public record Reserve(long cpuMillis, long memoryBytes, long diskBytes, double diskPart) {
        /** What the kubelet's default eviction thresholds keep free. */
        public static final Reserve DEFAULTS = new Reserve(0, 100L << 20, 0, 0.1);
    }

    /** Keeps copies. */
    public NodeSettings {
        addresses = List.copyOf(addresses);
        labels = Map.copyOf(labels);
        taints = List.copyOf(taints);
        if (leaseDuration.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(
                    "invalid configuration: nodeLeaseDurationSeconds must be greater than 0");
        }
    }

    /** A node as it is without configuration. */
    public static NodeSettings of(String name, List<String> addresses, int port) {
        return new NodeSettings(
                name,
                name,
                addresses,
                port,
                true,
                true,
                Map.of(),
                List.of(),
                Optional.empty(),
                110,
                50,
                Reserve.DEFAULTS,
                Duration.ofSeconds(10),
                Duration.ofMinutes(5),
                Duration.ofSeconds(40));
    }
}
