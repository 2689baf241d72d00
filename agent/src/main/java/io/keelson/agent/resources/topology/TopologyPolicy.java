package io.keelson.agent.resources.topology;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** How much it matters that what a container gets lies close together ({@code topologyManagerPolicy}). */
public enum TopologyPolicy {
    /** Not at all. */
    NONE("none"),
    /** It is tried. */
    BEST_EFFORT("best-effort"),
    /** Who cannot be served as is preferred is kept out. */
    RESTRICTED("restricted"),
    /** Who cannot be served from one node is kept out. */
    SINGLE_NUMA_NODE("single-numa-node");

    private final String text;

    TopologyPolicy(String text) {
        this.text = text;
    }

    /**
     * The policy of a name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static TopologyPolicy of(String text) {
        for (TopologyPolicy policy : values()) {
            if (policy.text.equals(text)) {
                return policy;
            }
        }
        throw new IllegalArgumentException("unknown policy: \"" + text + '"');
    }

    /** As configuration calls it. */
    public String text() {
        return text;
    }

    /**
     * Where a container is to be.
     *
     * @param all the machine's nodes
     * @param resources the hints of each resource that it gets; what cannot be given has none
     * @param nearest how to choose between sets of as many nodes
     */
    Hint merge(NodeSet all, Collection<List<Hint>> resources, Comparator<NodeSet> nearest) {
        List<List<Hint>> known = new ArrayList<>();
        for (List<Hint> hints : resources) {
            // What cannot be given does not bind the others, but nobody prefers that.
            List<Hint> some = hints.isEmpty() ? List.of(Hint.FREE) : hints;
            known.add(
                    this == SINGLE_NUMA_NODE
                            ? some.stream().filter(TopologyPolicy::isOfOne).toList()
                            : some);
        }
        return switch (this) {
            case NONE -> Hint.FREE;
            case BEST_EFFORT, RESTRICTED -> HintMerge.merge(all, known, nearest);
            case SINGLE_NUMA_NODE -> {
                Hint best = HintMerge.merge(all, known, nearest);
                // Who did not care, or cannot be served, is not bound to all nodes.
                yield best.nodes().equals(Optional.of(all)) ? new Hint(Optional.empty(), best.preferred()) : best;
            }
        };
    }

    private static boolean isOfOne(Hint hint) {
        return hint.preferred() && hint.nodes().map(nodes -> nodes.size() == 1).orElse(true);
    }

    /** Whether a container may be there. */
    boolean admits(Hint hint) {
        return switch (this) {
            case NONE, BEST_EFFORT -> true;
            case RESTRICTED, SINGLE_NUMA_NODE -> hint.preferred();
        };
    }
}
