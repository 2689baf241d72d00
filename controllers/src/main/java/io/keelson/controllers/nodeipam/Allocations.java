package io.keelson.controllers.nodeipam;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which node has which ranges, by the node's uid. Safe for any thread. */
final class Allocations {
    private final List<CidrSet> sets = new ArrayList<>();
    private final Map<String, List<Cidr>> held = new HashMap<>();

    /**
     * Nothing is given away; what belongs to services never is.
     *
     * @param listener is told of each of the cluster's ranges
     * @throws IllegalArgumentException if ranges of nodes do not fit into one of the cluster's, or far too many do
     */
    Allocations(NodeIpamSettings settings, Function<Cidr, CidrSet.Listener> listener) {
        for (Cidr cluster : settings.cluster()) {
            CidrSet set = new CidrSet(
                    cluster,
                    cluster.isIPv6() ? settings.maskSizeIPv6() : settings.maskSizeIPv4(),
                    listener.apply(cluster));
            settings.service().forEach(set::reserve);
            sets.add(set);
        }
    }

    /** Learns which ranges a node has. */
    synchronized void learn(String node, List<Cidr> ranges) {
        List<Cidr> before = held.put(node, List.copyOf(ranges));
        if (ranges.equals(before)) {
            return;
        }
        for (CidrSet set : sets) {
            ranges.forEach(set::take);
            if (before != null) {
                before.forEach(set::release);
            }
        }
    }

    /** One range of each family for a node: those that it has, or new ones; null if there is none left of one family. */
    synchronized @Nullable List<Cidr> allocate(String node) {
        List<Cidr> before = held.get(node);
        if (before != null) {
            return before;
        }
        List<Cidr> ranges = new ArrayList<>();
        for (CidrSet set : sets) {
            Cidr range = set.take();
            if (range == null) {
                for (int i = 0; i < ranges.size(); i++) {
                    sets.get(i).release(ranges.get(i));
                }
                return null;
            }
            ranges.add(range);
        }
        held.put(node, List.copyOf(ranges));
        return ranges;
    }

    /** Frees the ranges of a node; whether it had some. */
    synchronized boolean release(String node) {
        List<Cidr> ranges = held.remove(node);
        if (ranges == null) {
            return false;
        }
        for (CidrSet set : sets) {
            ranges.forEach(set::release);
        }
        return true;
    }
}
