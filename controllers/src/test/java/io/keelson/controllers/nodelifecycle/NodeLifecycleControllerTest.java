package io.keelson.controllers.nodelifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.TestNodes;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeLifecycleControllerTest {
    private static final String UNREACHABLE = "node.kubernetes.io/unreachable";
    private static final String NOT_READY = "node.kubernetes.io/not-ready";
    private static final NodeLifecycleSettings SETTINGS = NodeLifecycleSettings.DEFAULT.withPeriods(
            Duration.ofSeconds(1), Duration.ofSeconds(50), Duration.ofSeconds(60));

    private final TestCluster cluster = new TestCluster();
    private final TestNodes nodes = new TestNodes(cluster.client());
    private final ManualTime time = new ManualTime(Instant.now());
    private final Map<String, String> zone =
            Map.of("topology.kubernetes.io/zone", "z" + System.nanoTime(), "kubernetes.io/os", "linux");
    private String alive = "";
    private int renewals;

    @BeforeEach
    void createNodeThatLives() {
        alive = nodes.create(zone);
        nodes.post(alive, "Ready", "True", time.instant());
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private void renew() {
        cluster.client()
                .resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withName(alive)
                        .withNamespace("kube-node-lease")
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity(alive)
                        // Its clock is years behind: no matter.
                        .withRenewTime(Instant.parse("2020-01-01T00:00:00Z")
                                .plusSeconds(renewals++)
                                .atZone(ZoneOffset.UTC))
                        .endSpec()
                        .build())
                .unlock()
                .createOr(lease -> lease.update());
    }

    /** Lets a second pass; the node that lives renews its Lease often enough. */
    private boolean passes() {
        if (time.instant().getEpochSecond() % 5 == 0) {
            renew();
        }
        time.advance(Duration.ofSeconds(1));
        return true;
    }

    private NodeCondition condition(String node, String type) {
        Node found = nodes.get(node);
        assertNotNull(found);
        NodeCondition condition = NodeConditions.of(found, type);
        return condition == null ? new NodeCondition() : condition;
    }

    private Pod pod(String namespace, String name) {
        Pod pod = cluster.client().pods().inNamespace(namespace).withName(name).get();
        assertNotNull(pod);
        return pod;
    }

    private String zone() {
        return ":\0:" + zone.get("topology.kubernetes.io/zone");
    }

    private List<String> told(String node) {
        return cluster.client().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> node.equals(event.getInvolvedObject().getName()))
                .map(event -> event.getReason() + ": " + event.getMessage())
                .toList();
    }

    @Test
    void aNodeThatStopsTalkingIsGivenUpAndOneThatComesBackIsNot() throws InterruptedException {
        String namespace = cluster.namespace();
        String lost = nodes.create(zone);
        nodes.post(lost, "Ready", "True", time.instant());
        nodes.post(lost, "DiskPressure", "False", time.instant());
        nodes.post(lost, "NetworkUnavailable", "False", time.instant());
        cluster.ready(nodes.create(TestNodes.pod(namespace, "on-lost", lost)), time.instant());
        cluster.ready(nodes.create(TestNodes.pod(namespace, "on-alive", alive)), time.instant());
        Instant start = time.instant();
        cluster.run(time, NodeLifecycleController.descriptor(SETTINGS));
        TestCluster.await(
                "the node was looked at",
                () -> passes() && told(lost).stream().anyMatch(text -> text.startsWith("RegisteredNode")));
        // Somebody corrects the clock: by that nobody is silent for longer.
        passes();
        time.set(Duration.ofMinutes(10));
        Instant begun = time.steady();

        TestCluster.await(
                "the node is lost",
                () -> passes() && "Unknown".equals(condition(lost, "Ready").getStatus()));
        assertTrue(Duration.between(begun, time.steady()).toSeconds() >= 40, "the grace period is waited for");
        NodeCondition ready = condition(lost, "Ready");
        assertEquals("NodeStatusUnknown", ready.getReason());
        assertEquals("Kubelet stopped posting node status.", ready.getMessage());
        assertEquals(start.truncatedTo(ChronoUnit.SECONDS).toString(), ready.getLastHeartbeatTime());
        assertEquals("Unknown", condition(lost, "DiskPressure").getStatus());
        assertEquals("NodeStatusNeverUpdated", condition(lost, "PIDPressure").getReason());
        assertEquals("False", condition(lost, "NetworkUnavailable").getStatus());

        TestCluster.await(
                "it is tainted",
                () -> passes()
                        && nodes.hasTaint(lost, UNREACHABLE, "NoSchedule")
                        && nodes.hasTaint(lost, UNREACHABLE, "NoExecute"));
        TestCluster.await("its pod is not ready", () -> !Pods.isReady(pod(namespace, "on-lost")));
        assertTrue(Pods.isReady(pod(namespace, "on-alive")));
        assertEquals("True", condition(alive, "Ready").getStatus());
        TestCluster.await("events tell of it", () -> {
            List<String> told = told(lost);
            return told.contains(
                            "RegisteredNode: Node %s event: Registered Node %s in Controller".formatted(lost, lost))
                    && told.contains("NodeNotReady: Node %s status is now: NodeNotReady".formatted(lost));
        });

        nodes.post(lost, "Ready", "False", time.instant());
        TestCluster.await(
                "it is not ready for another reason",
                () -> passes()
                        && nodes.hasTaint(lost, NOT_READY, "NoExecute")
                        && !nodes.hasTaint(lost, UNREACHABLE, "NoExecute")
                        && nodes.hasTaint(lost, NOT_READY, "NoSchedule")
                        && !nodes.hasTaint(lost, UNREACHABLE, "NoSchedule"));
        nodes.post(lost, "Ready", "True", time.instant());
        TestCluster.await("it is back", () -> {
            Node node = nodes.get(lost);
            return passes() && node != null && TaintChange.of(node).isEmpty();
        });
    }

    @Test
    void aNodeThatNeverTalkedIsGivenLongerAndSaidSo() throws InterruptedException {
        String silent = nodes.create(zone);
        Figures figures = new Figures();
        cluster.run(time, figures.metrics(), NodeLifecycleController.descriptor(SETTINGS));
        TestCluster.await(
                "it counts as one that is not ready",
                () -> passes() && figures.of("node_collector_unhealthy_nodes_in_zone{zone=\"" + zone() + "\"}") == 1);
        TestCluster.await(
                "it is lost",
                () -> passes() && "Unknown".equals(condition(silent, "Ready").getStatus()));
        NodeCondition ready = condition(silent, "Ready");
        assertEquals("NodeStatusNeverUpdated", ready.getReason());
        assertEquals("Kubelet never posted node status.", ready.getMessage());
        Node node = nodes.get(silent);
        assertNotNull(node);
        assertEquals(node.getMetadata().getCreationTimestamp(), ready.getLastHeartbeatTime());
        assertEquals(4, NodeConditions.of(node).size());
        TestCluster.await("it is tainted", () -> passes() && nodes.hasTaint(silent, UNREACHABLE, "NoExecute"));
    }

    @Test
    void conditionsAndCordonsBecomeTaintsAndOldLabelsFollowNewOnes() throws InterruptedException {
        cluster.run(time, NodeLifecycleController.descriptor(SETTINGS));
        TestCluster.await("it has the old label", () -> {
            Node node = nodes.get(alive);
            return node != null && "linux".equals(node.getMetadata().getLabels().get("beta.kubernetes.io/os"));
        });
        nodes.post(alive, "MemoryPressure", "True", time.instant());
        nodes.edit(
                alive,
                node -> new NodeBuilder(node)
                        .editOrNewSpec()
                        .withUnschedulable(true)
                        .endSpec()
                        .build());
        TestCluster.await(
                "it is tainted",
                () -> nodes.hasTaint(alive, "node.kubernetes.io/memory-pressure", "NoSchedule")
                        && nodes.hasTaint(alive, "node.kubernetes.io/unschedulable", "NoSchedule"));
        nodes.post(alive, "MemoryPressure", "False", time.instant());
        TestCluster.await(
                "the taint is gone", () -> !nodes.hasTaint(alive, "node.kubernetes.io/memory-pressure", "NoSchedule"));
        assertTrue(nodes.hasTaint(alive, "node.kubernetes.io/unschedulable", "NoSchedule"));
    }

    @Test
    void aPodThatComesToANodeThatIsNotReadyIsNotReady() throws InterruptedException {
        String namespace = cluster.namespace();
        String broken = nodes.create(zone);
        nodes.post(broken, "Ready", "False", time.instant());
        cluster.ready(nodes.create(TestNodes.pod(namespace, "web", broken)), time.instant());
        cluster.run(time, NodeLifecycleController.descriptor(SETTINGS));
        TestCluster.await("it is marked", () -> !Pods.isReady(pod(namespace, "web")));
        TestCluster.await(
                "the taint that a new node has is gone from the other",
                () -> !nodes.hasTaint(alive, NOT_READY, "NoSchedule"));
    }

    @Test
    void ifAllNodesAreLostAtOnceNobodyIsGivenUpUntilOneIsBack() throws InterruptedException {
        String lost = nodes.create(zone);
        nodes.post(lost, "Ready", "True", time.instant());
        cluster.run(time, NodeLifecycleController.descriptor(SETTINGS));
        TestCluster.await("both are lost", () -> {
            time.advance(Duration.ofSeconds(1));
            return "Unknown".equals(condition(lost, "Ready").getStatus())
                    && "Unknown".equals(condition(alive, "Ready").getStatus());
        });
        TestCluster.await(
                "nothing is put there any more",
                () -> nodes.hasTaint(lost, UNREACHABLE, "NoSchedule")
                        && nodes.hasTaint(alive, UNREACHABLE, "NoSchedule"));
        Instant start = time.instant();
        TestCluster.await("a time passes in which three would be", () -> {
            time.advance(Duration.ofSeconds(1));
            assertFalse(nodes.hasTaint(lost, UNREACHABLE, "NoExecute"));
            assertFalse(nodes.hasTaint(alive, UNREACHABLE, "NoExecute"));
            return Duration.between(start, time.instant()).toSeconds() >= 30;
        });
        nodes.post(alive, "Ready", "True", time.instant());
        TestCluster.await(
                "the other is given up when one is back",
                () -> passes() && nodes.hasTaint(lost, UNREACHABLE, "NoExecute"));
        assertFalse(nodes.hasTaint(alive, UNREACHABLE, "NoExecute"));
    }
}
