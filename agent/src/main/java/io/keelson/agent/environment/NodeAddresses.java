package io.keelson.agent.environment;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.List;

/** By which addresses a node is known to its pods. */
public final class NodeAddresses {
    private NodeAddresses() {}

    /**
     * The node's first address, an internal one rather than an external one, and the first one of the other family if
     * it has any; what {@code status.hostIPs} of its pods says. Empty if it has none yet.
     */
    public static List<String> of(Node node) {
        List<NodeAddress> addresses = node.getStatus() == null
                ? List.of()
                : OrEmpty.of(node.getStatus().getAddresses());
        List<IpAddress> all = new ArrayList<>();
        for (String type : List.of("InternalIP", "ExternalIP")) {
            for (NodeAddress address : addresses) {
                IpAddress ip = IpAddress.parse(address.getAddress());
                if (type.equals(address.getType()) && ip != null) {
                    all.add(ip);
                }
            }
        }
        if (all.isEmpty()) {
            return List.of();
        }
        IpAddress first = all.getFirst();
        List<String> known = new ArrayList<>(List.of(first.toString()));
        all.stream()
                .filter(ip -> ip.isV6() != first.isV6())
                .findFirst()
                .ifPresent(second -> known.add(second.toString()));
        return known;
    }
}
