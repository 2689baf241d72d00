package io.keelson.scheduler.plugins;

import io.keelson.scheduler.decision.Score;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.ResourceTable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node is better if its resources, by default CPU and memory, are requested to about the same part: 100 less the standard
 * deviation of the parts in percent. Pods that request none of them have no wish, or they would all go to the same node.
 */
public final class BalancedAllocation implements Score {
    private final List<String> resources;

    /** Balances CPU and memory. */
    public BalancedAllocation() {
        this(List.of("cpu", "memory"));
    }

    /** Balances resources by name; {@code NodeResourcesBalancedAllocationArgs.resources}. */
    public BalancedAllocation(List<String> resources) {
        this.resources = List.copyOf(resources);
    }

    @Override
    public String name() {
        return "NodeResourcesBalancedAllocation";
    }

    @Override
    public @Nullable Rating prepare(PodInfo pod, ClusterState cluster, List<NodeState> candidates) {
        ResourceTable table = cluster.table();
        int[] counted = resources.stream()
                .mapToInt(table::number)
                .filter(resource -> Usage.counts(pod, resource))
                .toArray();
        boolean requestsSome = false;
        for (int resource : counted) {
            requestsSome |= pod.requests().get(resource) > 0;
        }
        return requestsSome ? node -> balance(pod, node, counted) : null;
    }

    private static long balance(PodInfo pod, NodeState node, int[] counted) {
        double[] parts = new double[counted.length];
        int count = 0;
        double sum = 0;
        for (int resource : counted) {
            long capacity = node.allocatable(resource);
            if (capacity > 0) {
                double part = Math.min(1, (double) Usage.requestedAfter(pod, node, resource) / capacity);
                parts[count++] = part;
                sum += part;
            }
        }
        return (long) ((1 - deviation(parts, count, sum)) * BEST);
    }

    private static double deviation(double[] parts, int count, double sum) {
        if (count < 2) {
            return 0;
        }
        if (count == 2) {
            return Math.abs((parts[0] - parts[1]) / 2);
        }
        double mean = sum / count;
        double squares = 0;
        for (int i = 0; i < count; i++) {
            squares += (parts[i] - mean) * (parts[i] - mean);
        }
        return Math.sqrt(squares / count);
    }
}
