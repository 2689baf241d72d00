package io.keelson.agent.claims;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice;
import io.keelson.agent.plugins.Plugin;
import io.keelson.agent.plugins.PluginProblem;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodResources;
import io.keelson.agent.volumes.csi.DriverSockets;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import io.keelson.agent.wire.drahealth.DeviceHealth;
import io.keelson.agent.wire.drahealth.HealthStatus;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods with claims of a real API, and a driver on a real socket. */
final class ClaimResourcesTest {
    private static final String DRIVER = "gpu.example.com";
    private static final String SERVICE = "k8s.io.kubelet.pkg.apis.dra.v1.DRAPlugin";
    private static final String OLD_SERVICE = "k8s.io.kubelet.pkg.apis.dra.v1beta1.DRAPlugin";

    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();
    private final ManualTime time = new ManualTime(Instant.parse("2026-01-02T03:04:05Z"));
    private final DriverSockets sockets = new DriverSockets();
    /** Whose devices were otherwise than before, by the uid of the pod. */
    private final List<String> changed = new CopyOnWriteArrayList<>();

    private DraDrivers drivers;
    private ClaimResources resources;

    @TempDir
    private Path folder;

    private static final class Plain implements PodResources {
        @Override
        public String cgroup(Pod pod) {
            return "/pods";
        }

        @Override
        public boolean hasExclusiveCpus() {
            return false;
        }

        @Override
        public LinuxContainerResources ofContainer(Pod pod, Container container) {
            return LinuxContainerResources.getDefaultInstance();
        }

        @Override
        public LinuxContainerResources ofPod(Pod pod) {
            return LinuxContainerResources.getDefaultInstance();
        }

        @Override
        public void release(String podUid) {}

        @Override
        public Set<String> podsWithCgroups() {
            return Set.of();
        }
    }

    @BeforeEach
    void start() {
        drivers = new DraDrivers("node-of-" + namespace, cluster.client(), sockets, time);
        NodeClaims claims = new NodeClaims(folder.resolve("dra_manager_state"), cluster.client(), drivers);
        claims.onHealth(changed::add);
        resources = new ClaimResources(new Plain(), claims);
    }

    @AfterEach
    void end() {
        drivers.close();
        sockets.close();
        cluster.close();
    }

    private static Plugin plugin(Path socket, String... versions) {
        return new Plugin("DRAPlugin", DRIVER, socket, List.of(versions));
    }

    private static Container container(String name, String claim, @Nullable String request) {
        return new ContainerBuilder()
                .withName(name)
                .withNewResources()
                .addNewClaim(claim, request)
                .endResources()
                .build();
    }

