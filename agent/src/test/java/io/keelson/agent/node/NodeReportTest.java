package io.keelson.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.keelson.agent.devices.DeviceCounts;
import io.keelson.agent.wire.cri.Image;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A node's status, out of what is known of it. */
class NodeReportTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.6Z");
    private static final Instant LATER = Instant.parse("2026-01-02T03:09:05Z");

    static final MachineFacts MACHINE = new MachineFacts(
            4,
            8L << 30,
            0,
            100L << 30,
            Map.of(2L << 20, 1L << 30, 1L << 30, 0L),
            "6.1",
            "Debian",
            "machine",
            "system",
            "boot",
            "amd64");

    private static final NodeSigns.ContainerRuntime RUNTIME =
            new NodeSigns.ContainerRuntime("fake://1.0", Map.of(), false);

    static NodeSigns signs(List<String> problems) {
        return new NodeSigns(problems, false, false, false, RUNTIME, List.of(), Set.of());
    }

    private static NodeStatus status(NodeStatus known, NodeSigns signs, Instant now) {
        return new NodeReport(NodeSettings.of("n1", List.of("192.0.2.1"), 10_250), MACHINE, signs).status(known, now);
    }

    private static NodeStatus fresh(NodeSigns signs) {
        return status(new NodeStatus(), signs, NOW);
    }

    @Test
    void podsHaveWhatIsNotKeptForOthers() {
        NodeStatus status = fresh(signs(List.of()));
        assertEquals(
                Map.of(
                        "cpu", new Quantity("4"),
                        "memory", new Quantity("8388608Ki"),
                        "ephemeral-storage", new Quantity("104857600Ki"),
                        "pods", new Quantity("110"),
                        "hugepages-2Mi", new Quantity("1Gi"),
                        "hugepages-1Gi", new Quantity("0")),
                status.getCapacity());
        assertEquals(new Quantity("7237632Ki"), status.getAllocatable().get("memory"));
        assertEquals(new Quantity("96636764160"), status.getAllocatable().get("ephemeral-storage"));
        assertEquals(new Quantity("4"), status.getAllocatable().get("cpu"));
        assertEquals("110", String.valueOf(status.getAllocatable().get("pods")));
    }

    @Test
    void whatPodsMayUseThatOlderNodesDoNotKnowOfIsDeclared() {
        NodeStatus status = fresh(signs(List.of()));
        assertEquals(
                List.of(
                        "InPlacePodLevelResourcesVerticalScaling",
                        "InPlacePodVerticalScalingInitContainers",
                        "RestartAllContainersOnContainerExits"),
                status.getDeclaredFeatures());
        assertTrue(NodeReport.differ(
                new NodeStatusBuilder(status).withDeclaredFeatures("Other").build(), status));
    }

    @Test
    void resourcesOfOthersStay() {
        NodeStatus known = new NodeStatusBuilder()
                .addToCapacity("example.com/dongle", new Quantity("4"))
                .addToCapacity("hugepages-64Ki", new Quantity("1Gi"))
                .build();
        NodeStatus status = status(known, signs(List.of()), NOW);
        assertEquals(new Quantity("4"), status.getAllocatable().get("example.com/dongle"));
        assertFalse(status.getCapacity().containsKey("hugepages-64Ki"));
    }

    @Test
    void devicesAreToldAsTheirPluginsCountThem() {
        NodeStatus known = new NodeStatusBuilder()
                .addToCapacity("example.com/gpu", new Quantity("4"))
                .addToCapacity("example.com/gone", new Quantity("4"))
                .build();
        DeviceCounts counts = new DeviceCounts(
                Map.of("example.com/gpu", 3L, "example.com/gone", 0L),
                Map.of("example.com/gpu", 2L, "example.com/gone", 0L));
        NodeSigns signs = new NodeSigns(List.of(), false, false, false, RUNTIME, List.of(), Set.of(), counts);
        NodeStatus status = status(known, signs, NOW);
        assertEquals(new Quantity("3"), status.getCapacity().get("example.com/gpu"));
        assertEquals(new Quantity("2"), status.getAllocatable().get("example.com/gpu"));
        assertEquals(new Quantity("0"), status.getCapacity().get("example.com/gone"));
        assertTrue(NodeReport.differ(known, status));
    }

    @Test
    void whatTheRuntimeCanDoIsTold() {
        NodeSigns.ContainerRuntime able = new NodeSigns.ContainerRuntime(
                "fake://1.0",
                Map.of("runc", new NodeSigns.Handler(false, true), "", new NodeSigns.Handler(true, true)),
                true);
        NodeSigns signs = new NodeSigns(List.of(), false, false, false, able, List.of(), Set.of());
        NodeStatus status = fresh(signs);
        assertEquals(
                "[{\"features\":{\"recursiveReadOnlyMounts\":true,\"userNamespaces\":true}},"
                        + "{\"features\":{\"recursiveReadOnlyMounts\":false,\"userNamespaces\":true},\"name\":\"runc\"}]",
                new KubernetesSerialization().asJson(status.getRuntimeHandlers()));
        assertTrue(status.getFeatures().getSupplementalGroupsPolicy());
        assertTrue(NodeReport.differ(fresh(signs(List.of())), status));
        assertFalse(NodeReport.differ(status, status(status, signs, LATER)));
    }

    private static String told(NodeStatus status, String type) {
        NodeCondition condition = Objects.requireNonNull(NodeReport.condition(status, type));
        return condition.getStatus() + " " + condition.getReason() + ": " + condition.getMessage();
    }

    @Test
    void conditionsAreToldInTheWordsOfTheKubelet() {
        NodeStatus well = fresh(signs(List.of()));
        assertEquals("True KubeletReady: kubelet is posting ready status", told(well, "Ready"));
        assertEquals(
                "False KubeletHasSufficientMemory: kubelet has sufficient memory available",
                told(well, "MemoryPressure"));
        assertEquals("False KubeletHasNoDiskPressure: kubelet has no disk pressure", told(well, "DiskPressure"));
        assertEquals("False KubeletHasSufficientPID: kubelet has sufficient PID available", told(well, "PIDPressure"));
        NodeStatus ill = fresh(new NodeSigns(List.of("one", "two"), true, true, true, RUNTIME, List.of(), Set.of()));
        assertEquals("False KubeletNotReady: [one, two]", told(ill, "Ready"));
        assertEquals(
                "True KubeletHasInsufficientMemory: kubelet has insufficient memory available",
                told(ill, "MemoryPressure"));
        assertEquals("True KubeletHasDiskPressure: kubelet has disk pressure", told(ill, "DiskPressure"));
        assertEquals(
                "True KubeletHasInsufficientPID: kubelet has insufficient PID available", told(ill, "PIDPressure"));
        assertEquals("False KubeletNotReady: one", told(fresh(signs(List.of("one"))), "Ready"));
    }

    @Test
    void onlyWhatChangesIsAChange() {
        NodeStatus first = fresh(signs(List.of()));
        NodeStatus same = status(first, signs(List.of()), LATER);
        assertFalse(NodeReport.differ(first, same));
        NodeCondition ready = Objects.requireNonNull(NodeReport.condition(same, "Ready"));
        assertEquals("2026-01-02T03:04:05Z", ready.getLastTransitionTime());
        assertEquals("2026-01-02T03:09:05Z", ready.getLastHeartbeatTime());
        NodeStatus other = status(first, signs(List.of("one")), LATER);
        assertTrue(NodeReport.differ(first, other));
        NodeCondition not = Objects.requireNonNull(NodeReport.condition(other, "Ready"));
        assertEquals("2026-01-02T03:09:05Z", not.getLastTransitionTime());
        NodeSigns used = new NodeSigns(List.of(), false, false, false, RUNTIME, List.of(), Set.of("v"));
        assertTrue(NodeReport.differ(first, status(first, used, NOW)));
        NodeSigns newer = new NodeSigns(
                List.of(),
                false,
                false,
                false,
                new NodeSigns.ContainerRuntime("fake://1.1", Map.of(), false),
                List.of(),
                Set.of());
        assertTrue(NodeReport.differ(first, status(first, newer, NOW)));
        assertTrue(NodeReport.differ(null, first));
    }

    @Test
    void theLargestImagesAreToldOf() {
        List<Image> images = List.of(
                Image.newBuilder().setId("a").setSize(1).addRepoTags("a:1").build(),
                Image.newBuilder()
                        .setId("b")
                        .setSize(3)
                        .addRepoTags("b:1")
                        .addRepoTags("b:2")
                        .addAllRepoDigests(List.of("b@1", "b@2", "b@3", "b@4"))
                        .build(),
                Image.newBuilder().setId("c").setSize(2).build());
        assertEquals(
                List.of(
                        new NodeSigns.Image(List.of("b@1", "b@2", "b@3", "b@4", "b:1"), 3),
                        new NodeSigns.Image(List.of(), 2)),
                NodeImages.largest(images, 2));
        assertEquals(3, NodeImages.largest(images, -1).size());
    }
}
