package io.keelson.scheduler.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.scheduler.decision.Decider.WeightedScore;
import io.keelson.scheduler.plugins.NodeAffinity;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeciderTest {
    private static final Filter ALL = filter("All", node -> List.of());

    private final ClusterState cluster = new ClusterState();
    private final PodInfo pod = PodInfo.of(
            new PodBuilder()
                    .withNewMetadata()
                    .withName("pod")
                    .withNamespace("default")
                    .withUid("uid")
                    .endMetadata()
                    .withNewSpec()
                    .endSpec()
                    .build(),
            cluster.table());

    private static Filter filter(String name, Function<NodeState, List<Rejection>> test) {
        return new Filter() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Filter.Test prepare(PodInfo pod, ClusterState cluster) {
                return test::apply;
            }
        };
    }

    private static Score score(ToLongFunction<NodeState> worth) {
        return new Score() {
            @Override
            public String name() {
                return "Score";
            }

            @Override
            public @Nullable Rating prepare(PodInfo pod, ClusterState cluster, List<NodeState> candidates) {
                return worth::applyAsLong;
            }
        };
    }

    private static WeightedScore even() {
        return new WeightedScore(score(node -> 0), 1);
    }

    private static List<Rejection> rejection(String filter) {
        return List.of(new Rejection(filter, "node(s) were bad", true));
    }

    private void nodes(int count) {
        for (int i = 0; i < count; i++) {
            cluster.setNode(new NodeBuilder()
                    .withNewMetadata()
                    .withName("node" + i)
                    .endMetadata()
                    .build());
        }
    }

    private static Decision.Chosen chosen(Decision decision) {
        return switch (decision) {
            case Decision.Chosen chosen -> chosen;
            case Decision.Impossible none -> throw new AssertionError(none.message());
        };
    }

    private Decision.Chosen choose(Decider decider) {
        return chosen(decider.decide(pod, cluster));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0, 1",
        "99, 0, 99",
        "99, 10, 99",
        "100, 0, 100",
        "124, 0, 100",
        "1000, 0, 420",
        "1000, 5, 100",
        "1000, 30, 300",
        "1000, 100, 1000",
        "2000, 0, 680",
        "5000, 0, 500",
        "6000, 0, 300",
        "9000, 0, 450",
        "10000, 0, 500",
        "30000, 0, 500",
        "30000, 10, 3000"
    })
    void ofManyNodesOnlySomeAreLookedAt(int count, int percentage, int expected) {
        nodes(count);
        Decision.Chosen chosen = choose(new Decider(List.of(ALL), List.of(even()), percentage, new Random(1)));
        assertEquals(expected, chosen.tried());
        assertEquals(expected, chosen.able());
    }

    @Test
    void nodesThatCannotTakeThePodAreNotEnough() {
        nodes(1000);
        Filter everyOther = filter(
                "Other", node -> Integer.parseInt(node.name().substring(4)) % 2 == 0 ? List.of() : rejection("Other"));
        Decision.Chosen chosen = choose(new Decider(List.of(everyOther), List.of(even()), 10, new Random(1)));
        assertEquals(100, chosen.able());
        assertEquals(199, chosen.tried());
    }

    @Test
    void whoWatchesIsToldWhatTookTimeAndWhoWasAskedHowOften() {
        nodes(6);
        List<String> told = new ArrayList<>();
        DecisionWatch watch = new DecisionWatch() {
            @Override
            public void took(Step step, Outcome outcome, long nanos) {
                assertTrue(nanos >= 0);
                told.add(step.label() + ' ' + outcome.label());
            }

            @Override
            public void asked(Step step, String plugin, int times) {
                told.add(step.label() + ' ' + plugin + ' ' + times);
            }
        };
        Filter some = filter("Some", node -> node.name().equals("node2") ? rejection("Some") : List.of());
        Filter others = filter("Others", node -> node.name().equals("node4") ? rejection("Others") : List.of());
        String score = even().score().name();
        new Decider(List.of(some, others), List.of(even()), 0, new Random(1), watch).decide(pod, cluster);
        assertEquals(
                List.of(
                        "PreFilter Success",
                        "PreFilter Some 1",
                        "Filter Some 6",
                        "PreFilter Others 1",
                        "Filter Others 5",
                        "Filter Success",
                        "PreScore " + score + " 1",
                        "Score " + score + " 4",
                        "PreScore Success",
                        "Score Success"),
                told);
        told.clear();
        Filter everywhere = new Filter() {
            @Override
            public String name() {
                return "Everywhere";
            }

            @Override
            public Rejection rejectEverywhere(PodInfo pod, ClusterState cluster) {
                return new Rejection("Everywhere", "no", false);
            }

            @Override
            public Filter.@Nullable Test prepare(PodInfo pod, ClusterState cluster) {
                return null;
            }
        };
        new Decider(List.of(everywhere), List.of(), 0, new Random(1), watch).decide(pod, cluster);
        assertEquals(List.of("PreFilter Everywhere 1", "PreFilter UnschedulableAndUnresolvable"), told);
    }

    @Test
    void whoLooksCloselyIsToldWhatEachPluginTookOfAFewNodes() {
        nodes(60);
        Map<String, Integer> told = new TreeMap<>();
        boolean[] closely = {true};
        DecisionWatch watch = new DecisionWatch() {
            @Override
            public void took(Step step, Outcome outcome, long nanos) {}

            @Override
            public void asked(Step step, String plugin, int times) {}

            @Override
            public boolean looksClosely() {
                return closely[0];
            }

            @Override
            public void executed(Step step, String plugin, Outcome outcome, long nanos) {
                assertTrue(nanos >= 0);
                told.merge(step.label() + ' ' + plugin + ' ' + outcome.label(), 1, Integer::sum);
            }
        };
        Filter some = filter("Some", node -> node.name().equals("node2") ? rejection("Some") : List.of());
        Filter silent = new Filter() {
            @Override
            public String name() {
                return "Silent";
            }

            @Override
            public Filter.@Nullable Test prepare(PodInfo pod, ClusterState cluster) {
                return null;
            }
        };
        String score = even().score().name();
        Decider decider = new Decider(List.of(some, silent), List.of(even()), 0, new Random(1), watch);
        decider.decide(pod, cluster);
        assertEquals(
                Map.of(
                        "PreFilter Some Success",
                        1,
                        "PreFilter Silent Skip",
                        1,
                        "Filter Some Success",
                        31,
                        "Filter Some " + rejected(),
                        1,
                        "PreScore " + score + " Success",
                        1,
                        "Score " + score + " Success",
                        32,
                        "ScoreExtensionNormalize " + score + " Success",
                        1),
                told);
        told.clear();
        closely[0] = false;
        decider.decide(pod, cluster);
        assertEquals(Map.of(), told, "it costs nothing where nobody looks");
    }

    private static String rejected() {
        return rejection("Some").getFirst().resolvable() ? "Unschedulable" : "UnschedulableAndUnresolvable";
    }

    @Test
    void theNodeWhereRoomWasMadeIsTakenThoughOthersAreBetter() {
        nodes(5);
        Decider decider = new Decider(
                List.of(filter("Four", node -> node.name().equals("node4") ? rejection("Four") : List.of())),
                List.of(new WeightedScore(score(node -> node.name().equals("node1") ? 100 : 0), 1)),
                0,
                new Random(1));
        Function<@Nullable String, String> chosen = first -> switch (decider.look(pod, cluster, first)) {
            case Decider.Look.Able able ->
                decider.choose(pod, cluster, able, Map.of()).node().name();
            case Decider.Look.None none -> none.why().message();
        };
        assertEquals("node3", chosen.apply("node3"));
        assertEquals("node1", chosen.apply("node4"));
        assertEquals("node1", chosen.apply("gone"));
        assertEquals("node1", chosen.apply(null));
    }

    @Test
    void theNextDecisionGoesOnWhereTheLastStopped() {
        nodes(250);
        List<String> seen = new ArrayList<>();
        Filter spy = filter("Spy", node -> {
            seen.add(node.name());
            return List.of();
        });
        Decider decider = new Decider(List.of(spy), List.of(even()), 1, new Random(1));
        choose(decider);
        choose(decider);
        assertEquals(200, new LinkedHashSet<>(seen).size());
        choose(decider);
        assertEquals(250, new LinkedHashSet<>(seen).size());
        assertEquals("node0", seen.get(250));
    }

    @Test
    void whenNodesHaveGoneItStartsWithinThoseThatAreLeft() {
        nodes(250);
        Decider decider = new Decider(List.of(ALL), List.of(even()), 1, new Random(1));
        choose(decider);
        choose(decider);
        for (int i = 3; i < 250; i++) {
            cluster.removeNode("node" + i);
        }
        assertEquals(3, choose(decider).tried());
    }

    @Test
    void eachOfTheBestIsChosenAboutAsOften() {
        nodes(4);
        Decider decider = new Decider(
                List.of(ALL),
                List.of(new WeightedScore(score(node -> node.name().equals("node3") ? 0 : 7), 1)),
                0,
                new Random(1));
        Map<String, Integer> times = new HashMap<>();
        for (int i = 0; i < 3000; i++) {
            times.merge(choose(decider).node().name(), 1, Integer::sum);
        }
        assertEquals(Set.of("node0", "node1", "node2"), times.keySet());
        times.values().forEach(count -> assertTrue(count > 850 && count < 1150, times::toString));
    }

    @Test
    void scoresCountByTheirWeights() {
        nodes(2);
        Score first = score(node -> node.name().equals("node0") ? 100 : 0);
        Score second = score(node -> node.name().equals("node1") ? 60 : 0);
        assertEquals(
                "node0",
                choose(new Decider(
                                List.of(),
                                List.of(new WeightedScore(first, 1), new WeightedScore(second, 1)),
                                0,
                                new Random(1)))
                        .node()
                        .name());
        assertEquals(
                "node1",
                choose(new Decider(
                                List.of(),
                                List.of(new WeightedScore(first, 1), new WeightedScore(second, 2)),
                                0,
                                new Random(1)))
                        .node()
                        .name());
    }

    @Test
    void theFirstFilterThatRejectsANodeSaysWhy() {
        nodes(2);
        Filter one = filter("One", node -> node.name().equals("node0") ? rejection("One") : List.of());
        Filter two = filter("Two", node -> rejection("Two"));
        Decision decision = new Decider(List.of(one, two), List.of(), 0, new Random(1)).decide(pod, cluster);
        List<String> filters = new ArrayList<>();
        impossible(decision)
                .rejections()
                .forEach((node, why) -> filters.add(node.name() + why.getFirst().filter()));
        assertEquals(List.of("node0One", "node1Two"), filters);
    }

    @Test
    void withoutScoresTheFirstNodeThatPassesIsEnough() {
        nodes(500);
        assertEquals(
                1,
                choose(new Decider(List.of(ALL), List.of(), 0, new Random(1))).tried());
    }

    private static PodInfo podFor(ClusterState cluster, String... names) {
        return PodInfo.of(
                new PodBuilder()
                        .withNewMetadata()
                        .withName("pod")
                        .withNamespace("default")
                        .withUid("uid")
                        .endMetadata()
                        .withNewSpec()
                        .withNewAffinity()
                        .withNewNodeAffinity()
                        .withNewRequiredDuringSchedulingIgnoredDuringExecution()
                        .addNewNodeSelectorTerm()
                        .addNewMatchField()
                        .withKey("metadata.name")
                        .withOperator("In")
                        .withValues(names)
                        .endMatchField()
                        .endNodeSelectorTerm()
                        .endRequiredDuringSchedulingIgnoredDuringExecution()
                        .endNodeAffinity()
                        .endAffinity()
                        .endSpec()
                        .build(),
                cluster.table());
    }

    @Test
    void ofAPodThatNamesItsNodesOnlyThoseAreLookedAt() {
        nodes(5000);
        Decider decider = new Decider(List.of(new NodeAffinity()), List.of(even()), 0, new Random(1));
        Decision.Chosen chosen = chosen(decider.decide(podFor(cluster, "node4711", "gone"), cluster));
        assertEquals("node4711", chosen.node().name());
        assertEquals(1, chosen.tried());
    }

    @Test
    void theOtherNodesOfAPodThatNamesItsNodeAreSaidToBeOutByThat() {
        nodes(3);
        Decider decider = new Decider(
                List.of(new NodeAffinity(), filter("Any", node -> rejection("Any"))),
                List.of(even()),
                0,
                new Random(1));
        assertEquals(
                "0/3 nodes are available: 1 node(s) were bad, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].",
                impossible(decider.decide(podFor(cluster, "node1"), cluster)).message());
        assertEquals(
                "0/3 nodes are available: 3 node(s) didn't satisfy plugin(s) [NodeAffinity].",
                impossible(decider.decide(podFor(cluster, "gone"), cluster)).message());
    }

    private static Decision.Impossible impossible(Decision decision) {
        return switch (decision) {
            case Decision.Impossible impossible -> impossible;
            case Decision.Chosen chosen ->
                throw new AssertionError("chose " + chosen.node().name());
        };
    }

    @Test
    void withoutNodesThereIsNoChoice() {
        assertEquals(
                new Decision.Impossible(Map.of()),
                new Decider(List.of(ALL), List.of(), 0, new Random(1)).decide(pod, cluster));
    }

    @Test
    void whatIsNoNodesFaultIsSaidOnceAndNoNodeIsLookedAt() {
        nodes(3);
        Filter everywhere = new Filter() {
            @Override
            public String name() {
                return "Everywhere";
            }

            @Override
            public Rejection rejectEverywhere(PodInfo pod, ClusterState cluster) {
                return new Rejection(name(), "persistentvolumeclaim \"c\" not found", false);
            }

            @Override
            public Filter.Test prepare(PodInfo pod, ClusterState cluster) {
                throw new AssertionError("nothing depends on the node");
            }
        };
        Decision.Impossible impossible = impossible(
                new Decider(List.of(ALL, everywhere), List.of(even()), 0, new Random(1)).decide(pod, cluster));
        assertEquals("0/3 nodes are available: persistentvolumeclaim \"c\" not found.", impossible.message());
        assertTrue(impossible.rejections().values().stream()
                .allMatch(each -> each.size() == 1
                        && each.getFirst().filter().equals("Everywhere")
                        && !each.getFirst().resolvable()));
    }
}