    private Pod pod(String name, String claim, Container... containers) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .withUid("uid-of-" + name)
                .endMetadata()
                .withNewSpec()
                .withContainers(containers)
                .addNewResourceClaim()
                .withName("mine")
                .withResourceClaimName(claim)
                .endResourceClaim()
                .endSpec()
                .build();
    }

    /** A claim that is allocated, and reserved for pods. */
    private void claim(String name, String... pods) {
        HasMetadata made = cluster.create(namespace, """
                apiVersion: resource.k8s.io/v1
                kind: ResourceClaim
                metadata: {name: %s}
                spec:
                  devices:
                    requests:
                    - name: gpu
                      exactly: {deviceClassName: gpus}
                """.formatted(name));
        ResourceClaimBuilder claim = new ResourceClaimBuilder((ResourceClaim) made)
                .withNewStatus()
                .withNewAllocation()
                .withNewDevices()
                .addNewResult()
                .withRequest("gpu")
                .withDriver(DRIVER)
                .withPool("pool")
                .withDevice("d0")
                .endResult()
                .endDevices()
                .endAllocation()
                .endStatus();
        for (String pod : pods) {
            claim.editStatus()
                    .addNewReservedFor()
                    .withResource("pods")
                    .withName(pod)
                    .withUid("uid-of-" + pod)
                    .endReservedFor()
                    .endStatus();
        }
        cluster.client().resource(claim.build()).updateStatus();
    }

    private List<String> names(Pod pod, int container) throws PodProblem {
        return resources.devices(pod, pod.getSpec().getContainers().get(container)).names().stream()
                .map(device -> device.getName())
                .toList();
    }

    /** How the devices of a container are: {@code NAME ID=HEALTH MESSAGE}. */
    private List<String> health(Pod pod, int container) {
        return resources.health(pod, pod.getSpec().getContainers().get(container)).stream()
                .flatMap(status -> status.getResources().stream()
                        .map(device -> "%s %s=%s %s"
                                .formatted(
                                        status.getName(),
                                        device.getResourceID(),
                                        device.getHealth(),
                                        device.getAdditionalProperties().getOrDefault("message", ""))
                                .strip()))
                .toList();
    }

    private void awaitHealth(Pod pod, String expected) throws InterruptedException {
        TestCluster.await(expected, () -> health(pod, 0).equals(List.of(expected)));
        TestCluster.await("the pod's users are told", () -> changed.contains("uid-of-one"));
        changed.clear();
    }

    private String refusal(Pod pod) {
        PodProblem problem = assertThrows(PodProblem.class, () -> resources.cgroup(pod));
        assertEquals("FailedPrepareDynamicResources", problem.eventReason());
        return problem.message();
    }

    @Test
    void aClaimIsReadyBeforeTheSandboxAndTakenBackAfterTheLastPod() throws Exception {
        claim("c1", "one", "two");
        Path socket = folder.resolve("dra.sock");
        try (FakeDra driver = new FakeDra(socket, SERVICE)) {
            drivers.register(plugin(socket, "v1.DRAPlugin", "v1beta1.DRAPlugin"));
            Pod one = pod(
                    "one",
                    "c1",
                    container("all", "mine", null),
                    container("gpu", "mine", "gpu"),
                    container("none", "mine", "x"));
            Pod two = pod("two", "c1", container("all", "mine", null));
            assertEquals("/pods", resources.cgroup(one));
            assertEquals("/pods", resources.cgroup(one));
            assertEquals("/pods", resources.cgroup(two));
            assertEquals(List.of("+c1"), driver.calls);
            assertEquals(List.of("example.com/gpu=c1"), names(one, 0));
            assertEquals(List.of("example.com/gpu=c1"), names(one, 1));
            assertEquals(List.of(), names(one, 2));
            resources.release("uid-of-one");
            assertEquals(List.of("+c1"), driver.calls);
            // Another agent goes on with it.
            start();
            assertEquals(Set.of("uid-of-two"), resources.podsWithCgroups());
            assertEquals(List.of("example.com/gpu=c1"), names(two, 0));
            assertEquals(
                    "DRA driver gpu.example.com is not registered",
                    assertThrows(PodProblem.class, () -> resources.release("uid-of-two"))
                            .message());
            drivers.register(plugin(socket, "v1.DRAPlugin"));
            resources.release("uid-of-two");
            resources.release("uid-of-two");
            assertEquals(List.of("+c1", "-c1"), driver.calls);
            assertEquals(Set.of(), resources.podsWithCgroups());
        }
    }

    @Test
    void whatFailsIsToldTriedAgainAndTakenBack() throws Exception {
        claim("c2", "one");
        Pod pod = pod("one", "c2", container("all", "mine", null));
        assertEquals("Failed to prepare dynamic resources: DRA driver gpu.example.com is not registered", refusal(pod));
        Path socket = folder.resolve("dra.sock");
        try (FakeDra driver = new FakeDra(socket, OLD_SERVICE)) {
            drivers.register(plugin(socket, "v1beta1.DRAPlugin"));
            driver.refuse("on fire");
            assertEquals(
                    "Failed to prepare dynamic resources: NodePrepareResources failed for ResourceClaim c2: on fire",
                    refusal(pod));
            assertThrows(PodProblem.class, () -> names(pod, 0));
            // It may have been made ready in part.
            assertEquals(Set.of("uid-of-one"), resources.podsWithCgroups());
            assertTrue(assertThrows(PodProblem.class, () -> resources.release("uid-of-one"))
                    .message()
                    .endsWith("on fire"));
            driver.refuse("");
            assertEquals("/pods", resources.cgroup(pod));
            resources.release("uid-of-one");
            assertEquals(List.of("+c2", "-c2", "+c2", "-c2"), driver.calls);
        }
    }

    @Test
    void nobodyGetsAClaimThatIsNotReservedForHim() throws Exception {
        claim("c3", "other");
        String refusal = refusal(pod("one", "c3", container("all", "mine", null)));
        assertTrue(
                refusal.startsWith("Failed to prepare dynamic resources: pod one (uid-of-one) is not allowed to use"
                        + " ResourceClaim c3 ("),
                refusal);
        assertEquals(
                "Failed to prepare dynamic resources: fetch ResourceClaim absent: not found",
                refusal(pod("one", "absent", container("all", "mine", null))));
        cluster.create(namespace, """
                apiVersion: resource.k8s.io/v1
                kind: ResourceClaim
                metadata: {name: c4}
                spec:
                  devices:
                    requests:
                    - name: gpu
                      exactly: {deviceClassName: gpus}
                """);
        assertEquals(
                "Failed to prepare dynamic resources: ResourceClaim c4 not allocated",
                refusal(pod("one", "c4", container("all", "mine", null))));
        assertThrows(PluginProblem.class, () -> drivers.register(plugin(folder, "v9.DRAPlugin")));
    }

    @Test
    void aDamagedStateIsNotUsed() throws Exception {
        Path file = folder.resolve("dra_manager_state");
        for (String bad :
                List.of("", "{", "[]", "null", "{\"Data\":{},\"Checksum\":1}", "{\"Data\":[],\"Checksum\":-1}")) {
            Files.writeString(file, bad);
            start();
            assertEquals(Set.of(), resources.podsWithCgroups(), bad);
        }
    }

    @Test
    void whatADriverThatIsGoneToldOfIsDeleted() throws Exception {
        cluster.create(namespace, """
                apiVersion: resource.k8s.io/v1
                kind: ResourceSlice
                metadata: {name: slice-of-%1$s}
                spec:
                  driver: %2$s
                  nodeName: node-of-%1$s
                  pool: {name: pool, generation: 1, resourceSliceCount: 1}
                """.formatted(namespace, DRIVER));
        Path socket = folder.resolve("dra.sock");
        try (FakeDra _ = new FakeDra(socket, SERVICE)) {
            drivers.start();
            drivers.register(plugin(socket, "v1.DRAPlugin"));
            time.advance(Duration.ofMinutes(1));
            drivers.deregister(plugin(socket));
            assertTrue(cluster.client()
                            .resources(ResourceSlice.class)
                            .withName("slice-of-" + namespace)
                            .get()
                    != null);
            TestCluster.await("the slice is gone", () -> {
                time.advance(Duration.ofSeconds(10));
                return cluster.client()
                                .resources(ResourceSlice.class)
                                .withName("slice-of-" + namespace)
                                .get()
                        == null;
            });
        }
    }

    @Test
    void devicesAreAsTheirDriverSaysForAsLongAsItSays() throws Exception {
        claim("c5", "one");
        Path socket = folder.resolve("dra.sock");
        FakeHealth said = new FakeHealth();
        try (FakeDra _ = new FakeDra(socket, SERVICE, said)) {
            drivers.register(plugin(socket, "v1.DRAPlugin"));
            Pod one = pod(
                    "one",
                    "c5",
                    container("all", "mine", null),
                    container("gpu", "mine", "gpu"),
                    container("none", "mine", "x"));
            assertEquals(List.of(), health(one, 0));
            assertEquals("/pods", resources.cgroup(one));
            TestCluster.await("it is asked", () -> said.listeners() == 1);
            assertEquals(List.of("claim:mine example.com/gpu=c5=Unknown"), health(one, 0));
            assertEquals(List.of("claim:mine/gpu example.com/gpu=c5=Unknown"), health(one, 1));
            assertEquals(List.of(), health(one, 2));
            // Of another device nobody here is told.
            said.tell(FakeHealth.device("d1", HealthStatus.UNHEALTHY, "", 0));
            said.tell(FakeHealth.device("d0", HealthStatus.HEALTHY, "", 0));
            awaitHealth(one, "claim:mine example.com/gpu=c5=Healthy");
            said.tell(FakeHealth.device("d0", HealthStatus.UNHEALTHY, "too hot", 10));
            awaitHealth(one, "claim:mine example.com/gpu=c5=Unhealthy too hot");
            said.tell(FakeHealth.device("d0", HealthStatus.UNHEALTHY, "on \uD83D\uDD25".repeat(4096), 10));
            awaitHealth(one, "claim:mine example.com/gpu=c5=Unhealthy " + "on \uD83D\uDD25".repeat(256));
            time.advance(Duration.ofSeconds(9));
            assertEquals(List.of(), changed);
            time.advance(Duration.ofSeconds(1));
            awaitHealth(one, "claim:mine example.com/gpu=c5=Unknown");
            said.tell(FakeHealth.device("d0", HealthStatus.HEALTHY, "", Long.MAX_VALUE));
            awaitHealth(one, "claim:mine example.com/gpu=c5=Healthy");
            time.advance(Duration.ofDays(300));
            assertEquals(List.of("claim:mine example.com/gpu=c5=Healthy"), health(one, 0));
            // What it does not tell of any more is unknown, and so is all of a driver that falls silent.
            said.tell();
            awaitHealth(one, "claim:mine example.com/gpu=c5=Unknown");
            said.tell(FakeHealth.device("d0", HealthStatus.HEALTHY, "", 0));
            awaitHealth(one, "claim:mine example.com/gpu=c5=Healthy");
            said.end();
            awaitHealth(one, "claim:mine example.com/gpu=c5=Unknown");
            TestCluster.await("it is asked again", () -> {
                time.advance(Duration.ofSeconds(1));
                return said.asked() == 2;
            });
            awaitHealth(one, "claim:mine example.com/gpu=c5=Healthy");
            drivers.deregister(plugin(socket, "v1.DRAPlugin"));
            awaitHealth(one, "claim:mine example.com/gpu=c5=Unknown");
            TestCluster.await("nobody listens any more", () -> said.listeners() == 0);
        }
    }

    @Test
    void aDriverThatTellsOfTooManyDevicesTellsOfNone() throws Exception {
        claim("c6", "one");
        Path socket = folder.resolve("dra.sock");
        FakeHealth said = new FakeHealth();
        try (FakeDra _ = new FakeDra(socket, SERVICE, said)) {
            drivers.register(plugin(socket, "v1.DRAPlugin"));
            Pod one = pod("one", "c6", container("all", "mine", null));
            assertEquals("/pods", resources.cgroup(one));
            said.tell(FakeHealth.device("d0", HealthStatus.HEALTHY, "", 0));
            awaitHealth(one, "claim:mine example.com/gpu=c6=Healthy");
            said.tell(IntStream.rangeClosed(0, 1 << 14)
                    .mapToObj(i -> FakeHealth.device("d" + i, HealthStatus.HEALTHY, "", 0))
                    .toArray(DeviceHealth[]::new));
            awaitHealth(one, "claim:mine example.com/gpu=c6=Unknown");
            TestCluster.await("it is left", () -> said.listeners() == 0);
        }
    }
}
