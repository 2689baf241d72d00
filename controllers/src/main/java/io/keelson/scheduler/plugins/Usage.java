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
                ? node.usual(resource) + pod.usual().get(resource)
                : node.requested(resource) + pod.requests().get(resource);
    }
}
