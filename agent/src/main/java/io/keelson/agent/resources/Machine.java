package io.keelson.agent.resources;

import java.util.List;

/**
 * What the machine has that limits depend on.
 *
 * @param memoryBytes all of its memory
 * @param allocatableMemoryBytes what is left of it for pods
 * @param unified whether cgroups are of version 2 alone
 * @param swapLimits whether swap can be limited ({@code memory.memsw.limit_in_bytes}, {@code memory.swap.max})
 * @param hugepageBytes the sizes of huge pages it has
 */
public record Machine(
        long memoryBytes, long allocatableMemoryBytes, boolean unified, boolean swapLimits, List<Long> hugepageBytes) {
    /** Keeps a copy. */
    public Machine {
        if (memoryBytes <= 0) {
            throw new IllegalArgumentException("a machine without memory");
        }
        hugepageBytes = List.copyOf(hugepageBytes);
    }
}
