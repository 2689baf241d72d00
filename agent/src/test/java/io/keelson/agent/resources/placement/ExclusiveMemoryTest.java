package io.keelson.agent.resources.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.agent.pods.PodAdmission.Refusal;
import io.keelson.agent.pods.Samples;
import io.keelson.agent.resources.topology.TopologyAdmission;
import io.keelson.agent.resources.topology.TopologyMetrics;
import io.keelson.agent.resources.topology.TopologyPolicy;
import io.keelson.agent.resources.topology.TopologyScope;
import io.keelson.controllers.testing.ManualTime;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processors and memory together, on a machine of two NUMA nodes with four processors and 4 GiB each. */
class ExclusiveMemoryTest {
    private static final long GIBI = 1 << 30;
    private static final NumaNodes MACHINE = new NumaNodes(List.of(
            new NumaNodes.Node(0, CpuSet.parse("0-3"), 4 * GIBI, Map.of(), List.of(10, 20)),
            new NumaNodes.Node(1, CpuSet.parse("4-7"), 4 * GIBI, Map.of(), List.of(20, 10))));
    private static final ReservedMemory RESERVED = new ReservedMemory(Map.of(0, Map.of("memory", GIBI)));

    @TempDir
    private Path folder;

    private ExclusiveMemory memory() throws IOException {
        return new ExclusiveMemory(folder.resolve("memory_manager_state"), MACHINE, RESERVED, Map.of("memory", GIBI));
    }

    private ExclusiveCpus cpus() throws IOException {
        return new ExclusiveCpus(
                folder.resolve("cpu_manager_state"),
                new CpuTopology(IntStream.range(0, 8)
                        .mapToObj(number -> new CpuTopology.Cpu(number, number, number / 4))
                        .toList()),
                MACHINE,
                CpuSet.parse("0"),
                false);
    }

    private static TopologyAdmission admission(TopologyPolicy policy, ExclusiveCpus cpus, ExclusiveMemory memory) {
        return new TopologyAdmission(
                policy,
                TopologyScope.CONTAINER,
                MACHINE.all(),
                MACHINE.nearestFirst(),
                8,
                List.of(cpus, memory),
                new ManualTime(Instant.EPOCH),
                new TopologyMetrics(new PrometheusRegistry()));
    }

    private static String container(String name, int cpus, String memory) {
        String amounts = "{cpu: " + cpus + ", memory: " + memory + "}";
        return "{name: " + name + ", image: x, resources: {requests: " + amounts + ", limits: " + amounts + "}}";
    }

    private static Pod pod(String uid, String... containers) {
        return new PodBuilder(Samples.pod("containers: [" + String.join(", ", containers) + "]"))
                .editMetadata()
                .withUid(uid)
                .endMetadata()
                .build();
    }

    @Test
    void processorsAndMemoryOfAContainerAreInTheSameNode() throws Exception {
        ExclusiveCpus cpus = cpus();
        ExclusiveMemory memory = memory();
        TopologyAdmission admission = admission(TopologyPolicy.SINGLE_NUMA_NODE, cpus, memory);
        // Three processors of the first node are free, but not 4 GiB.
        assertEquals(Optional.empty(), admission.take(pod("a", container("c", 3, "4Gi"))));
        assertEquals("4-6", cpus.of("a", "c").toString());
        assertEquals(Optional.of("1"), memory.nodes("a", "c"));
        assertEquals(Optional.empty(), admission.take(pod("b", container("c", 2, "1Gi"))));
        assertEquals("1-2", cpus.of("b", "c").toString());
        assertEquals(Optional.of("0"), memory.nodes("b", "c"));
        assertEquals(
                Optional.of(
                        new Refusal("TopologyAffinityError", "Resources cannot be allocated with Topology locality")),
                admission.take(pod("d", container("c", 2, "1Gi"))));
        assertTrue(cpus.own("d", "c").isEmpty());
        assertEquals(
                Optional.empty(),
                admission(TopologyPolicy.BEST_EFFORT, cpus, memory).take(pod("d", container("c", 2, "1Gi"))));
        assertEquals("3,7", cpus.of("d", "c").toString());
    }

