package io.keelson.agent.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceHealth;
import io.fabric8.kubernetes.api.model.ResourceStatus;
import io.keelson.agent.plugins.Plugin;
import io.keelson.agent.plugins.PluginProblem;
import io.keelson.agent.pods.PodAdmission.Refusal;
import io.keelson.agent.pods.PodPlacement;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodResources.Devices;
import io.keelson.agent.resources.placement.NumaNodes;
import io.keelson.agent.resources.topology.NodeSet;
import io.keelson.agent.resources.topology.TopologyAdmission;
import io.keelson.agent.resources.topology.TopologyMetrics;
import io.keelson.agent.resources.topology.TopologyPolicy;
import io.keelson.agent.resources.topology.TopologyScope;
import io.keelson.agent.volumes.csi.DriverSockets;
import io.keelson.agent.wire.deviceplugin.ContainerAllocateResponse;
import io.keelson.agent.wire.deviceplugin.RegisterRequest;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plugins with devices, on real sockets, and pods that want them. */
final class NodeDevicesTest {
    private static final String GPU = "example.com/gpu";

    private final ManualTime time = new ManualTime(Instant.parse("2026-01-02T03:04:05Z"));
    private final DriverSockets sockets = new DriverSockets();
    /** Whose devices were otherwise than before, by the uid of the pod. */
    private final List<String> changed = new CopyOnWriteArrayList<>();

    private NodeDevices devices;
    private PodPlacement placement;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws IOException {
        start(NodeDevices.CALL_MAX);
    }

    private void start(Duration callMax) throws IOException {
        devices = new NodeDevices(folder, sockets, callMax, time, () -> {});
        devices.onHealth(changed::add);
        devices.start();
        placement = placement(TopologyPolicy.NONE, TopologyScope.CONTAINER);
    }

    private PodPlacement placement(TopologyPolicy policy, TopologyScope scope) {
        NodeSet two = NodeSet.of(List.of(0, 1));
        return new TopologyAdmission(
                policy,
                scope,
                two,
                NumaNodes.lowestFirst(),
                NodeSet.LOOKED_AT_MAX,
                List.of(new DeviceSource(devices, two)),
                time,
                new TopologyMetrics(new PrometheusRegistry()));
    }

    @AfterEach
    void end() {
        devices.close();
        sockets.close();
    }

    private void restart() throws IOException {
        devices.close();
        start();
    }

    private FakeDevices plugin(boolean optional, String... ids) throws Exception {
        FakeDevices plugin = new FakeDevices(folder.resolve("gpu.sock"), ids);
        assertEquals("", plugin.register(sockets, GPU, optional));
        awaitCounts(ids.length, ids.length);
        return plugin;
    }

    private void awaitCounts(long capacity, long allocatable) throws InterruptedException {
        TestCluster.await("there are " + allocatable + " of " + capacity, () -> {
            DeviceCounts counts = devices.counts();
            return counts.capacity().getOrDefault(GPU, -1L) == capacity
                    && counts.allocatable().getOrDefault(GPU, -1L) == allocatable;
        });
    }

    private static Container container(String name, int count) {
        ContainerBuilder container = new ContainerBuilder().withName(name);
        return count == 0
                ? container.build()
                : container
                        .withNewResources()
                        .addToLimits(GPU, new Quantity(Integer.toString(count)))
                        .endResources()
                        .build();
    }

