package io.keelson.cloud;

import io.fabric8.kubernetes.api.model.NodeAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A way to the pods of a node.
 *
 * @param name what the provider calls it; empty before it is made
 * @param node the name of the Node that packets are sent to; empty if it leads to none
 * @param destination the range of addresses, {@code 10.244.1.0/24} say
 * @param nodeAddresses which addresses of the node it leads to; null if the provider does not say
 * @param blackhole whether packets end there, as the machine is gone
 */
public record Route(
        String name,
        String node,
        String destination,
        @Nullable List<NodeAddress> nodeAddresses,
        boolean blackhole) {
    public Route {
        nodeAddresses = nodeAddresses == null ? null : List.copyOf(nodeAddresses);
    }
}
