package io.keelson.cloud.webhook;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.keelson.controllers.objects.OrEmpty;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Addresses and nodes, from Kubernetes' shape to the contract's and back. */
final class Addresses {
    private Addresses() {}

    /** Those of an answer; what lacks a type or an address is none. */
    static List<NodeAddress> read(@Nullable List<Contract.Address> addresses) {
        List<NodeAddress> read = new ArrayList<>();
        for (Contract.Address each : OrEmpty.of(addresses)) {
            if (each != null && each.type() != null && each.address() != null) {
                read.add(new NodeAddress(each.address(), each.type()));
            }
        }
        return read;
    }

    static List<Contract.Address> write(@Nullable List<NodeAddress> addresses) {
        return OrEmpty.of(addresses).stream()
                .map(each -> new Contract.Address(each.getType(), each.getAddress()))
                .toList();
    }

    static List<Contract.Node> nodes(List<Node> nodes) {
        return nodes.stream()
                .map(node -> new Contract.Node(
                        node.getMetadata().getName(),
                        node.getSpec() == null ? "" : OrEmpty.of(node.getSpec().getProviderID()),
                        write(node.getStatus() == null ? null : node.getStatus().getAddresses())))
                .toList();
    }

    /** A piece of a path, escaped. */
    static String escaped(String piece) {
        // A dot alone, or two, would be taken for a folder.
        return URLEncoder.encode(piece, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replaceAll("^\\.{1,2}$", "%2E");
    }
}
