package io.keelson.scheduler.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DecisionTest {
    /** The message if these are the reasons, one array for each node. */
    private static String message(String[]... reasonsByNode) {
        ClusterState cluster = new ClusterState();
        Map<NodeState, List<Rejection>> rejections = new LinkedHashMap<>();
        for (String[] reasons : reasonsByNode) {
            String name = "node" + rejections.size();
            cluster.setNode(new NodeBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .endMetadata()
                    .build());
            rejections.put(
                    Objects.requireNonNull(cluster.node(name)),
                    Arrays.stream(reasons)
                            .map(reason -> new Rejection("Any", reason, true))
                            .toList());
        }
        return new Decision.Impossible(rejections).message();
    }

    private static String[] node(String... reasons) {
        return reasons;
    }

    @Test
    void withoutNodesItSaysThatThereAreNone() {
        assertEquals("no nodes available to schedule pods", new Decision.Impossible(Map.of()).message());
    }

    @Test
    void oneReasonOfAllNodesIsSaidOnce() {
        assertEquals(
                "0/2 nodes are available: 2 node(s) had untolerated taint(s).",
                message(node("node(s) had untolerated taint(s)"), node("node(s) had untolerated taint(s)")));
    }

    @Test
    void reasonsAreCountedAndSortedAsTexts() {
        assertEquals(
                "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.",
                message(
                        node("node(s) were unschedulable"),
                        node("Insufficient cpu"),
                        node("node(s) were unschedulable")));
    }

    @Test
    void tenComesBeforeTwoBecauseTextsAreSortedNotNumbers() {
        String[][] nodes = new String[12][];
        Arrays.fill(nodes, 0, 10, node("node(s) were unschedulable"));
        Arrays.fill(nodes, 10, 12, node("Insufficient cpu"));
        assertEquals("0/12 nodes are available: 10 node(s) were unschedulable, 2 Insufficient cpu.", message(nodes));
    }

    @Test
    void aNodeThatLacksSeveralResourcesCountsForEach() {
        assertEquals(
                "0/2 nodes are available: 1 Insufficient memory, 1 Too many pods, 2 Insufficient cpu.",
                message(node("Insufficient cpu", "Insufficient memory"), node("Too many pods", "Insufficient cpu")));
    }
}
