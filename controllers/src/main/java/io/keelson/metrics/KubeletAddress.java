package io.keelson.metrics;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.keelson.controllers.objects.OrEmpty;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Where kubelets are.
 *
 * @param types of addresses, the one that is taken first if a node has it first
 * @param port where all of them listen
 * @param fromStatus whether the port is that which the node itself tells, if it does
 */
record KubeletAddress(List<String> types, int port, boolean fromStatus) {
    private static final String PATH = "/metrics/resource";

    KubeletAddress {
        types = List.copyOf(types);
    }

    /** Where a node is asked; empty if it has no such address. */
    Optional<URI> of(Node node) {
        if (node.getStatus() == null) {
            return Optional.empty();
        }
        List<NodeAddress> addresses = OrEmpty.of(node.getStatus().getAddresses());
        for (String type : types) {
            for (NodeAddress address : addresses) {
                if (type.equals(address.getType())
                        && !OrEmpty.of(address.getAddress()).isEmpty()) {
                    return uri(address.getAddress(), port(node));
                }
            }
        }
        return Optional.empty();
    }

    private int port(Node node) {
        var endpoints = node.getStatus().getDaemonEndpoints();
        Integer told = endpoints == null || endpoints.getKubeletEndpoint() == null
                ? null
                : endpoints.getKubeletEndpoint().getPort();
        return fromStatus && told != null && told > 0 ? told : port;
    }

    private static Optional<URI> uri(String host, int port) {
        String bracketed = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        try {
            return Optional.of(URI.create("https://" + bracketed + ":" + port + PATH));
        } catch (IllegalArgumentException e) {
            // A node says of itself what it likes.
            return Optional.empty();
        }
    }
}
