package io.keelson.agent.resources.topology;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the nodes that suit all of several resources. Of each resource one hint is taken; where all taken ones agree is
 * where the container could be; it is preferred if all of them are preferred and are of the same nodes. Of all ways to
 * take hints the best one counts:
 * <ol>
 *   <li>one that is preferred before one that is not;
 *   <li>of preferred ones, the narrowest;
 *   <li>of others, one of as many nodes as the most demanding resource needs at least, else one of fewer, else one of
 *       more, as near to that number as can be; of two of the same number, the nearer or lower one.
 * </ol>
 *
 * <p>There are as many ways as the product of the numbers of hints, but only twice as many results as there are sets of
 * nodes: so results are kept, and taken one step further with each resource.
 */
final class HintMerge {
    private HintMerge() {}

    /**
     * Where taken hints agree.
     *
     * @param anywhere whether none of them has named any nodes
     */
    private record Agreement(NodeSet nodes, boolean preferred, boolean anywhere) {
        Agreement with(Hint hint) {
            if (hint.nodes().isEmpty()) {
                return new Agreement(nodes, preferred && hint.preferred(), anywhere);
            }
            NodeSet named = hint.nodes().get();
            // As long as it is preferred all that were named are the same, and these are they.
            boolean isSame = anywhere || named.equals(nodes);
            return new Agreement(nodes.common(named), preferred && hint.preferred() && isSame, false);
        }
    }

    /**
     * The best hint; all nodes, and not preferred, if there is none.
     *
     * @param all the machine's nodes; those that hints name are of these
     * @param resources the hints of each resource; what cannot be given at all has none
     * @param nearest how to choose between sets of as many nodes
     */
    static Hint merge(NodeSet all, Collection<List<Hint>> resources, Comparator<NodeSet> nearest) {
        Set<Agreement> agreements = Set.of(new Agreement(all, true, true));
        for (List<Hint> hints : resources) {
            Set<Agreement> next = new HashSet<>();
            for (Agreement agreement : agreements) {
                for (Hint hint : hints) {
                    Agreement further = agreement.with(hint);
                    if (!further.nodes().isEmpty()) {
                        next.add(further);
                    }
                }
            }
            agreements = next;
        }
        int wanted = resources.stream().mapToInt(HintMerge::least).max().orElse(0);
        Comparator<Agreement> best = Comparator.<Agreement>comparingInt(each -> each.preferred() ? 0 : 1)
                .thenComparingInt(
                        each -> each.preferred() ? 0 : distance(each.nodes().size(), wanted, all.size()))
                .thenComparing(
                        Agreement::nodes, Comparator.comparingInt(NodeSet::size).thenComparing(nearest));
        return agreements.stream()
                .min(best)
                .map(agreement -> Hint.of(agreement.nodes(), agreement.preferred()))
                .orElse(Hint.of(all, false));
    }

    /** How many nodes a resource needs at least; 0 if it does not care. */
    private static int least(List<Hint> hints) {
        return hints.stream()
                .flatMap(hint -> hint.nodes().stream())
                .mapToInt(NodeSet::size)
                .min()
                .orElse(0);
    }

    /** Fewer than wanted are all nearer than more. */
    private static int distance(int size, int wanted, int most) {
        return size <= wanted ? wanted - size : most + size - wanted;
    }
}
