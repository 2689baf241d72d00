package io.keelson.scheduler.plugins;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.plugins.NodeResourcesFit.Kind;
import io.keelson.scheduler.plugins.NodeResourcesFit.Point;
import io.keelson.scheduler.plugins.NodeResourcesFit.Strategy;
import io.keelson.scheduler.plugins.NodeResourcesFit.Weight;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeResourcesFitTest {
    private static final List<Weight> CPU = List.of(new Weight("cpu", 1));
    private static final List<Weight> BOTH = List.of(new Weight("cpu", 3), new Weight("memory", 1));

    private final ClusterState cluster = new ClusterState();

    private NodeState node(Map<String, Quantity> allocatable) {
        cluster.setNode(new NodeBuilder()
                .withNewMetadata()
                .withName("node")
                .endMetadata()
                .withNewStatus()
                .withAllocatable(allocatable)
                .endStatus()
                .build());
        return Objects.requireNonNull(cluster.node("node"));
    }

    private NodeState node(String cpu, String memory) {
        return node(Map.of("cpu", new Quantity(cpu), "memory", new Quantity(memory), "pods", new Quantity("10")));
    }

    private PodInfo pod(String cpu, String memory) {
        return PodInfo.of(
                new PodBuilder()
                        .withNewMetadata()
                        .withName("pod")
                        .withNamespace("default")
                        .withUid("pod")
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withNewResources()
                        .addToRequests("cpu", new Quantity(cpu))
                        .addToRequests("memory", new Quantity(memory))
                        .endResources()
                        .endContainer()
                        .endSpec()
                        .build(),
                cluster.table());
    }

    private long worth(Strategy strategy, PodInfo pod, NodeState node) {
        return new NodeResourcesFit(strategy)
                .prepare(pod, cluster, List.of(node))
                .rate(node);
    }

    @Test
    void leastAllocatedIsWhatStaysFreeByWeight() {
        Strategy strategy = new Strategy(Kind.LEAST_ALLOCATED, BOTH, List.of());
        assertEquals((3 * 75 + 20) / 4, worth(strategy, pod("1", "80"), node("4", "100")));
        assertEquals(15 / 4, worth(strategy, pod("5", "85"), node("4", "100")));
    }

    @Test
    void mostAllocatedIsWhatIsTakenByWeight() {
        Strategy strategy = new Strategy(Kind.MOST_ALLOCATED, BOTH, List.of());
        assertEquals((3 * 25 + 80) / 4, worth(strategy, pod("1", "80"), node("4", "100")));
        assertEquals((3 * 100 + 85) / 4, worth(strategy, pod("5", "85"), node("4", "100")));
    }

    @Test
    void aNodeWithNothingThatCountsIsWorthNothing() {
        Strategy strategy = new Strategy(Kind.MOST_ALLOCATED, CPU, List.of());
        assertEquals(0, worth(strategy, pod("1", "1"), node("0", "100")));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 20", "10, 20", "30, 20", "31, 23", "40, 50", "50, 80", "60, 70", "90, 40", "95, 40", "100, 40", "150, 40"
    })
    void aCurveIsStraightBetweenItsPointsAndLevelOutside(int percent, long expected) {
        Strategy strategy = new Strategy(
                Kind.REQUESTED_TO_CAPACITY_RATIO, CPU, List.of(new Point(30, 2), new Point(50, 8), new Point(90, 4)));
        assertEquals(expected, worth(strategy, pod(percent + "m", "1"), node("100m", "100")));
    }

    @Test
    void withACurveTheMeanIsRoundedAndResourcesThatGiveNothingHaveNoSay() {
        Strategy strategy =
                new Strategy(Kind.REQUESTED_TO_CAPACITY_RATIO, BOTH, List.of(new Point(0, 0), new Point(100, 10)));
        assertEquals(Math.round((3 * 25 + 80) / 4.0), worth(strategy, pod("1", "80"), node("4", "100")));
        assertEquals(80, worth(strategy, pod("0", "80"), node("4", "100")));
    }

    @Test
    void extendedResourcesHaveASayOnlyForPodsThatRequestThem() {
        Strategy strategy = new Strategy(
                Kind.MOST_ALLOCATED,
                List.of(new Weight("cpu", 1), new Weight("example.com/gpu", 9), new Weight("pods", 9)),
                List.of());
        NodeState node = node(
                Map.of("cpu", new Quantity("2"), "example.com/gpu", new Quantity("4"), "pods", new Quantity("10")));
        assertEquals(50, worth(strategy, pod("1", "1"), node));
    }

    @Test
    void aStrategyWithoutResourcesOrACurveWithoutPointsIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Strategy(Kind.MOST_ALLOCATED, List.of(), List.of()));
        assertThrows(
                IllegalArgumentException.class, () -> new Strategy(Kind.REQUESTED_TO_CAPACITY_RATIO, CPU, List.of()));
    }

    @Test
    void whatIsMoreThanTheWholeNodeIsNotThereWhoeverGoes() {
        NodeState node = node("2", "100");
        cluster.put(PodInfo.of(pod("1", "1").pod(), cluster.table()), "node");
        Filter.Test test = new NodeResourcesFit(Strategy.LEAST_ALLOCATED).prepare(pod("1500m", "101"), cluster);
        assertNotNull(test);
        assertEquals(
                List.of(
                        new Rejection("NodeResourcesFit", "Insufficient cpu", true),
                        new Rejection("NodeResourcesFit", "Insufficient memory", false)),
                test.test(node));
    }

    @Test
    void aResourceOfWhichANodeHasNothingIsLeftToDevicesIfTheyStandForIt() {
        PodInfo pod = PodInfo.of(
                new PodBuilder()
                        .withNewMetadata()
                        .withName("p")
                        .withNamespace("ns")
                        .withUid("u")
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withNewResources()
                        .addToRequests("example.com/gpu", new Quantity("3"))
                        .addToRequests("example.com/nic", new Quantity("1"))
                        .endResources()
                        .endContainer()
                        .endSpec()
                        .build(),
                cluster.table());
        Filter.Test test = new NodeResourcesFit(
                        Strategy.LEAST_ALLOCATED, resource -> false, resource -> resource.equals("example.com/gpu"))
                .prepare(pod, cluster);
        assertEquals(
                List.of(new Rejection("NodeResourcesFit", "Insufficient example.com/nic", false)),
                test.test(node("4", "100")));
    }
}
