package io.keelson.scheduler.plugins;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.decision.Score;
import io.keelson.scheduler.plugins.NodeResourcesFit.Kind;
import io.keelson.scheduler.plugins.NodeResourcesFit.Point;
import io.keelson.scheduler.plugins.NodeResourcesFit.Strategy;
import io.keelson.scheduler.plugins.NodeResourcesFit.Weight;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.DefaultSpread;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Every rule against a plain one that looks at all nodes and pods each time, while the cluster changes in between. */
class RulesProperties {
    private static final List<Weight> RESOURCES = List.of(
            new Weight("cpu", 1),
            new Weight("memory", 2),
            new Weight(RandomObjects.GPU, 3),
            new Weight("ephemeral-storage", 1));

    private static final List<Filter> FILTERS = List.of(
            new NodeName(),
            new NodeUnschedulable(),
            new TaintToleration(),
            new NodeAffinity(),
            new NodeDeclaredFeatures(true),
            new NodePorts(),
            new NodeResourcesFit(Strategy.LEAST_ALLOCATED),
            new InterPodAffinity(5),
            new PodTopologySpread());

    private static final Map<String, Score> SCORES = scores();

    private static Map<String, Score> scores() {
        Map<String, Score> scores = new LinkedHashMap<>();
        scores.put("LeastAllocated", fit(Kind.LEAST_ALLOCATED, List.of()));
        scores.put("MostAllocated", fit(Kind.MOST_ALLOCATED, List.of()));
        scores.put(
                "RequestedToCapacityRatio",
                fit(Kind.REQUESTED_TO_CAPACITY_RATIO, List.of(new Point(20, 0), new Point(50, 7), new Point(90, 3))));
        for (Score score : List.of(
                new BalancedAllocation(),
                new ImageLocality(),
                new TaintToleration(),
                new NodeAffinity(),
                new InterPodAffinity(5),
                new PodTopologySpread())) {
            scores.put(score.name(), score);
        }
        return scores;
    }

    private static Score fit(Kind kind, List<Point> shape) {
        return new NodeResourcesFit(new Strategy(kind, RESOURCES, shape));
    }

    /** The same cluster twice, changed in step. */
    private static final class Twins {
        final RandomObjects random;
        final ClusterState state = new ClusterState();
        final PlainCluster plain = new PlainCluster();

        Twins(long seed) {
            random = new RandomObjects(seed);
            for (int i = random.below(30); i > 0; i--) {
                change();
            }
        }

        void change() {
            String node = "node" + random.below(7);
            String uid = "pod" + random.below(25);
            String namespace = random.any("one", "two", "three");
            switch (random.below(11)) {
                case 0, 1, 2, 3 -> {
                    Node changed = random.node(node);
                    state.setNode(changed);
                    plain.nodes.put(node, changed);
                }
                case 4 -> {
                    state.removeNode(node);
                    plain.nodes.remove(node);
                }
                case 5, 6, 7, 8 -> {
                    Pod pod = random.pod(uid);
                    state.put(PodInfo.of(pod, state.table()), node);
                    plain.pods.put(uid, new PlainCluster.Placed(pod, node));
                }
                case 9 -> {
                    state.remove(uid);
                    plain.pods.remove(uid);
                }
                default -> {
                    if (random.oneIn(3)) {
                        state.removeNamespace(namespace);
                        plain.namespaces.remove(namespace);
                    } else {
                        Map<String, String> labels = random.labels();
                        state.setNamespace(namespace, labels);
                        plain.namespaces.put(namespace, labels);
                    }
                }
            }
        }
    }

    @Property(tries = 600)
    void filtersAndScoresAreWhatTheDocumentationSaysWhileTheClusterChanges(@ForAll long seed) {
        Twins twins = new Twins(seed);
        List<Pod> pods = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            pods.add(twins.random.pod("new" + i));
            pods.getLast().getMetadata().setDeletionTimestamp(null);
        }
        for (int step = 0; step < 8; step++) {
            for (Pod pod : pods) {
                compare(twins, pod);
            }
            for (int i = twins.random.below(4); i >= 0; i--) {
                twins.change();
            }
        }
    }

    @Property(tries = 200)
    void whatLooksOnlyAtANodeStaysGoodWhenTheClusterChanges(@ForAll long seed) {
        Twins twins = new Twins(seed);
        Pod pod = twins.random.pod("new");
        PodInfo info = PodInfo.of(pod, twins.state.table(), DefaultSpread.SYSTEM, null);
        Map<Filter, Filter.Test> before = new LinkedHashMap<>();
        for (Filter filter : FILTERS) {
            Filter.Test test = filter.looksOnlyAtNode() ? filter.prepare(info, twins.state) : null;
            if (test != null) {
                before.put(filter, test);
            }
        }
        for (int step = 0; step < 8; step++) {
            twins.change();
            before.forEach((filter, test) -> {
                Filter.Test now = Objects.requireNonNull(filter.prepare(info, twins.state), filter.name());
                for (NodeState node : twins.state.nodes()) {
                    assertEquals(now.test(node), test.test(node), filter::name);
                }
            });
        }
    }

    private static void compare(Twins twins, Pod pod) {
        String app = PlainCluster.labels(pod).get("app");
        LabelSelector group = app == null
                ? null
                : new LabelSelectorBuilder().addToMatchLabels("app", app).build();
        PodInfo info = PodInfo.of(pod, twins.state.table(), DefaultSpread.SYSTEM, group);
        assertEquals(
                new TreeSet<>(twins.plain.nodes.keySet()),
                new TreeSet<>(twins.state.nodes().stream().map(NodeState::name).toList()));
        PlainFilters filters = new PlainFilters(twins.plain, pod);
        for (Filter filter : FILTERS) {
            Filter.Test test = filter.prepare(info, twins.state);
            for (Node node : twins.plain.nodes.values()) {
                Set<String> why = new TreeSet<>();
                if (test != null) {
                    test.test(state(twins, node)).stream()
                            .map(Rejection::reason)
                            .forEach(why::add);
                }
                assertEquals(filters.reasons(filter.name(), node), why, () -> explain(filter.name(), pod, node));
            }
        }
        List<Node> candidates = new ArrayList<>(twins.plain.nodes.values());
        if (!candidates.isEmpty() && twins.random.oneIn(2)) {
            candidates.remove(twins.random.below(candidates.size()));
        }
        List<NodeState> states =
                candidates.stream().map(node -> state(twins, node)).toList();
        SCORES.forEach((name, score) -> {
            long[] wanted = new PlainScores(twins.plain, pod, group).of(name, candidates);
            Score.Rating rating = score.prepare(info, twins.state, states);
            long[] worths = new long[states.size()];
            if (rating != null) {
                for (int i = 0; i < worths.length; i++) {
                    worths[i] = rating.rate(states.get(i));
                }
                rating.normalize(worths);
            }
            assertArrayEquals(wanted, worths, () -> name + "\n" + Serialization.asYaml(pod));
        });
    }

    private static NodeState state(Twins twins, Node node) {
        return Objects.requireNonNull(twins.state.node(node.getMetadata().getName()));
    }

    private static String explain(String rule, Pod pod, Node node) {
        return rule + "\n" + Serialization.asYaml(pod) + Serialization.asYaml(node);
    }
}
