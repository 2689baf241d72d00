package io.keelson.controllers.podgc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SweepTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static Pod pod(String name, String node, String phase, boolean deleted) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .withDeletionTimestamp(deleted ? "2026-01-01T00:01:00Z" : null)
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .endSpec()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
    }

    private static Pod ended(String name, String created, String reason) {
        return new PodBuilder(pod(name, "n", "Failed", false))
                .editMetadata()
                .withCreationTimestamp(created)
                .endMetadata()
                .editStatus()
                .withReason(reason)
                .endStatus()
                .build();
    }

    private static Node node(String name, boolean ready, boolean outOfService) {
        NodeBuilder node = new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "Unknown")
                .endCondition()
                .endStatus();
        if (outOfService) {
            node.editSpec()
                    .addNewTaint()
                    .withKey("node.kubernetes.io/out-of-service")
                    .withEffect("NoExecute")
                    .endTaint()
                    .endSpec();
        }
        return node.build();
    }

    private static List<String> going(Collection<Pod> pods, Map<String, Node> nodes, Set<String> gone, int max) {
        return Sweep.of(pods, nodes, gone, max).stream()
                .map(one -> one.pod().getMetadata().getName() + " " + one.reason())
                .sorted()
                .toList();
    }

    @Test
    void ofThoseThatEndedTheEvictedGoFirstThenTheOldestThenByName() {
        List<Pod> pods = List.of(
                ended("old", "2025-01-01T00:00:00Z", ""),
                ended("b", "2025-06-01T00:00:00Z", ""),
                ended("a", "2025-06-01T00:00:00Z", ""),
                ended("evicted", "2025-12-01T00:00:00Z", "Evicted"),
                pod("runs", "n", "Running", false));
        Map<String, Node> nodes = Map.of("n", node("n", true, false));
        assertEquals(List.of(), going(pods, nodes, Set.of(), 4));
        assertEquals(List.of("evicted TERMINATED"), going(pods, nodes, Set.of(), 3));
        assertEquals(List.of("a TERMINATED", "evicted TERMINATED", "old TERMINATED"), going(pods, nodes, Set.of(), 1));
        assertEquals(List.of(), going(pods, nodes, Set.of(), 0));
    }

    @Test
    void podsOfNodesThatAreGoneGoAndThoseThatNeverGotToOneOnlyIfTheyAreBeingDeleted() {
        List<Pod> pods = List.of(
                pod("lost", "away", "Running", false),
                pod("missed", "hidden", "Running", false),
                pod("stuck", "", "Pending", true),
                pod("waiting", "", "Pending", false));
        assertEquals(Set.of("away", "hidden"), Sweep.missingNodes(pods, Map.of()));
        assertEquals(List.of("lost ORPHANED", "stuck UNSCHEDULED"), going(pods, Map.of(), Set.of("away"), 0));
    }

    @Test
    void podsThatAreBeingDeletedGoFromNodesThatAreOutOfServiceAndNotReady() {
        List<Pod> pods = List.of(
                pod("out", "out", "Running", true),
                pod("out-stays", "out", "Running", false),
                pod("tainted", "tainted", "Running", true),
                pod("unready", "unready", "Running", true));
        Map<String, Node> nodes = Map.of(
                "out", node("out", false, true),
                "tainted", node("tainted", true, true),
                "unready", node("unready", false, false));
        assertEquals(List.of("out OUT_OF_SERVICE"), going(pods, nodes, Set.of(), 0));
    }

    @Test
    void aNodeIsGoneWhenItHasBeenMissingFortySecondsWithoutABreak() {
        Quarantine quarantine = new Quarantine();
        assertEquals(Set.of(), quarantine.over(Set.of("a", "b"), NOW));
        assertEquals(Set.of(), quarantine.over(Set.of("a"), NOW.plusSeconds(39)));
        assertEquals(Set.of("a"), quarantine.over(Set.of("a", "b"), NOW.plusSeconds(40)));
        assertEquals(Set.of("b"), quarantine.over(Set.of("b"), NOW.plusSeconds(80)));
    }
}