    @Test
    void anotherAgentGoesOnWithWhatTheFileSays() throws Exception {
        Pod pod = pod("a", container("c", 1, "3Gi"));
        assertEquals(
                Optional.empty(),
                admission(TopologyPolicy.RESTRICTED, cpus(), memory()).take(pod));
        ExclusiveMemory memory = memory();
        ExclusiveCpus cpus = cpus();
        assertEquals(Optional.of("0"), memory.nodes("a", "c"));
        // Seen again, it has what it has.
        assertEquals(
                Optional.empty(),
                admission(TopologyPolicy.RESTRICTED, cpus, memory).take(pod));
        assertEquals(Optional.of("0"), memory.nodes("a", "c"));
        assertEquals("1", cpus.of("a", "c").toString());
        memory.release("a");
        memory.release("a");
        assertEquals(Optional.empty(), memory.nodes("a", "c"));
        assertTrue(memory().pods().isEmpty());
    }

    @Test
    void onlyGuaranteedPodsAreBound() throws Exception {
        ExclusiveMemory memory = memory();
        TopologyAdmission admission = admission(TopologyPolicy.SINGLE_NUMA_NODE, cpus(), memory);
        assertEquals(
                Optional.empty(),
                admission.take(
                        Samples.pod("containers: [{name: c, image: x, resources: {requests: {memory: 100Gi}}}]")));
        assertTrue(memory.pods().isEmpty());
        Optional<Refusal> refusal = admission.take(pod("a", container("c", 1, "9Gi")));
        assertEquals(
                "Allocate failed due to [memorymanager] failed to find NUMA nodes to extend the current topology hint, "
                        + "which is unexpected",
                refusal.map(Refusal::message).orElse(""));
    }

    @Test
    void aFileOfAnotherMachineIsRefused() throws Exception {
        assertTrue(memory().pods().isEmpty());
        Path file = folder.resolve("memory_manager_state");
        String text = Files.readString(file);
        Map<String, Long> wanted = Map.of("memory", 2 * GIBI);
        ReservedMemory more = new ReservedMemory(Map.of(0, wanted));
        IOException refused = assertThrows(IOException.class, () -> new ExclusiveMemory(file, MACHINE, more, wanted));
        assertTrue(
                String.valueOf(refused.getMessage())
                        .startsWith("could not restore state from checkpoint: [memorymanager] the expected machine "
                                + "state is different from the real one, please drain this node and delete the memory "
                                + "manager checkpoint file"),
                refused::getMessage);
        Files.writeString(file, text.substring(0, text.length() / 2));
        assertThrows(IOException.class, this::memory);
    }

    @Test
    void whatIsReservedHasToBeThereAndAsMuchAsTheNodeReserves() {
        Path file = folder.resolve("state");
        assertEquals(
                "the total amount \"1Gi\" of type \"memory\" is not equal to the value \"2Gi\" determined by Node "
                        + "Allocatable feature",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new ExclusiveMemory(file, MACHINE, RESERVED, Map.of("memory", 2 * GIBI)))
                        .getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> new ExclusiveMemory(
                        file, MACHINE, new ReservedMemory(Map.of(7, Map.of("memory", GIBI))), Map.of("memory", GIBI)));
        assertThrows(
                IllegalArgumentException.class,
                () -> new ExclusiveMemory(
                        file,
                        MACHINE,
                        new ReservedMemory(Map.of(0, Map.of("memory", 5 * GIBI))),
                        Map.of("memory", 5 * GIBI)));
        assertThrows(
                IllegalArgumentException.class,
                () -> new ExclusiveMemory(file, MACHINE, new ReservedMemory(Map.of()), Map.of()));
    }
}
