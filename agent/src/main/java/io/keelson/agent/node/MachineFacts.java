package io.keelson.agent.node;

import java.util.Map;

/**
 * What a machine is.
 *
 * @param diskBytes of the file system that has the agent's folder
 * @param hugepages how many bytes of memory are in huge pages, by the size of these in bytes
 * @param architecture as Go calls it: {@code amd64}, {@code arm64}
 */
public record MachineFacts(
        int cpus,
        long memoryBytes,
        long swapBytes,
        long diskBytes,
        Map<Long, Long> hugepages,
        String kernelVersion,
        String osImage,
        String machineId,
        String systemUuid,
        String bootId,
        String architecture) {
    /** Keeps a copy. */
    public MachineFacts {
        hugepages = Map.copyOf(hugepages);
    }
}
