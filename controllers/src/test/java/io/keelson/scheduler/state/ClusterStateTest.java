package io.keelson.scheduler.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.scheduler.state.ClusterState.TermKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClusterStateTest {
    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final PodMatcher ALL = PodMatcher.of(Set.of("default"), null, new LabelSelector());
    private static final PodMatcher IN_TEAM_A = PodMatcher.of(
            Set.of(), new LabelSelectorBuilder().addToMatchLabels("team", "a").build(), new LabelSelector());

    private final ClusterState cluster = new ClusterState();

    private static Node node(String name, String zone) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels(ZONE, zone)
                .endMetadata()
                .build();
    }

    private PodInfo pod(String uid) {
        return PodInfo.of(
                new PodBuilder()
                        .withNewMetadata()
                        .withName(uid)
                        .withUid(uid)
                        .withNamespace("default")
                        .addToLabels("app", "web")
                        .endMetadata()
                        .withNewSpec()
                        .withNewAffinity()
                        .withNewPodAntiAffinity()
                        .addNewRequiredDuringSchedulingIgnoredDuringExecution()
                        .withTopologyKey(ZONE)
                        .withNewLabelSelector()
                        .addToMatchLabels("app", "web")
                        .endLabelSelector()
                        .endRequiredDuringSchedulingIgnoredDuringExecution()
                        .endPodAntiAffinity()
                        .endAffinity()
                        .endSpec()
                        .build(),
                cluster.table());
    }

    private Map<String, Integer> byZone(PodMatcher matcher) {
        return Map.copyOf(cluster.counts(matcher).byDomain(ZONE, cluster.nodes()));
    }

    private List<Map<String, Integer>> holdersByZone() {
        List<Map<String, Integer>> found = new ArrayList<>();
        cluster.forEachHolder(
                TermKind.ANTI_AFFINITY,
                pod("asking"),
                (term, holders) -> found.add(Map.copyOf(holders.byDomain(term.topologyKey(), cluster.nodes()))));
        return found;
    }

    private List<String> order() {
        return cluster.nodes().stream().map(NodeState::name).toList();
    }

    @Test
    void podsMoveFromZoneToZoneWithTheirNode() {
        cluster.setNode(node("one", "east"));
        cluster.put(pod("a"), "one");
        assertEquals(Map.of("east", 1), byZone(ALL));
        assertEquals(List.of(Map.of("east", 1)), holdersByZone());
        cluster.setNode(node("one", "west"));
        assertEquals(Map.of("west", 1), byZone(ALL));
        assertEquals(List.of(Map.of("west", 1)), holdersByZone());
        assertEquals(Map.of("west", 1), cluster.domains(ZONE));
    }

    @Test
    void podsOfAnUnknownNodeCountOnceItIsKnown() {
        cluster.put(pod("a"), "one");
        assertEquals(Map.of(), byZone(ALL));
        cluster.setNode(node("one", "east"));
        assertEquals(Map.of("east", 1), byZone(ALL));
        cluster.removeNode("one");
        assertEquals(Map.of(), byZone(ALL));
        assertEquals("one", cluster.nodeOf("a"));
        cluster.setNode(node("one", "west"));
        assertEquals(Map.of("west", 1), byZone(ALL));
        cluster.remove("a");
        assertNull(cluster.nodeOf("a"));
        assertEquals(List.of(), holdersByZone());
    }

    @Test
    void aPodThatIsToldOfTwiceCountsOnce() {
        cluster.setNode(node("one", "east"));
        cluster.setNode(node("two", "west"));
        cluster.put(pod("a"), "one");
        cluster.put(pod("a"), "one");
        assertEquals(Map.of("east", 1), byZone(ALL));
        cluster.put(pod("a"), "two");
        assertEquals(Map.of("west", 1), byZone(ALL));
        assertTrue(Objects.requireNonNull(cluster.node("one")).pods().isEmpty());
    }

    @Test
    void whatIsCountedByLabelsOfNamespacesFollowsThem() {
        cluster.setNode(node("one", "east"));
        cluster.put(pod("a"), "one");
        assertEquals(Map.of(), byZone(IN_TEAM_A));
        cluster.setNamespace("default", Map.of("team", "a"));
        assertEquals(Map.of("east", 1), byZone(IN_TEAM_A));
        cluster.removeNamespace("default");
        assertEquals(Map.of(), byZone(IN_TEAM_A));
        cluster.remove("a");
        assertEquals(0, cluster.counts(IN_TEAM_A).total());
    }

    @Test
    void nodesOfAllZonesAreInTurn() {
        for (String name : List.of("a1", "a2", "a3", "b1", "b2", "c1")) {
            cluster.setNode(node(name, name.substring(0, 1)));
        }
        assertEquals(List.of("a1", "b1", "c1", "a2", "b2", "a3"), order());
        cluster.setNode(node("a2", "c"));
        assertEquals(List.of("a1", "a2", "b1", "a3", "c1", "b2"), order());
        cluster.removeNode("b1");
        cluster.removeNode("b2");
        assertEquals(Set.of("a1", "a2", "a3", "c1"), Set.copyOf(order()));
    }

    @Test
    void countsByNodeAreExactHoweverManyNodesComeAndGo() {
        SlotCounts counts = new SlotCounts();
        int[] plain = new int[3000];
        Random random = new Random(1);
        for (int i = 0; i < 60_000; i++) {
            int slot = random.nextInt(plain.length);
            int change = random.nextInt(3) - 1;
            counts.add(slot, change);
            plain[slot] += change;
        }
        for (int slot = 0; slot < plain.length; slot++) {
            assertEquals(plain[slot], counts.get(slot));
        }
    }
}