    private static Pod pod(String uid, Container... containers) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(uid)
                .withUid(uid)
                .endMetadata()
                .withNewSpec()
                .withContainers(containers)
                .endSpec()
                .build();
    }

    private Optional<Refusal> admitted(Pod pod) throws InterruptedException {
        Optional<Refusal> refusal = placement.take(pod);
        return refusal.isPresent() ? refusal : placement.complete(pod);
    }

    private String refusal(Pod pod) throws InterruptedException {
        return admitted(pod).map(Refusal::message).orElse("");
    }

    private Set<String> ids(String pod, String container) {
        DeviceAccount.Given given = devices.of(pod, container).get(GPU);
        return given == null ? Set.of() : given.ids();
    }

    @Test
    void aContainerIsToldOfTheDevicesThatItGets() throws Exception {
        try (FakeDevices plugin = plugin(true, "a", "b", "c")) {
            Pod pod = pod("p1", container("one", 2), container("none", 0));
            assertEquals("", refusal(pod));
            assertEquals(Set.of("b", "c"), ids("p1", "one"), "as the plugin would rather have it");
            DeviceResources resources = new DeviceResources(new NoResources(), devices);
            Devices told = resources.devices(pod, pod.getSpec().getContainers().getFirst());
            assertEquals(Map.of("IDS", "b,c"), told.variables());
            assertEquals(Map.of("example.com/ids", "b,c"), told.annotations());
            assertEquals(
                    List.of("/dev/b", "/dev/c"),
                    told.devices().stream()
                            .map(device -> device.getHostPath())
                            .sorted()
                            .toList());
            assertTrue(told.mounts().getFirst().getReadonly());
            assertEquals("example.com/device=b", told.names().getFirst().getName());
            assertEquals(List.of("allocate [b, c]", "start [b, c]"), plugin.calls);
            assertEquals(
                    Devices.NONE,
                    resources.devices(pod, pod.getSpec().getContainers().getLast()));
            assertEquals(Set.of("p1", "other"), resources.podsWithCgroups());
            resources.release("p1");
            assertEquals("", refusal(pod("p2", container("all", 3))));
        }
    }

    @Test
    void nobodyGetsWhatAnotherHasOrWhatIsIll() throws Exception {
        try (FakeDevices plugin = plugin(false, "a", "b", "c")) {
            assertEquals("", refusal(pod("p1", container("one", 1))));
            plugin.tell(new String[] {"a", "b"}, new String[] {"c"});
            awaitCounts(3, 2);
            assertEquals(
                    "Allocate failed due to requested number of devices unavailable for example.com/gpu. Requested: 2,"
                            + " Available: 1, which is unexpected",
                    refusal(pod("p2", container("one", 2))));
            assertEquals("", refusal(pod("p3", container("one", 1))));
            assertEquals(Set.of("b"), ids("p3", "one"));
            plugin.refuse("on fire");
            devices.release("p1");
            Refusal refused = admitted(pod("p4", container("one", 1))).orElseThrow();
            assertEquals("UnexpectedAdmissionError", refused.reason());
            assertEquals(
                    "Allocate failed due to rpc error: code = Internal desc = on fire, which is unexpected",
                    refused.message());
            plugin.refuse("");
            assertEquals("", refusal(pod("p5", container("one", 1))), "what was refused is free");
        }
    }

    @Test
    void aPluginThatNeverAnswersIsGivenUp() throws Exception {
        devices.close();
        start(Duration.ofMillis(500));
        try (FakeDevices plugin = plugin(false, "a")) {
            plugin.fallSilent();
            Pod pod = pod("p1", container("one", 1));
            assertEquals(Optional.empty(), placement.take(pod), "nobody is asked yet");
            assertEquals(Set.of("a"), ids("p1", "one"), "so that no other gets it");
            Refusal refused = placement.complete(pod).orElseThrow();
            assertEquals("UnexpectedAdmissionError", refused.reason());
            assertTrue(
                    refused.message().startsWith("Allocate failed due to rpc error: code = DeadlineExceeded desc = "),
                    refused.message());
            assertEquals(Set.of(), devices.pods(), "it is free again");
        }
    }

    @Test
    void whatWasTakenBeforeAPluginWasAskedIsChangedForWhatItWouldRatherGive() throws Exception {
        try (FakeDevices plugin = plugin(true, "a", "b", "c", "d")) {
            Pod first = pod("p1", container("one", 1), container("two", 1));
            first.getSpec().setInitContainers(List.of(container("init", 2)));
            Pod second = pod("p2", container("one", 1));
            assertEquals(Optional.empty(), placement.take(first));
            assertEquals(Optional.empty(), placement.take(second));
            assertEquals(Set.of("a", "b"), ids("p1", "init"));
            assertEquals(Set.of("c"), ids("p2", "one"));
            assertEquals(Optional.empty(), placement.complete(first));
            assertEquals(Set.of("b", "d"), ids("p1", "init"), "the other pod has the one between");
            assertEquals(List.of("allocate [b, d]", "allocate [b]", "allocate [d]"), plugin.calls);
            assertEquals("", refusal(second));
            assertEquals(Set.of("c"), ids("p2", "one"));
            assertEquals("", refusal(pod("p3", container("one", 1))));
            assertEquals(Set.of("a"), ids("p3", "one"), "nobody has it any more");
        }
    }

    private FakeDevices onTwoNodes() throws Exception {
        FakeDevices plugin = plugin(true, "a", "b", "c", "d", "e");
        plugin.tell(Map.of("a", List.of(0), "b", List.of(0), "c", List.of(1), "d", List.of(1)));
        awaitCounts(4, 4);
        return plugin;
    }

    @Test
    void devicesOfAContainerAreNearToEachOtherAndOfThoseAsThePluginWouldRatherHaveIt() throws Exception {
        try (FakeDevices _ = onTwoNodes()) {
            placement = placement(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.CONTAINER);
            assertEquals("", refusal(pod("p1", container("one", 1))));
            assertEquals(Set.of("b"), ids("p1", "one"), "the plugin would rather give d, which is elsewhere");
            assertEquals("", refusal(pod("p2", container("one", 2))));
            assertEquals(Set.of("c", "d"), ids("p2", "one"), "of one node only one is left");
            devices.release("p2");
            assertEquals("", refusal(pod("p3", container("one", 1), container("two", 1))));
            assertEquals(Set.of("a"), ids("p3", "one"));
            assertEquals(Set.of("d"), ids("p3", "two"), "another container may be elsewhere");
        }
    }

    @Test
    void whoCannotHaveDevicesNearToEachOtherIsKeptOutIfTheyHaveToBe() throws Exception {
        try (FakeDevices _ = onTwoNodes()) {
            assertEquals("", refusal(pod("p1", container("one", 1))));
            assertEquals(Set.of("d"), ids("p1", "one"), "it does not matter where it is");
            placement = placement(TopologyPolicy.RESTRICTED, TopologyScope.CONTAINER);
            assertEquals("", refusal(pod("p2", container("one", 1))));
            assertEquals(Set.of("b"), ids("p2", "one"));
            Refusal apart = admitted(pod("p3", container("one", 2))).orElseThrow();
            assertEquals("TopologyAffinityError", apart.reason());
            assertEquals(Set.of("p1", "p2"), devices.pods());
            placement = placement(TopologyPolicy.BEST_EFFORT, TopologyScope.CONTAINER);
            assertEquals("", refusal(pod("p3", container("one", 2))));
            assertEquals(Set.of("a", "c"), ids("p3", "one"));
        }
    }

    @Test
    void nothingIsWrittenOnceItIsClosed() throws Exception {
        try (FakeDevices _ = plugin(false, "a")) {
            assertEquals("", refusal(pod("p1", container("one", 1))));
            devices.close();
            Files.delete(folder.resolve("kubelet_internal_checkpoint"));
            devices.release("p1");
            assertFalse(Files.exists(folder.resolve("kubelet_internal_checkpoint")), "it may be another's now");
        }
    }

    @Test
    void allContainersOfAPodAreTogetherIfThePodIsLookedAtAsAWhole() throws Exception {
        try (FakeDevices plugin = onTwoNodes()) {
            assertEquals("", refusal(pod("p1", container("one", 1))));
            Pod whole = pod("p2", container("one", 1), container("two", 1));
            placement = placement(TopologyPolicy.SINGLE_NUMA_NODE, TopologyScope.POD);
            assertEquals("", refusal(whole));
            assertEquals(Set.of("a"), ids("p2", "one"));
            assertEquals(Set.of("b"), ids("p2", "two"));
            plugin.tell(Map.of("a", List.of(0), "b", List.of(0), "c", List.of(0), "d", List.of(0)));
            assertEquals("", refusal(whole), "it has what it has");
            assertEquals(
                    "TopologyAffinityError",
                    admitted(pod("p3", container("one", 1), container("two", 1)))
                            .orElseThrow()
                            .reason());
        }
    }

    @Test
    void whatInitContainersHadIsHadByThoseAfterThem() throws Exception {
        try (FakeDevices _ = plugin(false, "a", "b", "c")) {
            Pod pod = pod("p1", container("one", 1), container("two", 1));
            Container sidecar = new ContainerBuilder(container("side", 1))
                    .withRestartPolicy("Always")
                    .build();
            pod.getSpec().setInitContainers(List.of(container("init", 2), sidecar));
            assertEquals("", refusal(pod));
            Set<String> init = ids("p1", "init");
            Set<String> side = ids("p1", "side");
            assertEquals(2, init.size());
            assertTrue(init.containsAll(side), "the sidecar begins after it");
            assertFalse(ids("p1", "one").equals(side));
            assertFalse(ids("p1", "two").equals(side));
            assertFalse(ids("p1", "one").equals(ids("p1", "two")));
        }
    }

    @Test
    void aRestartOfTheAgentGivesToNobodyTwice() throws Exception {
        try (FakeDevices plugin = plugin(false, "a", "b")) {
            Pod first = pod("p1", container("one", 1));
            assertEquals("", refusal(first));
            restart();
            assertFalse(Files.exists(folder.resolve("gpu.sock")), "plugins see that, and register again");
            awaitCounts(0, 0);
            assertEquals(
                    "Allocate failed due to no healthy devices present; cannot allocate unhealthy devices"
                            + " example.com/gpu, which is unexpected",
                    refusal(pod("p2", container("one", 1))));
            assertEquals("", refusal(first), "it has what it wants");
            DeviceResources resources = new DeviceResources(new NoResources(), devices);
            assertEquals(
                    Map.of("IDS", "a"),
                    resources.devices(first, container("one", 1)).variables(),
                    "though its plugin is away");
            assertEquals(List.of("allocate [a]"), plugin.calls);
        }
        try (FakeDevices _ = plugin(false, "a", "b")) {
            assertEquals("", refusal(pod("p2", container("one", 1))));
            assertEquals(Set.of("b"), ids("p2", "one"));
            assertEquals(
                    "Allocate failed due to pod \"p1\" container \"one\" changed request for resource"
                            + " \"example.com/gpu\" from 1 to 2, which is unexpected",
                    refusal(pod("p1", container("one", 2))));
        }
    }

    @Test
    void whatAPluginRefusesAtTheStartIsAskedForAgain() throws Exception {
        Pod pod = pod("p1", container("one", 1));
        assertEquals("", refusal(pod), "nobody shares it out yet");
        try (FakeDevices plugin = plugin(false, "a")) {
            plugin.refuse("on fire");
            DeviceResources resources = new DeviceResources(new NoResources(), devices);
            assertThrows(PodProblem.class, () -> resources.devices(pod, container("one", 1)));
            assertEquals(Set.of(), ids("p1", "one"));
            plugin.refuse("");
            assertEquals(
                    Map.of("IDS", "a"),
                    resources.devices(pod, container("one", 1)).variables());
        }
    }

    @Test
    void whatAPluginHasNotAnsweredYetIsNotNoted() throws IOException {
        DeviceAccount account = new DeviceAccount();
        DeviceAccount.Given given = DeviceAccount.Given.of(
                List.of(new KnownDevice("a", true, List.of())), ContainerAllocateResponse.getDefaultInstance());
        account.put(new DeviceAccount.Place("p1", "one"), GPU, given);
        account.put(new DeviceAccount.Place("p2", "one"), GPU, given.unanswered());
        assertEquals(Set.of("a"), account.used(GPU));
        assertEquals(
                Set.of("p1"),
                DeviceAccount.parse(account.json(Map.of())).account().pods());
    }

    @Test
    void aPluginThatEndsIsWaitedForAndThenForgotten() throws Exception {
        FakeDevices plugin = plugin(false, "a", "b");
        assertEquals("", refusal(pod("p1", container("one", 1))));
        plugin.close();
        awaitCounts(2, 0);
        time.advance(Duration.ofMinutes(4));
        awaitCounts(2, 0);
        try (FakeDevices _ = plugin(false, "a", "b")) {
            assertEquals("", refusal(pod("p2", container("one", 1))));
            assertEquals(Set.of("b"), ids("p2", "one"));
        }
        awaitCounts(2, 0);
        time.advance(Duration.ofMinutes(5));
        awaitCounts(0, 0);
        assertEquals(Set.of("a"), ids("p1", "one"), "who has something keeps it");
    }

    @Test
    void aPluginThatRegistersAgainTakesThePlaceOfItself() throws Exception {
        try (FakeDevices plugin = plugin(false, "a")) {
            assertEquals("", plugin.register(sockets, GPU, false));
            plugin.tell(new String[] {"a", "b"}, new String[0]);
            awaitCounts(2, 2);
        }
    }

    @Test
    void pluginsMayComeThroughTheFolderOfAllPlugins() throws Exception {
        Path socket = Files.createDirectory(folder.resolve("elsewhere")).resolve("gpu.sock");
        try (FakeDevices _ = new FakeDevices(socket, "a")) {
            Plugin plugin = new Plugin("DevicePlugin", GPU, socket, List.of("v1beta1"));
            devices.register(plugin);
            awaitCounts(1, 1);
            assertEquals("", refusal(pod("p1", container("one", 1))));
            devices.deregister(plugin);
            awaitCounts(1, 0);
            assertThrows(
                    PluginProblem.class,
                    () -> devices.register(new Plugin("DevicePlugin", GPU, socket, List.of("v2"))));
        }
    }

    @Test
    void whatIsNoRegistrationIsRefused() throws Exception {
        try (FakeDevices plugin = new FakeDevices(folder.resolve("gpu.sock"), "a")) {
            RegisterRequest good = RegisterRequest.newBuilder()
                    .setVersion("v1beta1")
                    .setEndpoint("gpu.sock")
                    .setResourceName(GPU)
                    .build();
            assertEquals(
                    "requested API version \"v1\" is not supported by kubelet. Supported versions are [\"v1beta1\"]",
                    plugin.register(sockets, good.toBuilder().setVersion("v1").build()));
            for (String endpoint : List.of("", ".", "..", "../x", "/etc/x", "a\0b")) {
                assertTrue(
                        plugin.register(
                                        sockets,
                                        good.toBuilder().setEndpoint(endpoint).build())
                                .startsWith("the endpoint has to be"),
                        endpoint);
            }
            for (String name : List.of(
                    "",
                    "gpu",
                    "/gpu",
                    "kubernetes.io/gpu",
                    "x.kubernetes.io/gpu",
                    "requests.example.com/gpu",
                    "EXAMPLE.com/gpu",
                    "a/b/c",
                    "a.com/" + "x".repeat(64))) {
                assertEquals(
                        "the ResourceName \"" + name + "\" is invalid",
                        plugin.register(
                                sockets, good.toBuilder().setResourceName(name).build()));
            }
            assertEquals(Map.of(), devices.counts().capacity());
        }
    }

    @Test
    void aDamagedCheckpointIsNotUsed() throws Exception {
        try (FakeDevices _ = plugin(false, "a")) {
            assertEquals("", refusal(pod("p1", container("one", 1))));
        }
        Path file = folder.resolve("kubelet_internal_checkpoint");
        String good = Files.readString(file);
        for (String bad : List.of("", "{", "[]", "{}", good.replace("p1", "p2"), good.substring(1), "null")) {
            Files.writeString(file, bad);
            restart();
            assertEquals(Set.of(), devices.pods(), bad);
        }
        Files.writeString(file, good);
        restart();
        assertEquals(Set.of("p1"), devices.pods());
    }

    private void awaitHealth(String a, String b) throws InterruptedException {
        List<ResourceStatus> expected =
                List.of(new ResourceStatus(GPU, List.of(new ResourceHealth(a, "a"), new ResourceHealth(b, "b"))));
        TestCluster.await(expected.toString(), () -> devices.health("u1", "c").equals(expected));
        TestCluster.await("the pod's users are told", () -> changed.contains("u1"));
        assertFalse(changed.contains("u2"), "it has no devices");
        changed.clear();
    }

    @Test
    void devicesOfPodsAreAsTheirPluginSays() throws Exception {
        try (FakeDevices plugin = plugin(false, "a", "b", "c")) {
            Pod pod = pod("u1", container("c", 2), container("none", 0));
            assertEquals("", refusal(pod));
            assertEquals("", refusal(pod("u2", container("c", 0))));
            plugin.tell(new String[] {"a", "c"}, new String[] {"b"});
            awaitHealth("Healthy", "Unhealthy");
            assertEquals(List.of(), devices.health("u1", "none"));
            assertEquals(List.of(), devices.health("u2", "c"));
            // The same again is nothing new.
            plugin.tell(new String[] {"c", "a"}, new String[] {"b"});
            plugin.tell(new String[] {"a", "b"}, new String[] {"c"});
            awaitHealth("Healthy", "Healthy");
            plugin.tell(new String[] {"a"}, new String[] {});
            awaitHealth("Healthy", "Unknown");
        }
        awaitHealth("Unknown", "Unknown");
        try (FakeDevices _ = plugin(false, "a", "b")) {
            awaitHealth("Healthy", "Healthy");
        }
        awaitHealth("Unknown", "Unknown");
        restart();
        assertEquals(
                List.of("Unknown", "Unknown"),
                devices.health("u1", "c").getFirst().getResources().stream()
                        .map(ResourceHealth::getHealth)
                        .toList());
        try (FakeDevices _ = plugin(false, "a", "b")) {
            awaitHealth("Healthy", "Healthy");
            devices.release("u1");
            assertEquals(List.of(), devices.health("u1", "c"));
        }
    }
}
