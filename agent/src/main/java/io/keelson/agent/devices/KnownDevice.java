package io.keelson.agent.devices;

import io.keelson.agent.resources.topology.NodeSet;
import java.util.List;

/**
 * A device as its plugin tells of it.
 *
 * @param nodes of memory that it is near to; none if that does not matter
 */
record KnownDevice(String id, boolean healthy, List<Long> nodes) {
    KnownDevice {
        nodes = List.copyOf(nodes);
    }

    /** The nodes that it is near to, without those that no machine has. */
    NodeSet near() {
        return NodeSet.of(nodes.stream()
                .filter(node -> node >= 0 && node < NodeSet.NUMBER_LIMIT)
                .map(Long::intValue)
                .toList());
    }

    /** Whether it is near to one of these. */
    boolean isNear(NodeSet some) {
        return !near().common(some).isEmpty();
    }
}
