package io.keelson.proxy.rules;

import io.keelson.controllers.objects.IpAddress;
import java.util.List;

/**
 * What of this node matters to which endpoints are taken.
 *
 * @param zone of {@code topology.kubernetes.io/zone}; empty if it has none
 * @param addresses its own, by which it is reached
 */
public record NodeView(String name, String zone, List<IpAddress> addresses) {
    public NodeView {
        addresses = List.copyOf(addresses);
    }
}
