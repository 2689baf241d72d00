package io.keelson.controllers.daemonset;

import static io.keelson.controllers.daemonset.DaemonSets.leaving;
import static io.keelson.controllers.daemonset.DaemonSets.look;
import static io.keelson.controllers.daemonset.DaemonSets.node;
import static io.keelson.controllers.daemonset.DaemonSets.tainted;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetStatus;
import io.keelson.controllers.runtime.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DaemonSetPlanTest {
    private static final List<Node> NODES = List.of(node("a"), node("b"), node("c"));

    private final DaemonSet set = DaemonSets.set(null, 1);
    private final DaemonSet surging = DaemonSets.set(1, 0);

    private static List<String> names(Collection<Pod> pods) {
        List<String> names = new ArrayList<>();
        pods.forEach(pod -> names.add(pod.getMetadata().getName()));
        return names;
    }

    private Pod ready(String name, String node, String hash) {
        return DaemonSets.pod(set, name, node, hash, "Running", true);
    }

    private Pod unready(String name, String node, String hash) {
        return DaemonSets.pod(set, name, node, hash, "Running", false);
    }

    private static Upkeep upkeep(DaemonSet set, Pod... pods) {
        return Upkeep.of(look(set, NODES, List.of(pods)), node -> Duration.ZERO);
    }

    private static Rollout rollout(DaemonSet set, Pod... pods) {
        return Rollout.of(look(set, NODES, List.of(pods)));
    }

    private Placement.Verdict verdict(Node node) {
        return new Placement(set).on(node);
    }

    @Test
    void daemonsStayOnNodesThatAreInTroubleAndNotOnOthersThatKeepPodsAway() {
        assertEquals(Placement.Verdict.RUNS, verdict(node("a")));
        for (String condition : List.of("disk-pressure", "memory-pressure", "pid-pressure", "unschedulable")) {
            assertEquals(
                    Placement.Verdict.RUNS, verdict(tainted("a", "node.kubernetes.io/" + condition, "NoSchedule")));
        }
        for (String condition : List.of("not-ready", "unreachable")) {
            assertEquals(Placement.Verdict.RUNS, verdict(tainted("a", "node.kubernetes.io/" + condition, "NoExecute")));
        }
        Node withoutNetwork = tainted("a", "node.kubernetes.io/network-unavailable", "NoSchedule");
        assertEquals(Placement.Verdict.STAYS, verdict(withoutNetwork));
        set.getSpec().getTemplate().getSpec().setHostNetwork(true);
        assertEquals(Placement.Verdict.RUNS, verdict(withoutNetwork));
        assertEquals(Placement.Verdict.RUNS, verdict(tainted("a", "mine", "PreferNoSchedule")));
        assertEquals(Placement.Verdict.STAYS, verdict(tainted("a", "mine", "NoSchedule")));
        assertEquals(Placement.Verdict.GOES, verdict(tainted("a", "mine", "NoExecute")));
    }

    @Test
    void daemonsAreOnlyOnNodesThatTheyAskFor() {
        set.getSpec().getTemplate().getSpec().setNodeSelector(Map.of("kubernetes.io/hostname", "a"));
        assertEquals(Placement.Verdict.RUNS, verdict(node("a")));
        assertEquals(Placement.Verdict.GOES, verdict(node("b")));
        set.getSpec().getTemplate().getSpec().setNodeSelector(Map.of());
        set.getSpec().getTemplate().getSpec().setNodeName("b");
        assertEquals(Placement.Verdict.GOES, verdict(node("a")));
        assertEquals(Placement.Verdict.RUNS, verdict(node("b")));
    }

    @Test
    void aPodIsPinnedToItsNode() {
        set.getSpec()
                .getTemplate()
                .getSpec()
                .setAffinity(new AffinityBuilder()
                        .withNewNodeAffinity()
                        .addNewPreferredDuringSchedulingIgnoredDuringExecution()
                        .withWeight(1)
                        .endPreferredDuringSchedulingIgnoredDuringExecution()
                        .withNewRequiredDuringSchedulingIgnoredDuringExecution()
                        .addNewNodeSelectorTerm()
                        .addNewMatchExpression()
                        .withKey("kubernetes.io/hostname")
                        .withOperator("Exists")
                        .endMatchExpression()
                        .endNodeSelectorTerm()
                        .endRequiredDuringSchedulingIgnoredDuringExecution()
                        .endNodeAffinity()
                        .build());
        Pod pod = DaemonPods.forNode(set, "h", "a");
        var required =
                pod.getSpec().getAffinity().getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
        assertEquals(1, required.getNodeSelectorTerms().size());
        assertEquals(List.of(), required.getNodeSelectorTerms().getFirst().getMatchExpressions());
        assertEquals("a", DaemonPods.nodeOf(pod));
        assertEquals(
                1,
                pod.getSpec()
                        .getAffinity()
                        .getNodeAffinity()
                        .getPreferredDuringSchedulingIgnoredDuringExecution()
                        .size());
        assertEquals("agent-", pod.getMetadata().getGenerateName());
        assertEquals(
                Map.of("app", "agent", "controller-revision-hash", "h"),
                pod.getMetadata().getLabels());
        assertEquals(6, pod.getSpec().getTolerations().size());
        assertNull(DaemonPods.nodeOf(new PodBuilder().withNewSpec().endSpec().build()));
    }

    @Test
    void aTolerationThatEndsIsMadeToLast() {
        Toleration brief = new TolerationBuilder()
                .withKey("node.kubernetes.io/not-ready")
                .withOperator("Exists")
                .withEffect("NoExecute")
                .withTolerationSeconds(300L)
                .build();
        set.getSpec().getTemplate().getSpec().setTolerations(List.of(brief));
        List<Toleration> tolerations =
                DaemonPods.tolerations(set.getSpec().getTemplate().getSpec());
        assertEquals(6, tolerations.size());
        assertTrue(tolerations.stream().allMatch(toleration -> toleration.getTolerationSeconds() == null));
    }

    @Test
    void aPodIsUpdatedByItsHashOrByItsOldNumber() {
        Pod pod = ready("p", "a", "h");
        assertTrue(DaemonPods.isUpdated(set, pod, "h"));
        assertFalse(DaemonPods.isUpdated(set, pod, "g"));
        assertFalse(DaemonPods.isUpdated(set, ready("p", "a", ""), ""));
        set.getMetadata().setAnnotations(Map.of("deprecated.daemonset.template.generation", "3"));
        Pod numbered = ready("p", "a", "h");
        assertEquals("3", numbered.getMetadata().getLabels().get("pod-template-generation"));
        assertTrue(DaemonPods.isUpdated(set, numbered, "g"));
        set.getMetadata().setAnnotations(Map.of("deprecated.daemonset.template.generation", "three"));
        assertFalse(DaemonPods.isUpdated(set, numbered, "g"));
    }

    @Test
    void eachNodeGetsOnePodAndKeepsTheOldest() {
        assertEquals(List.of("a", "b", "c"), upkeep(set).creations());
        Pod young = ready("young", "a", "new");
        young.getMetadata().setCreationTimestamp("2026-01-01T01:00:00Z");
        Pod unplaced = ready("unplaced", "a", "new");
        unplaced.getSpec().setNodeName(null);
        Upkeep upkeep = upkeep(set, young, ready("old", "a", "old"), unplaced, leaving(ready("x", "b", "new")));
        assertEquals(List.of("c"), upkeep.creations());
        assertEquals(List.of("young", "unplaced"), names(upkeep.deletions()));
    }

    @Test
    void podsAreDeletedWhereNoneAreToBe() {
        List<Node> nodes = List.of(tainted("a", "t", "NoExecute"), tainted("b", "t", "NoSchedule"));
        Pod unplaced = ready("unplaced", "gone", "new");
        unplaced.getSpec().setNodeName(null);
        Upkeep upkeep = Upkeep.of(
                look(
                        set,
                        nodes,
                        List.of(
                                ready("p", "a", "new"),
                                leaving(ready("q", "a", "new")),
                                ready("r", "b", "new"),
                                ready("s", "gone", "new"),
                                unplaced)),
                node -> Duration.ZERO);
        assertEquals(List.of(), upkeep.creations());
        assertEquals(List.of("p", "unplaced"), names(upkeep.deletions()));
    }

    @Test
    void whatEndedIsDeletedAndWhatFailedWaitsItsTurn() {
        for (DaemonSet each : List.of(set, surging)) {
            Pod failed = DaemonSets.pod(each, "f", "a", "new", "Failed", false);
            Pod succeeded = DaemonSets.pod(each, "s", "b", "new", "Succeeded", false);
            Look look = look(each, NODES.subList(0, 2), List.of(failed, succeeded));
            Upkeep now = Upkeep.of(look, node -> Duration.ZERO);
            assertEquals(List.of("f", "s"), names(now.deletions()));
            assertEquals(List.of("f"), names(now.failed()));
            assertEquals(List.of("s"), names(now.succeeded()));
            assertNull(now.again());
            Upkeep later = Upkeep.of(look, node -> Duration.ofSeconds(7));
            assertEquals(List.of("s"), names(later.deletions()));
            assertEquals(Duration.ofSeconds(7), later.again());
            assertFalse(later.creations().contains("a"));
        }
        Pod gone = leaving(DaemonSets.pod(set, "g", "a", "new", "Failed", false));
        assertEquals(List.of("a", "b", "c"), upkeep(set, gone).creations());
    }

    @Test
    void failuresWaitLongerEachTime() {
        FailedPodBackoff backoff = new FailedPodBackoff();
        Key key = new Key("default", "agent");
        Instant now = DaemonSets.NOW;
        long[] expected = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900};
        for (long seconds : expected) {
            assertEquals(Duration.ZERO, backoff.left(key, "1", "a", now));
            backoff.deleted(key, "1", "a", now);
            assertEquals(Duration.ofSeconds(seconds), backoff.left(key, "1", "a", now));
            assertEquals(
                    Duration.ofSeconds(seconds),
                    backoff.left(key, "1", "a", now.minusSeconds(3600)),
                    "the clock was set back");
            assertEquals(Duration.ZERO, backoff.left(key, "1", "b", now));
            assertEquals(Duration.ZERO, backoff.left(key, "2", "a", now));
            now = now.plusSeconds(seconds);
        }
        backoff.forgetOld(now.plusSeconds(800));
        assertEquals(1, backoff.size());
        backoff.forgetOld(now.plusSeconds(1000));
        assertEquals(0, backoff.size());
        backoff.deleted(key, "1", "a", now);
        backoff.forget(key);
        assertEquals(0, backoff.size());
    }

    @Test
    void withSurgeANodeMayHaveAnOldPodThatWorksBesideANewOneThatDoesNotYet() {
        Pod oldPod = ready("old", "a", "old");
        assertEquals(
                List.of(),
                names(upkeep(surging, oldPod, unready("new", "a", "new")).deletions()));
        assertEquals(
                List.of("old"),
                names(upkeep(surging, oldPod, ready("new", "a", "new")).deletions()));
        assertEquals(
                List.of("old"),
                names(upkeep(surging, unready("old", "a", "old"), unready("new", "a", "new"))
                        .deletions()));
        assertEquals(
                List.of("old2"),
                names(upkeep(surging, oldPod, ready("old2", "a", "old")).deletions()));
        // One that is on its way does not count.
        assertTrue(upkeep(surging, leaving(oldPod)).creations().contains("a"));
        assertFalse(upkeep(set, leaving(oldPod)).creations().contains("a"));
    }

    @Test
    void withoutSurgeAsManyOldPodsGoAsMayBeUnavailable() {
        Pod a = ready("a", "a", "old");
        Pod b = ready("b", "b", "old");
        assertEquals(
                List.of("a"), names(rollout(set, a, b, ready("c", "c", "old")).deletions()));
        assertEquals(
                List.of(), names(rollout(set, a, b, unready("c", "c", "new")).deletions()));
        assertEquals(List.of(), names(rollout(set, a, b).deletions()));
        assertEquals(
                List.of("c"), names(rollout(set, a, b, unready("c", "c", "old")).deletions()));
        assertEquals(
                List.of("a", "b"),
                names(rollout(DaemonSets.set(null, "50%"), a, b, ready("c", "c", "old"))
                        .deletions()));
        assertEquals(
                List.of("a"),
                names(rollout(DaemonSets.set(null, "0%"), a, b, ready("c", "c", "old"))
                        .deletions()));
        assertEquals(
                List.of("a"),
                names(rollout(DaemonSets.set(null, "many"), a, b, ready("c", "c", "old"))
                        .deletions()));
    }

    @Test
    void withSurgeNewPodsComeBesideOldOnesAndTheseGoWhenTheNewOnesWork() {
        Pod a = ready("a", "a", "old");
        Pod b = ready("b", "b", "old");
        Pod c = ready("c", "c", "old");
        assertEquals(List.of("a"), rollout(surging, a, b, c).creations());
        Rollout waiting = rollout(surging, a, unready("a2", "a", "new"), b, c);
        assertEquals(List.of(), waiting.creations());
        assertEquals(List.of(), waiting.deletions());
        Rollout onward = rollout(surging, a, ready("a2", "a", "new"), b, c);
        assertEquals(List.of("b"), onward.creations());
        assertEquals(List.of("a"), names(onward.deletions()));
        assertEquals(
                List.of("c", "a"),
                rollout(surging, a, b, unready("c", "c", "old")).creations());
    }

    @Test
    void withSurgeAPodThatWorksWhereNoneIsToBeGoesWhenEnoughWorkElsewhere() {
        List<Node> nodes = List.of(tainted("a", "t", "NoSchedule"), node("b"));
        Pod a = ready("a", "a", "old");
        assertEquals(
                List.of(),
                names(Rollout.of(look(surging, nodes, List.of(a, unready("b", "b", "new"))))
                        .deletions()));
        assertEquals(
                List.of("a"),
                names(Rollout.of(look(surging, nodes, List.of(a, ready("b", "b", "new"))))
                        .deletions()));
        assertEquals(
                List.of("a"),
                names(Rollout.of(look(surging, nodes, List.of(unready("a", "a", "old"))))
                        .deletions()));
    }

    @Test
    void theStatusCountsNodes() {
        List<Node> nodes = List.of(node("a"), node("b"), node("c"), tainted("d", "t", "NoSchedule"));
        set.getMetadata().setGeneration(4L);
        Look look = look(
                set,
                nodes,
                List.of(
                        ready("a", "a", "new"),
                        unready("b", "b", "old"),
                        ready("d", "d", "new"),
                        ready("gone", "gone", "new")));
        StatusCount count = StatusCount.of(look);
        assertEquals(new StatusCount(3, 2, 1, 1, 1, 1), count);
        DaemonSetStatus status = count.toWrite(set, false).orElseThrow();
        assertEquals(2, status.getNumberUnavailable());
        assertEquals(0, status.getObservedGeneration());
        set.setStatus(count.toWrite(set, true).orElseThrow());
        assertEquals(4, set.getStatus().getObservedGeneration());
        assertTrue(count.toWrite(set, true).isEmpty());
        set.getMetadata().setGeneration(5L);
        assertTrue(count.toWrite(set, false).isEmpty());
        assertEquals(5, count.toWrite(set, true).orElseThrow().getObservedGeneration());
    }

    @Test
    void availabilityTakesTheSecondsThatTheSetWants() {
        set.getSpec().setMinReadySeconds(43_205);
        Look look = look(set, NODES, List.of(ready("a", "a", "new")));
        assertEquals(0, StatusCount.of(look).available());
        assertEquals(Duration.ofSeconds(5), StatusCount.untilAvailable(look).orElseThrow());
    }
}
