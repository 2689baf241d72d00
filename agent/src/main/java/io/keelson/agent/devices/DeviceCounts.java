package io.keelson.agent.devices;

import java.util.Map;

/**
 * How many devices a node has, by resource, as its status tells it.
 *
 * @param capacity all
 * @param allocatable those that can be had
 */
public record DeviceCounts(Map<String, Long> capacity, Map<String, Long> allocatable) {
    /** None. */
    public static final DeviceCounts NONE = new DeviceCounts(Map.of(), Map.of());

    /** Keeps copies. */
    public DeviceCounts {
        capacity = Map.copyOf(capacity);
        allocatable = Map.copyOf(allocatable);
    }
}
