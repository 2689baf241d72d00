package io.keelson.scheduler.plugins;

import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.ResourceTable;

/** How full a node would be with a pod on it, as it counts when nodes are compared. */
final class Usage {
    private Usage() {}

    /** What would be requested; of CPU and memory something even of containers that request none. */
    static long after(PodInfo pod, NodeState node, int resource) {
        return resource == ResourceTable.CPU || resource == ResourceTable.MEMORY
                ? sum(node.usual(resource), pod.usual().get(resource))
                : requestedAfter(pod, node, resource);
    }

    /** What would be requested, without anything for containers that request none. */
    static long requestedAfter(PodInfo pod, NodeState node, int resource) {
        return sum(node.requested(resource), pod.requests().get(resource));
    }

    /**
     * Whether a resource has a say in comparing nodes for a pod: CPU, memory and ephemeral storage always have, extended ones
     * only if the pod requests some, and the number of pods never has.
     */
    static boolean counts(PodInfo pod, int resource) {
        return resource < ResourceTable.PODS
                || (resource > ResourceTable.PODS && pod.requests().get(resource) > 0);
    }

    private static long sum(long one, long other) {
        long sum = one + other;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
