package io.keelson.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Patch;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node and its lease in a real API. */
class NodeRegistrationTest {
    private final TestCluster cluster = new TestCluster();
    private final String name = "node-of-" + cluster.namespace();
    private final ManualTime time = new ManualTime(Instant.parse("2026-01-02T03:04:05Z"));
    private final EventRecorder events = new EventRecorder(cluster.client(), time);
    private final NodeSettings settings = NodeSettings.of(name, List.of("192.0.2.1"), 10_250);
    private final AtomicReference<NodeSigns> signs = new AtomicReference<>(NodeReportTest.signs(List.of()));
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicReference<@Nullable Node> heard = new AtomicReference<>();
    private NodeRegistration registration;
    private NodeLease lease;

    @BeforeEach
    void begin(@TempDir Path folder) {
        registration = new NodeRegistration(
                settings,
                new MachineReader(Path.of("/"), folder),
                () -> {
                    looks.incrementAndGet();
                    return signs.get();
                },
                cluster.client(),
                events.from("kubelet"),
                time,
                heard::set);
        lease = new NodeLease(settings, cluster.client(), time, registration::node);
    }

    @AfterEach
    void end() {
        lease.close();
        registration.close();
        events.close();
        cluster.client().leases().inNamespace("kube-node-lease").withName(name).delete();
        cluster.close();
    }

    private @Nullable Node node() {
        return cluster.client().nodes().withName(name).get();
    }

    private String ready() {
        Node node = node();
        NodeCondition ready = node == null ? null : NodeReport.condition(node.getStatus(), "Ready");
        return ready == null ? "" : ready.getStatus();
    }

    private void awaitReady(String status) throws InterruptedException {
        TestCluster.await("Ready " + status, () -> ready().equals(status));
    }

    /** Has it look once more, to the end; no time passes. */
    private void again() throws InterruptedException {
        int before = looks.get();
        TestCluster.await("another look", () -> {
            registration.wake();
            return looks.get() > before + 1;
        });
    }

    @Test
    void aNodeIsMadeWithWhatItHas() throws Exception {
        registration.start();
        awaitReady("True");
        Node node = Objects.requireNonNull(node());
        assertEquals(name, node.getMetadata().getLabels().get("kubernetes.io/hostname"));
        assertEquals("linux", node.getMetadata().getLabels().get("kubernetes.io/os"));
        assertEquals(
                "true",
                node.getMetadata().getAnnotations().get("volumes.kubernetes.io/controller-managed-attach-detach"));
        assertEquals(
                Map.of("InternalIP", "192.0.2.1", "Hostname", name),
                node.getStatus().getAddresses().stream()
                        .collect(Collectors.toMap(address -> address.getType(), address -> address.getAddress())));
        assertEquals(
                10_250,
                node.getStatus().getDaemonEndpoints().getKubeletEndpoint().getPort());
        assertEquals("fake://1.0", node.getStatus().getNodeInfo().getContainerRuntimeVersion());
        NodeStatus all = new NodeReport(
                        NodeSettings.of(name, List.of(), 10_250),
                        NodeReportTest.MACHINE,
                        Objects.requireNonNull(signs.get()))
                .status(null, time.instant());
        assertEquals(all.getDeclaredFeatures(), node.getStatus().getDeclaredFeatures());
        assertEquals(all.getRuntimeHandlers(), node.getStatus().getRuntimeHandlers());
        assertEquals(all.getFeatures(), node.getStatus().getFeatures());
        assertEquals("110", String.valueOf(node.getStatus().getAllocatable().get("pods")));
        TestCluster.await("events", () -> reasons().containsAll(List.of("Starting", "NodeReady")));
    }

