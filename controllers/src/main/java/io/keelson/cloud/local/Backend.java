package io.keelson.cloud.local;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;

/**
 * A node that traffic can be sent to.
 *
 * @param name the Node's
 * @param addresses where it can be reached, the best first; not empty
 */
record Backend(String name, List<IpAddress> addresses) {
    Backend {
        addresses = List.copyOf(addresses);
    }

    /** Those of the nodes that have an address. */
    static List<Backend> of(List<Node> nodes) {
        List<Backend> backends = new ArrayList<>();
        for (Node node : nodes) {
            List<IpAddress> addresses = new ArrayList<>(addresses(node, "InternalIP"));
            addresses.addAll(addresses(node, "ExternalIP"));
            if (!addresses.isEmpty()) {
                backends.add(new Backend(node.getMetadata().getName(), addresses));
            }
        }
        return backends;
    }

    private static List<IpAddress> addresses(Node node, String type) {
        List<IpAddress> addresses = new ArrayList<>();
        List<NodeAddress> all = node.getStatus() == null
                ? List.of()
                : OrEmpty.of(node.getStatus().getAddresses());
        for (NodeAddress each : all) {
            IpAddress address = type.equals(each.getType()) ? IpAddress.parse(each.getAddress()) : null;
            if (address != null) {
                addresses.add(address);
            }
        }
        return addresses;
    }

    /** The best address of a family, or the best of all if it has none of that. */
    IpAddress address(boolean isV6) {
        return addresses.stream()
                .filter(address -> address.isV6() == isV6)
                .findFirst()
                .orElse(addresses.getFirst());
    }
}
