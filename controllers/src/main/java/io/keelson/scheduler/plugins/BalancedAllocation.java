package io.keelson.scheduler.plugins;

import io.keelson.scheduler.decision.Score;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.ResourceTable;
import java.util.List;

/** A node is better if its CPU and its memory are used to about the same part. */
public final class BalancedAllocation implements Score {
    private static final int[] RESOURCES = {ResourceTable.CPU, ResourceTable.MEMORY};

    @Override
    public String name() {
        return "NodeResourcesBalancedAllocation";
    }

    @Override
    public Rating prepare(PodInfo pod, ClusterState cluster, List<NodeState> candidates) {
        return node -> {
            double[] used = new double[RESOURCES.length];
            int count = 0;
            double sum = 0;
            for (int resource : RESOURCES) {
                long capacity = node.allocatable(resource);
                if (capacity > 0) {
                    double part = Math.min(1, (double) Usage.after(pod, node, resource) / capacity);
                    used[count++] = part;
                    sum += part;
                }
            }
            if (count < 2) {
                return BEST;
            }
            double mean = sum / count;
            double squares = 0;
            for (int i = 0; i < count; i++) {
                squares += (used[i] - mean) * (used[i] - mean);
            }
            return (long) ((1 - Math.sqrt(squares / count)) * BEST);
        };
    }
}