    private List<String> reasons() {
        return cluster.client().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> name.equals(event.getInvolvedObject().getName()))
                .map(Event::getReason)
                .toList();
    }

    @Test
    void itsStatusIsWrittenWhenSomethingChangedAndEveryFiveMinutes() throws Exception {
        registration.start();
        awaitReady("True");
        again();
        String version = Objects.requireNonNull(node()).getMetadata().getResourceVersion();
        again();
        again();
        assertEquals(version, Objects.requireNonNull(node()).getMetadata().getResourceVersion());
        signs.set(NodeReportTest.signs(List.of("container runtime is down")));
        registration.wake();
        awaitReady("False");
        Node ill = Objects.requireNonNull(node());
        assertEquals(
                "container runtime is down",
                Objects.requireNonNull(NodeReport.condition(ill.getStatus(), "Ready"))
                        .getMessage());
        TestCluster.await("it is told", () -> reasons().contains("NodeNotReady"));
        TestCluster.await("a heartbeat", () -> {
            time.advance(Duration.ofMinutes(1));
            Node now = Objects.requireNonNull(node());
            return !now.getMetadata()
                    .getResourceVersion()
                    .equals(ill.getMetadata().getResourceVersion());
        });
        assertEquals("False", ready());
    }

    @Test
    void whatOthersSayOfANodeStaysAndIsReadBack() throws Exception {
        cluster.client()
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("kubernetes.io/os", "other")
                        .addToLabels("disk", "fast")
                        .endMetadata()
                        .withNewSpec()
                        .withPodCIDR("10.1.2.0/24")
                        .withPodCIDRs("10.1.2.0/24")
                        .endSpec()
                        .build())
                .create();
        var _ = Patch.of(cluster.client(), Node.class, new Key("", name))
                .status()
                .strategic(Map.of(
                        "status",
                        Map.of(
                                "addresses", List.of(Map.of("type", "ExternalIP", "address", "192.0.2.9")),
                                "conditions",
                                        List.of(Map.of(
                                                "type", "NetworkUnavailable", "status", "False", "reason", "x")))));
        registration.start();
        awaitReady("True");
        Node node = Objects.requireNonNull(node());
        assertEquals("linux", node.getMetadata().getLabels().get("kubernetes.io/os"));
        assertEquals("fast", node.getMetadata().getLabels().get("disk"));
        assertEquals(2, node.getStatus().getAddresses().size());
        assertTrue(NodeReport.condition(node.getStatus(), "NetworkUnavailable") != null);
        TestCluster.await("the range of pods", () -> {
            Node told = heard.get();
            return told != null && told.getSpec().getPodCIDRs().equals(List.of("10.1.2.0/24"));
        });
        assertEquals(
                node.getMetadata().getUid(),
                registration.node().orElseThrow().getMetadata().getUid());
    }

    @Test
    void aNodeThatIsTakenAwayIsNotMadeAgain() throws Exception {
        registration.start();
        awaitReady("True");
        cluster.client().nodes().withName(name).delete();
        AtomicInteger turns = new AtomicInteger();
        TestCluster.await("some more looks", () -> {
            time.advance(Duration.ofSeconds(10));
            registration.wake();
            return turns.incrementAndGet() > 10;
        });
        assertEquals("", ready());
    }

    private String renewed() {
        Lease found = cluster.client()
                .leases()
                .inNamespace("kube-node-lease")
                .withName(name)
                .get();
        return found == null || found.getSpec().getRenewTime() == null
                ? ""
                : found.getSpec().getRenewTime().toInstant().toString();
    }

    @Test
    void aLeaseSaysThatTheNodeLives() throws Exception {
        lease.start();
        TestCluster.await("a lease", () -> renewed().equals("2026-01-02T03:04:05Z"));
        registration.start();
        awaitReady("True");
        TestCluster.await("it is renewed, and the node's", () -> {
            time.advance(Duration.ofSeconds(10));
            Lease found = cluster.client()
                    .leases()
                    .inNamespace("kube-node-lease")
                    .withName(name)
                    .get();
            return !renewed().equals("2026-01-02T03:04:05Z")
                    && found.getMetadata().getOwnerReferences() != null
                    && found.getMetadata().getOwnerReferences().size() == 1;
        });
        Lease found = cluster.client()
                .leases()
                .inNamespace("kube-node-lease")
                .withName(name)
                .get();
        assertEquals(name, found.getSpec().getHolderIdentity());
        assertEquals(40, found.getSpec().getLeaseDurationSeconds());
        assertEquals(
                Objects.requireNonNull(node()).getMetadata().getUid(),
                found.getMetadata().getOwnerReferences().getFirst().getUid());
    }
}
