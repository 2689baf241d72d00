package io.keelson.agent.resources.placement;

import io.keelson.controllers.objects.Amount;
import java.util.Map;
import java.util.TreeMap;

/**
 * What of each NUMA node's memory is for the system ({@code reservedMemory}).
 *
 * @param bytes by the number of the node and the sort of memory
 */
public record ReservedMemory(Map<Integer, Map<String, Long>> bytes) {
    /** Keeps a copy. */
    public ReservedMemory {
        Map<Integer, Map<String, Long>> copy = new TreeMap<>();
        bytes.forEach((node, sorts) -> copy.put(node, Map.copyOf(sorts)));
        bytes = copy;
    }

    /**
     * Checks that all nodes together reserve what the machine as a whole does.
     *
     * @param wanted for the system, for the agent and for eviction, by the sort of memory
     * @throws IllegalArgumentException if they do not, or name a node that is not there; in the kubelet's words
     */
    ReservedMemory checked(NumaNodes machine, Map<String, Long> wanted) {
        Map<String, Long> sums = new TreeMap<>();
        bytes.forEach((node, sorts) -> {
            if (!machine.all().has(node)) {
                throw new IllegalArgumentException("the reserved memory configuration references a NUMA node " + node
                        + " that does not exist on this machine");
            }
            sorts.forEach((sort, amount) -> sums.merge(sort, amount, Math::addExact));
        });
        sums.forEach((sort, sum) -> check(sort, sum, wanted.getOrDefault(sort, 0L)));
        wanted.forEach((sort, amount) -> check(sort, sums.getOrDefault(sort, 0L), amount));
        if (sums.getOrDefault("memory", 0L) <= 0) {
            throw new IllegalArgumentException("[memorymanager] you should specify the system reserved memory");
        }
        return this;
    }

    private static void check(String sort, long sum, long wanted) {
        if (sum != wanted) {
            throw new IllegalArgumentException(
                    "the total amount \"" + Amount.bytes(sum).quantity() + "\" of type \""
                            + sort + "\" is not equal to the value \""
                            + Amount.bytes(wanted).quantity()
                            + "\" determined by Node Allocatable feature");
        }
    }
}
