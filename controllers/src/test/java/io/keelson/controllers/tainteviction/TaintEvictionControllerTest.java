package io.keelson.controllers.tainteviction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.TestNodes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TaintEvictionControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final TestNodes nodes = new TestNodes(cluster.client());
    private final ManualTime time = new ManualTime(Instant.now());

    @AfterEach
    void close() {
        cluster.close();
    }

    private static Taint taint(String key, String effect) {
        return new TaintBuilder().withKey(key).withEffect(effect).build();
    }

    private static Toleration toleration(@Nullable String key, @Nullable Long seconds) {
        return new TolerationBuilder()
                .withKey(key)
                .withOperator("Exists")
                .withEffect("NoExecute")
                .withTolerationSeconds(seconds)
                .build();
    }

    private void pod(String namespace, String name, String node, Toleration... tolerations) {
        nodes.create(new PodBuilder(TestNodes.pod(namespace, name, node).build())
                .editSpec()
                .withTolerations(tolerations)
                .endSpec());
    }

    /** A pod that is deleted stays for its grace period: no kubelet is there to end it. */
    private boolean leaves(String namespace, String name) {
        Pod pod = cluster.client().pods().inNamespace(namespace).withName(name).get();
        return pod == null || Pods.isTerminating(pod);
    }

    private List<String> told(String namespace) {
        return cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                .map(event -> event.getReason() + ": " + event.getMessage())
                .toList();
    }

    @Test
    void podsLeaveWhenTheyDoNotTolerateOrNotForLonger() throws InterruptedException {
        String namespace = cluster.namespace();
        String node = nodes.create(Map.of());
        pod(namespace, "intolerant", node);
        pod(namespace, "patient", node, toleration("bad", 60L));
        pod(namespace, "faithful", node, toleration("bad", null));
        Manager manager = cluster.run(time, TaintEvictionController.descriptor());
        nodes.taint(node, taint("bad", "NoSchedule"));
        nodes.taint(node, taint("bad", "NoExecute"));
        TestCluster.await("one leaves at once", () -> leaves(namespace, "intolerant"));
        TestCluster.await("nothing is left to do", manager::idle);
        assertEquals(false, leaves(namespace, "patient"));
        // Somebody corrects the clock: no time has passed by that.
        time.set(Duration.ofHours(-1));
        time.advance(Duration.ofSeconds(61));
        TestCluster.await("one leaves when its time is over", () -> leaves(namespace, "patient"));
        TestCluster.await("nothing is left to do", manager::idle);
        assertEquals(false, leaves(namespace, "faithful"));
        Pod pod = cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName("patient")
                .get();
        assertNotNull(pod);
        PodCondition condition = Pods.condition(pod, "DisruptionTarget");
        assertNotNull(condition);
        assertEquals("DeletionByTaintManager", condition.getReason());
        assertEquals("Taint manager: deleting due to NoExecute taint", condition.getMessage());
        TestCluster.await(
                "events tell of both",
                () -> told(namespace)
                        .containsAll(List.of(
                                "TaintManagerEviction: Marking for deletion Pod " + namespace + "/intolerant",
                                "TaintManagerEviction: Marking for deletion Pod " + namespace + "/patient")));
    }

    @Test
    void aTaintThatGoesInTimeCancelsAndOneThatIsReplacedDoesNotGiveMoreTime() throws InterruptedException {
        String namespace = cluster.namespace();
        String node = nodes.create(Map.of());
        String other = nodes.create(Map.of());
        pod(namespace, "lucky", node, toleration("bad", 60L));
        pod(namespace, "unlucky", other, toleration("bad", 60L), toleration("worse", 60L));
        Manager manager = cluster.run(time, TaintEvictionController.descriptor());
        nodes.taint(node, taint("bad", "NoExecute"));
        nodes.taint(other, taint("bad", "NoExecute"));
        // How long they wait is nowhere to be seen: the event of one that is cancelled is.
        String third = nodes.create(Map.of());
        pod(namespace, "probe", third);
        nodes.taint(third, taint("bad", "NoExecute"));
        TestCluster.await("the taints are seen", () -> leaves(namespace, "probe"));
        TestCluster.await("nothing is left to do", manager::idle);
        time.advance(Duration.ofSeconds(50));
        nodes.taint(node);
        nodes.taint(other, taint("worse", "NoExecute"));
        TestCluster.await(
                "the deletion is cancelled",
                () -> told(namespace)
                        .contains("TaintManagerEviction: Cancelling deletion of Pod " + namespace + "/lucky"));
        time.advance(Duration.ofSeconds(11));
        TestCluster.await("its time is over", () -> leaves(namespace, "unlucky"));
        assertEquals(false, leaves(namespace, "lucky"));
    }

    @Test
    void theConditionIsWrittenOnce() {
        Pod pod = TestNodes.pod("n", "p", "x").build();
        Pod marked = TaintEvictionController.disrupted(pod, Instant.parse("2026-01-01T00:00:00.5Z"));
        assertNotNull(marked);
        PodCondition condition = Pods.condition(marked, "DisruptionTarget");
        assertNotNull(condition);
        assertEquals("2026-01-01T00:00:00Z", condition.getLastTransitionTime());
        assertNull(TaintEvictionController.disrupted(marked, Instant.now()));
    }

    @Test
    void theShortestTolerationCounts() {
        List<Taint> taints = List.of(taint("a", "NoExecute"), taint("b", "NoExecute"));
        assertEquals(new Stay(null), Stay.of(List.of(), List.of()));
        assertEquals(new Stay(Duration.ZERO), Stay.of(taints, List.of(toleration("a", null))));
        assertEquals(
                new Stay(Duration.ofSeconds(5)),
                Stay.of(taints, List.of(toleration("a", 9L), toleration("a", 1L), toleration("b", 5L))));
        assertEquals(
                new Stay(Duration.ofSeconds(9)), Stay.of(taints, List.of(toleration("a", 9L), toleration("b", null))));
        assertEquals(new Stay(null), Stay.of(taints, List.of(toleration("a", null), toleration("b", null))));
        assertEquals(new Stay(Duration.ZERO), Stay.of(taints, List.of(toleration("a", -9L), toleration("b", null))));
        Duration longest =
                Stay.of(taints, List.of(toleration(null, Long.MAX_VALUE))).limit();
        assertNotNull(longest);
        assertNotNull(Instant.now().plus(longest));
    }

    @Test
    void whatAnEarlierProcessBeganIsEnded() throws InterruptedException {
        String namespace = cluster.namespace();
        String node = nodes.create(Map.of());
        pod(namespace, "marked", node);
        Pod marked = TaintEvictionController.disrupted(
                cluster.client()
                        .pods()
                        .inNamespace(namespace)
                        .withName("marked")
                        .require(),
                time.instant());
        assertNotNull(marked);
        cluster.client().resource(marked).updateStatus();
        nodes.taint(node, taint("bad", "NoExecute"));
        cluster.run(time, TaintEvictionController.descriptor());
        TestCluster.await("it leaves", () -> leaves(namespace, "marked"));
    }
}
