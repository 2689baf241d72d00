package io.keelson.cloud.route;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.keelson.cloud.AddressRange;
import io.keelson.cloud.Route;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.controllers.objects.OrEmpty;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be done with the routes of a cluster.
 *
 * @param deleted routes that lead nowhere, or to where no node has that range any more, or to old addresses
 * @param created routes that are missing, with the Nodes that they are for
 */
record RoutePlan(List<Route> deleted, List<Missing> created) {
    private static final Logger LOG = LoggerFactory.getLogger(RoutePlan.class);

    /** A route that a Node has not. */
    record Missing(Node node, Route route) {}

    private record Wanted(String node, String destination) {}

    RoutePlan {
        deleted = List.copyOf(deleted);
        created = List.copyOf(created);
    }

    /**
     * The difference between what there is and what there is to be.
     *
     * @param ranges the cluster's; routes to elsewhere are left alone
     */
    static RoutePlan of(List<Route> routes, List<Node> nodes, List<AddressRange> ranges) {
        Map<String, Node> byName = new HashMap<>();
        Set<Wanted> wanted = new HashSet<>();
        for (Node node : nodes) {
            byName.put(node.getMetadata().getName(), node);
            for (String range : podRanges(node)) {
                wanted.add(new Wanted(node.getMetadata().getName(), range));
            }
        }
        Set<Wanted> kept = new HashSet<>();
        List<Route> deleted = new ArrayList<>();
        for (Route route : routes) {
            Wanted way = new Wanted(route.node(), route.destination());
            boolean right = !route.blackhole() && wanted.contains(way) && leadsTo(route, byName.get(route.node()));
            if (right) {
                kept.add(way);
            } else if (isOurs(route, ranges)) {
                deleted.add(route);
            }
        }
        List<Missing> created = new ArrayList<>();
        for (Node node : nodes) {
            for (String range : podRanges(node)) {
                String name = node.getMetadata().getName();
                if (!kept.contains(new Wanted(name, range))) {
                    created.add(new Missing(node, new Route("", name, range, addresses(node), false)));
                }
            }
        }
        return new RoutePlan(deleted, created);
    }

    /** The ranges of a Node's pods; none if it has not got any yet. */
    static List<String> podRanges(Node node) {
        return node.getSpec() == null ? List.of() : OrEmpty.of(node.getSpec().getPodCIDRs());
    }

    private static List<NodeAddress> addresses(Node node) {
        return node.getStatus() == null
                ? List.of()
                : OrEmpty.of(node.getStatus().getAddresses());
    }

    /** Whether a route leads to where the node is now, as far as the provider says. */
    private static boolean leadsTo(Route route, @Nullable Node node) {
        List<NodeAddress> known = route.nodeAddresses();
        List<NodeAddress> now = node == null ? List.of() : addresses(node);
        return known == null || (known.size() == now.size() && now.containsAll(known));
    }

    private static boolean isOurs(Route route, List<AddressRange> ranges) {
        IpPrefix destination = IpPrefix.parse(route.destination());
        if (destination == null) {
            LOG.warn("Ignoring route {}, unparsable CIDR: {}", route.name(), route.destination());
            return false;
        }
        AddressRange all = AddressRange.of(destination);
        return ranges.stream().anyMatch(range -> range.containsAnEndOf(all));
    }
}
