package io.keelson.agent.resources.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HintMergeProperties {
    private static final NodeSet ALL = NodeSet.of(List.of(0, 1, 2));
    private static final Comparator<NodeSet> LOWEST = Comparator.comparingLong(NodeSet::bits);

    @Provide
    Arbitrary<List<List<Hint>>> resources() {
        Arbitrary<Hint> ofNodes = Combinators.combine(Arbitraries.longs().between(1, 7), Arbitraries.of(true, false))
                .as((bits, preferred) -> Hint.of(new NodeSet(bits), preferred));
        Arbitrary<Hint> any = Arbitraries.of(Hint.ANY, Hint.FREE);
        return Arbitraries.frequencyOf(Tuple.of(6, ofNodes), Tuple.of(1, any))
                .list()
                .ofMaxSize(4)
                .list()
                .ofMaxSize(4);
    }

    /** Tries all ways to take one hint of each resource, and compares results as the kubelet does. */
    private static final class Reference {
        private final List<List<Hint>> resources;
        private final int wanted;
        private @Nullable Hint best;

        Reference(List<List<Hint>> resources) {
            this.resources = resources;
            int most = 0;
            for (List<Hint> hints : resources) {
                int least = Integer.MAX_VALUE;
                for (Hint hint : hints) {
                    if (hint.nodes().isPresent()) {
                        least = Math.min(least, hint.nodes().get().size());
                    }
                }
                most = least == Integer.MAX_VALUE ? most : Math.max(most, least);
            }
            wanted = most;
        }

        Hint merged() {
            take(0, new ArrayList<>());
            return best == null ? Hint.of(ALL, false) : best;
        }

        private void take(int resource, List<Hint> taken) {
            if (resource == resources.size()) {
                look(taken);
                return;
            }
            for (Hint hint : resources.get(resource)) {
                taken.add(hint);
                take(resource + 1, taken);
                taken.removeLast();
            }
        }

        private void look(List<Hint> taken) {
            List<NodeSet> named =
                    taken.stream().flatMap(hint -> hint.nodes().stream()).toList();
            boolean preferred = taken.stream().allMatch(Hint::preferred)
                    && named.stream().distinct().count() <= 1;
            NodeSet agreed = named.stream().reduce(ALL, NodeSet::common);
            if (!agreed.isEmpty()) {
                Hint found = Hint.of(agreed, preferred);
                best = best == null ? found : better(best, found);
            }
        }

        private Hint better(Hint now, Hint next) {
            if (now.preferred() != next.preferred()) {
                return now.preferred() ? now : next;
            }
            int size = now.nodes().orElseThrow().size();
            int other = next.nodes().orElseThrow().size();
            if (now.preferred() || size > wanted) {
                return narrower(now, next);
            }
            if (size == wanted) {
                return other == wanted ? narrower(now, next) : now;
            }
            if (other > wanted) {
                return now;
            }
            return other == size ? narrower(now, next) : other > size ? next : now;
        }

        private static Hint narrower(Hint one, Hint other) {
            return NodeSet.NARROWEST_FIRST.compare(
                                    one.nodes().orElseThrow(), other.nodes().orElseThrow())
                            <= 0
                    ? one
                    : other;
        }
    }

    @Property(tries = 1000)
    void theBestOfAllWaysToTakeHintsIsFound(@ForAll("resources") List<List<Hint>> resources) {
        assertEquals(new Reference(resources).merged(), HintMerge.merge(ALL, resources, LOWEST));
    }

    @Property(tries = 300)
    void oneNodeIsOneOfThoseThatAllResourcesPrefer(@ForAll("resources") List<List<Hint>> resources) {
        TopologyPolicy policy = TopologyPolicy.SINGLE_NUMA_NODE;
        Hint found = policy.merge(ALL, resources, LOWEST);
        List<Integer> suitable = new ArrayList<>();
        for (int node : ALL.numbers()) {
            NodeSet alone = NodeSet.of(List.of(node));
            if (resources.stream()
                    .allMatch(hints -> hints.contains(Hint.ANY) || hints.contains(Hint.of(alone, true)))) {
                suitable.add(node);
            }
        }
        boolean doesNotMatter = resources.stream().allMatch(hints -> hints.contains(Hint.ANY));
        assertEquals(!suitable.isEmpty(), policy.admits(found), () -> found + " of " + resources);
        if (!suitable.isEmpty() && !doesNotMatter) {
            assertEquals(Optional.of(NodeSet.of(List.of(suitable.getFirst()))), found.nodes());
        }
    }

    @Test
    void manyNodesAndResourcesAreMergedAtOnce() {
        NodeSet eight = new NodeSet(255);
        List<Hint> all = eight.parts().stream()
                .map(part -> Hint.of(part, part.size() == 2))
                .toList();
        List<List<Hint>> resources = List.of(all, all, all, all, all, all);
        assertEquals(
                Hint.of(new NodeSet(3), true),
                assertTimeout(Duration.ofSeconds(10), () -> HintMerge.merge(eight, resources, LOWEST)));
    }

    @Test
    void policiesAndScopesHaveTheKubeletsNames() {
        for (TopologyPolicy policy : TopologyPolicy.values()) {
            assertEquals(policy, TopologyPolicy.of(policy.text()));
        }
        for (TopologyScope scope : TopologyScope.values()) {
            assertEquals(scope, TopologyScope.of(scope.text()));
        }
        assertThrows(IllegalArgumentException.class, () -> TopologyPolicy.of("strict"));
        assertThrows(IllegalArgumentException.class, () -> TopologyScope.of(""));
        assertThrows(IllegalArgumentException.class, () -> NodeSet.of(List.of(64)));
        assertThrows(IllegalArgumentException.class, () -> NodeSet.of(List.of(-1)));
        assertThrows(IllegalStateException.class, () -> new NodeSet(-1).parts());
        assertTrue(new NodeSet(-1).has(63));
    }
}
