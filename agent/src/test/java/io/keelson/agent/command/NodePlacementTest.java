package io.keelson.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.agent.command.NodePlan.ExclusivePlan;
import io.keelson.agent.command.NodePlan.MemoryPlan;
import io.keelson.agent.command.NodePlan.NumaPlan;
import io.keelson.agent.devices.NodeDevices;
import io.keelson.agent.pods.PodAdmission.Refusal;
import io.keelson.agent.pods.Samples;
import io.keelson.agent.resources.placement.ReservedMemory;
import io.keelson.agent.resources.topology.TopologyPolicy;
import io.keelson.agent.resources.topology.TopologyScope;
import io.keelson.controllers.testing.ManualTime;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine of two NUMA nodes with four processors and 4 GiB each, as its kernel tells of it. */
class NodePlacementTest {
    private static final long GIBI = 1 << 30;
    private static final Optional<ExclusivePlan> ONE_RESERVED = Optional.of(new ExclusivePlan(1000, "", false));

    @TempDir
    private Path folder;

    private Path devices;
    private Path root;

    @BeforeEach
    void makeMachine() throws IOException {
        devices = folder.resolve("system");
        root = Files.createDirectory(folder.resolve("kubelet"));
        write("cpu/online", "0-7\n");
        write("node/online", "0-1\n");
        for (int node = 0; node < 2; node++) {
            write("node/node" + node + "/meminfo", "Node " + node + " MemTotal:        4194304 kB\n");
            write("node/node" + node + "/cpulist", node == 0 ? "0-3\n" : "4-7\n");
            write("node/node" + node + "/distance", node == 0 ? "10 20\n" : "20 10\n");
        }
    }

    private void write(String file, String text) throws IOException {
        Path path = devices.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private NodePlacement open(Optional<ExclusivePlan> cpus, Optional<NumaPlan> numa) throws IOException {
        ManualTime time = new ManualTime(Instant.EPOCH);
        NodeDevices none = new NodeDevices(
                root.resolve("device-plugins"),
                socket -> {
                    throw new AssertionError("there is no plugin at " + socket);
                },
                NodeDevices.CALL_MAX,
                time,
                () -> {});
        return NodePlacement.open(devices, root, cpus, numa, none, 8 * GIBI, time, new PrometheusRegistry());
    }

    private static Optional<NumaPlan> numa(TopologyPolicy policy, Optional<MemoryPlan> memory) {
        return Optional.of(new NumaPlan(memory, policy, TopologyScope.CONTAINER, false, 8));
    }

    private static Optional<MemoryPlan> memory(long reservedBytes) {
        return Optional.of(new MemoryPlan(new ReservedMemory(Map.of(0, Map.of("memory", GIBI))), reservedBytes));
    }

    private static Pod pod(String uid, int cpus, String memory) {
        String amounts = "{cpu: " + cpus + ", memory: " + memory + "}";
        return new PodBuilder(Samples.pod("containers: [{name: c, image: x, resources: {requests: " + amounts
                        + ", limits: " + amounts + "}}]"))
                .editMetadata()
                .withUid(uid)
                .endMetadata()
                .build();
    }

    private static Optional<Refusal> refusal(NodePlacement placement, Pod pod) {
        return placement.pods().take(pod);
    }

    @Test
    void whatNobodyAskedForIsNotThere() throws IOException {
        devices = folder.resolve("no machine");
        NodePlacement placement = open(Optional.empty(), Optional.empty());
        assertTrue(placement.cpus().isEmpty());
        assertTrue(placement.memory().isEmpty());
        assertEquals(Optional.empty(), refusal(placement, pod("a", 100, "1Ti")));
    }

    @Test
    void processorsAloneNeedNoNumaNodes() throws IOException {
        write("node/online", "what is this");
        NodePlacement placement = open(ONE_RESERVED, Optional.empty());
        assertEquals("1-7", placement.cpus().orElseThrow().allocatable().toString());
        assertTrue(placement.memory().isEmpty());
        assertEquals(Optional.empty(), refusal(placement, pod("a", 7, "1Gi")));
        assertEquals("1-7", placement.cpus().orElseThrow().of("a", "c").toString());
        assertEquals(
                "UnexpectedAdmissionError",
                refusal(placement, pod("b", 1, "1Gi")).orElseThrow().reason());
        assertFalse(Files.exists(root.resolve("memory_manager_state")));
        assertThrows(IOException.class, () -> open(ONE_RESERVED, numa(TopologyPolicy.RESTRICTED, Optional.empty())));
    }

    @Test
    void processorsAndMemoryOfAContainerAreInOneNode() throws IOException {
        NodePlacement placement = open(ONE_RESERVED, numa(TopologyPolicy.SINGLE_NUMA_NODE, memory(GIBI)));
        // Three processors of the first node are free, but not 4 GiB.
        assertEquals(Optional.empty(), refusal(placement, pod("a", 3, "4Gi")));
        assertEquals("4-6", placement.cpus().orElseThrow().of("a", "c").toString());
        assertEquals(Optional.of("1"), placement.memory().orElseThrow().nodes("a", "c"));
        assertEquals(
                Optional.of(
                        new Refusal("TopologyAffinityError", "Resources cannot be allocated with Topology locality")),
                refusal(placement, pod("b", 4, "1Gi")));
        NodePlacement next = open(ONE_RESERVED, numa(TopologyPolicy.SINGLE_NUMA_NODE, memory(GIBI)));
        assertEquals("4-6", next.cpus().orElseThrow().of("a", "c").toString());
        assertEquals(Optional.of("1"), next.memory().orElseThrow().nodes("a", "c"));
        assertFalse(next.cpus().orElseThrow().hasOwn("b"));
    }

    @Test
    void memoryIsGivenWithoutATopologyPolicyAsWell() throws IOException {
        NodePlacement placement = open(Optional.empty(), numa(TopologyPolicy.NONE, memory(GIBI)));
        assertTrue(placement.cpus().isEmpty());
        assertEquals(Optional.empty(), refusal(placement, pod("a", 1, "2Gi")));
        assertEquals(Optional.of("0"), placement.memory().orElseThrow().nodes("a", "c"));
        assertEquals(
                "UnexpectedAdmissionError",
                refusal(placement, pod("b", 1, "8Gi")).orElseThrow().reason());
    }

    @Test
    void whatDoesNotGoWithTheMachineIsSaid() throws IOException {
        assertEquals(
                "the total amount \"1Gi\" of type \"memory\" is not equal to the value \"2Gi\" determined by Node"
                        + " Allocatable feature",
                assertThrows(
                                IOException.class,
                                () -> open(Optional.empty(), numa(TopologyPolicy.NONE, memory(2 * GIBI))))
                        .getMessage());
        write("node/online", "0-8\n");
        for (int node = 0; node < 9; node++) {
            write("node/node" + node + "/meminfo", "Node " + node + " MemTotal:        1024 kB\n");
            write("node/node" + node + "/cpulist", "\n");
            write("node/node" + node + "/distance", "10 20 20 20 20 20 20 20 20\n");
        }
        assertEquals(
                "unsupported on machines with more than 8 NUMA Nodes",
                assertThrows(
                                IOException.class,
                                () -> open(Optional.empty(), numa(TopologyPolicy.BEST_EFFORT, Optional.empty())))
                        .getMessage());
    }
}
