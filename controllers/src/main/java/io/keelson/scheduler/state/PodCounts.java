package io.keelson.scheduler.state;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many pods that a {@link PodMatcher} means are on each node and in each domain of the topology keys that were asked for.
 * Kept up as pods come and go, so that a decision reads a number where it would look at each pod of the cluster.
 */
public final class PodCounts {
    private final SlotCounts byNode = new SlotCounts();
    private int total;
    private final Map<String, Map<String, Integer>> byDomain = new HashMap<>();

    PodCounts() {}

    /** A pod has come ({@code 1}) or gone ({@code -1}) that the matcher means. */
    void count(NodeState node, int change) {
        byNode.add(node.slot(), change);
        total += change;
        byDomain.forEach((key, domains) -> add(domains, node.labels().get(key), change));
    }

    private static void add(Map<String, Integer> domains, @Nullable String domain, int change) {
        if (domain != null && change != 0) {
            domains.merge(domain, change, (before, by) -> before + by == 0 ? null : before + by);
        }
    }

    /** The labels of a node change: its pods move from one domain to another. */
    void move(NodeState node, Map<String, String> before, Map<String, String> now) {
        int count = on(node);
        byDomain.forEach((key, domains) -> {
            add(domains, before.get(key), -count);
            add(domains, now.get(key), count);
        });
    }

    /** How many are on a node. */
    public int on(NodeState node) {
        return byNode.get(node.slot());
    }

    /** How many there are. */
    public int total() {
        return total;
    }

    /** How many are in each domain of a topology key; domains without any are not there. Not to be kept. */
    public Map<String, Integer> byDomain(String topologyKey, Iterable<NodeState> nodes) {
        Map<String, Integer> known = byDomain.get(topologyKey);
        if (known == null) {
            known = new HashMap<>();
            for (NodeState node : nodes) {
                add(known, node.labels().get(topologyKey), on(node));
            }
            byDomain.put(topologyKey, known);
        }
        return known;
    }
}
