package io.keelson.cloud.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.keelson.cloud.CloudException;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The addresses that a Node is to have, out of what its provider says, what it has, and what its kubelet was told. */
final class CloudAddresses {
    /** The address that a kubelet was told to use, or one of each family, with a comma in between. */
    static final String PROVIDED = "alpha.kubernetes.io/provided-node-ip";

    private static final String HOSTNAME = "Hostname";

    private CloudAddresses() {}

    /**
     * The addresses.
     *
     * @param offered by the provider; if it offers none, the Node keeps those that it has
     * @throws CloudException if the kubelet uses an address that the provider does not know
     */
    static List<NodeAddress> of(Node node, List<NodeAddress> offered) {
        List<NodeAddress> had = node.getStatus() == null
                ? List.of()
                : OrEmpty.of(node.getStatus().getAddresses());
        if (offered.isEmpty()) {
            return had;
        }
        List<NodeAddress> all = new ArrayList<>(offered);
        if (all.stream().noneMatch(CloudAddresses::isHostname)) {
            had.stream().filter(CloudAddresses::isHostname).forEach(all::add);
        }
        return preferred(node, all);
    }

    private static boolean isHostname(NodeAddress address) {
        return HOSTNAME.equals(address.getType());
    }

    /**
     * Those that the kubelet uses first; others of the same types are left out.
     *
     * @throws CloudException if the kubelet uses an address that is not among them
     */
    static List<NodeAddress> preferred(Node node, List<NodeAddress> addresses) {
        String provided = OrEmpty.of(node.getMetadata().getAnnotations()).get(PROVIDED);
        if (provided == null) {
            return addresses;
        }
        List<NodeAddress> chosen = new ArrayList<>();
        Set<String> types = new HashSet<>();
        for (IpAddress wanted : parsed(provided)) {
            List<NodeAddress> matching = addresses.stream()
                    .filter(address -> wanted.equals(IpAddress.parse(address.getAddress())))
                    .toList();
            if (matching.isEmpty()) {
                throw new CloudException("failed to get node address from cloud provider that matches ip: " + wanted);
            }
            for (NodeAddress address : matching) {
                types.add(address.getType());
                if (!chosen.contains(address)) {
                    chosen.add(address);
                }
            }
        }
        for (NodeAddress address : addresses) {
            if (!types.contains(address.getType())) {
                chosen.add(address);
            }
        }
        return chosen;
    }

    private static List<IpAddress> parsed(String provided) {
        List<IpAddress> addresses = new ArrayList<>();
        for (String text : provided.split(",", -1)) {
            IpAddress address = IpAddress.parse(text.strip());
            if (address == null) {
                throw new CloudException(
                        "failed to parse node IP \"" + provided + "\": could not parse \"" + text + '"');
            }
            addresses.add(address);
        }
        boolean tooMany = addresses.size() > 2
                || (addresses.size() == 2
                        && addresses.get(0).isV6() == addresses.get(1).isV6());
        if (tooMany) {
            throw new CloudException("failed to parse node IP \"" + provided
                    + "\": must contain either a single IP or a dual-stack pair of IPs");
        }
        return addresses;
    }
}
