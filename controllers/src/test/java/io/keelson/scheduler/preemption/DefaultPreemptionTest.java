package io.keelson.scheduler.preemption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.keelson.scheduler.decision.Decider;
import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.plugins.NodeAffinity;
import io.keelson.scheduler.plugins.NodeResourcesFit;
import io.keelson.scheduler.preemption.DefaultPreemption.Result;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DefaultPreemptionTest {
    private static final List<Filter> FILTERS =
            List.of(new NodeAffinity(), new NodeResourcesFit(NodeResourcesFit.Strategy.LEAST_ALLOCATED));

    private final ClusterState cluster = new ClusterState();
    private final List<PodDisruptionBudget> budgets = new ArrayList<>();

    private void node(String name, int cpu) {
        cluster.setNode(new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(Map.of("name", name))
                .endMetadata()
                .withNewStatus()
                .withAllocatable(Map.of("cpu", new Quantity(cpu + ""), "pods", new Quantity("110")))
                .endStatus()
                .build());
    }

    private static PodBuilder build(String name, int priority, int cpu) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withUid(name)
                .withNamespace("default")
                .withLabels(Map.of("name", name))
                .endMetadata()
                .withNewSpec()
                .withPriority(priority)
                .addNewContainer()
                .withName("main")
                .withNewResources()
                .withRequests(Map.of("cpu", new Quantity(cpu + "")))
                .endResources()
                .endContainer()
                .endSpec();
    }

    private PodInfo pod(String name, int priority, int cpu) {
        return PodInfo.of(build(name, priority, cpu).build(), cluster.table());
    }

    private void on(String node, String name, int priority, int cpu) {
        cluster.put(pod(name, priority, cpu), node);
    }

    private void started(String node, String name, int priority, String time) {
        cluster.put(
                PodInfo.of(
                        build(name, priority, 1)
                                .withNewStatus()
                                .withStartTime(time)
                                .endStatus()
                                .build(),
                        cluster.table()),
                node);
    }

    private void protect(String name) {
        budgets.add(new PodDisruptionBudgetBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withNewSelector()
                .withMatchLabels(Map.of("name", name))
                .endSelector()
                .endSpec()
                .withNewStatus()
                .withDisruptionsAllowed(0)
                .endStatus()
                .build());
    }

    private Result find(PodInfo pod) {
        Map<String, Set<String>> before = placed();
        Decision decision = new Decider(FILTERS, List.of(), 0, new Random(1)).decide(pod, cluster);
        Decision.Impossible why = assertInstanceOf(Decision.Impossible.class, decision);
        Result result = new DefaultPreemption(FILTERS, new Random(1))
                .find(pod, why, cluster, Integer.MIN_VALUE, () -> new Budgets(budgets));
        assertEquals(before, placed(), "the state is as it was");
        return result;
    }

    private Map<String, Set<String>> placed() {
        Map<String, Set<String>> placed = new HashMap<>();
        for (NodeState node : cluster.nodes()) {
            Set<String> uids = new HashSet<>();
            node.pods().forEach(pod -> uids.add(pod.uid()));
            uids.add("cpu " + node.requested(0));
            placed.put(node.name(), uids);
        }
        return placed;
    }

    private void assertVictims(PodInfo pod, String node, String... victims) {
        Candidate found = assertInstanceOf(Result.Found.class, find(pod)).candidate();
        assertEquals(node, found.node().name());
        assertEquals(
                List.of(victims), found.victims().stream().map(PodInfo::uid).toList());
    }

    @Test
    void theMoreImportantAreSpared() {
        node("a", 4);
        on("a", "p1", 1, 1);
        on("a", "p3", 3, 1);
        on("a", "p2", 2, 1);
        on("a", "p9", 9, 1);
        assertVictims(pod("new", 5, 2), "a", "p2", "p1");
    }

    @Test
    void aBudgetIsViolatedOnlyIfThereIsNoOtherWay() {
        node("a", 2);
        on("a", "protected", 1, 1);
        on("a", "free", 2, 1);
        protect("protected");
        assertVictims(pod("new", 5, 1), "a", "free");
        node("b", 1);
        on("b", "cheap", 3, 1);
        assertVictims(pod("large", 5, 1), "a", "free");
        cluster.removeNode("a");
        assertVictims(pod("other", 5, 1), "b", "cheap");
        protect("cheap");
        assertVictims(pod("other", 5, 1), "b", "cheap");
    }

    @Test
    void theNodeOfTheSmallestLossIsTaken() {
        for (String name : List.of("a", "b", "c")) {
            node(name, 2);
        }
        on("a", "a5", 5, 2);
        on("b", "b4", 4, 1);
        on("b", "b3", 3, 1);
        on("c", "c4", 4, 2);
        assertVictims(pod("new", 9, 2), "c", "c4");
        protect("c4");
        assertVictims(pod("new", 9, 2), "b", "b4", "b3");
    }

    @Test
    void ofEqualLossesTheYoungerGo() {
        node("a", 1);
        node("b", 1);
        started("a", "old", 1, "2026-01-01T00:00:00Z");
        started("b", "young", 1, "2026-01-02T00:00:00Z");
        assertVictims(pod("new", 9, 1), "b", "young");
    }

    @Test
    void whyItWouldNotHelpIsSaidForEachNode() {
        node("full-of-equals", 1);
        on("full-of-equals", "p5", 5, 1);
        node("too-small", 1);
        node("small-with-others", 2);
        on("small-with-others", "p6", 6, 1);
        on("small-with-others", "p1", 1, 1);
        Result.Nothing nothing = assertInstanceOf(Result.Nothing.class, find(pod("new", 5, 2)));
        assertEquals(
                "preemption: 0/3 nodes are available: 1 Insufficient cpu, 2 Preemption is not helpful for scheduling.",
                nothing.message());
        nothing = assertInstanceOf(Result.Nothing.class, find(pod("less", 0, 2)));
        assertEquals(
                "preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is"
                        + " not helpful for scheduling.",
                nothing.message());
    }
}
