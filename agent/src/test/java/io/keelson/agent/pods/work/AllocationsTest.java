package io.keelson.agent.pods.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AllocationsTest {
    private static final Node NODE = new NodeBuilder()
            .withNewMetadata()
            .withName("n")
            .endMetadata()
            .withNewStatus()
            .addToAllocatable("cpu", new Quantity("1"))
            .endStatus()
            .build();

    private PodFolders folders;

    @BeforeEach
    void begin(@TempDir Path folder) {
        folders = new PodFolders(folder, folder.resolve("logs"));
    }

    private Allocations allocations() {
        return new Allocations(folders, () -> NODE, false);
    }

    private static Pod pod(String cpu) {
        return Samples.pod("containers: [{name: a, image: x, resources: {requests: {cpu: " + cpu + "}}}]");
    }

    private static ResourceRequirements resources(Pod pod) {
        return pod.getSpec().getContainers().getFirst().getResources();
    }

    @Test
    void whatAPodWasGivenItKeepsUntilItIsGivenMoreAlsoOverARestart() {
        allocations().admit(pod("200m"));
        assertTrue(allocations().isKnown(Samples.UID));
        Map<String, ResourceRequirements> told = Map.of("a-0", resources(pod("200m")));
        Allocations.Decision given = allocations().consider(pod("500m"), List::of, told);
        assertEquals(resources(pod("500m")), resources(given.pod()));
        assertEquals(Optional.empty(), given.pending());
        assertEquals(told, allocations().running(Samples.UID), "the run has not been told yet");
        allocations().settled(Samples.UID);
        assertEquals(Map.of(), allocations().running(Samples.UID));
    }

    @Test
    void whoMayHaveProcessorsOfItsOwnGetsNoOthers() {
        Allocations allocations = new Allocations(folders, () -> NODE, true);
        String spec = "containers: [{name: a, image: x, resources: {limits: {cpu: %1$s, memory: %2$s},"
                + " requests: {cpu: %1$s, memory: %2$s}}}]";
        allocations.admit(Samples.pod(spec.formatted("200m", "1Mi")));
        PodCondition infeasible = allocations
                .consider(Samples.pod(spec.formatted("300m", "1Mi")), List::of, Map.of())
                .pending()
                .orElseThrow();
        assertEquals("Infeasible", infeasible.getReason());
        assertEquals(
                "Resize is infeasible for Guaranteed Pods alongside CPU Manager policy \"static\"",
                infeasible.getMessage());
        assertTrue(allocations
                .consider(Samples.pod(spec.formatted("200m", "2Mi")), List::of, Map.of())
                .pending()
                .isEmpty());
        allocations.admit(pod("200m"));
        assertTrue(
                allocations.consider(pod("300m"), List::of, Map.of()).pending().isEmpty(), "it is burstable");
    }

    @Test
    void whatTheNodeHasNotIsRefusedOrPutOff() {
        Allocations allocations = allocations();
        allocations.admit(pod("200m"));
        Allocations.Decision never = allocations.consider(pod("2"), List::of, Map.of());
        assertEquals(resources(pod("200m")), resources(never.pod()));
        PodCondition infeasible = never.pending().orElseThrow();
        assertEquals("Infeasible", infeasible.getReason());
        assertEquals("Node didn't have enough capacity: cpu, requested: 2000, capacity: 1000", infeasible.getMessage());
        PodCondition deferred = allocations
                .consider(pod("500m"), () -> List.of(pod("600m")), Map.of())
                .pending()
                .orElseThrow();
        assertEquals("Deferred", deferred.getReason());
        assertEquals(
                "Node didn't have enough resource: cpu, requested: 500, used: 600, capacity: 1000",
                deferred.getMessage());
    }

    @Test
    void aDamagedFileIsNotBelieved() throws IOException {
        for (String text :
                List.of("", "{", "[1]", "{\"containers\": 7, \"pod\": []}", "{\"containers\": {\"a\": 7}}")) {
            Files.createDirectories(folders.pod(Samples.UID));
            Files.writeString(folders.pod(Samples.UID).resolve("allocated.json"), text);
            Pod pod = allocations().consider(pod("500m"), List::of, Map.of()).pod();
            assertEquals(resources(pod("500m")), resources(pod), text);
        }
    }

    @Test
    void aPodThatIsGoneIsForgotten() {
        Allocations allocations = allocations();
        allocations.admit(pod("200m"));
        allocations.forget(Samples.UID);
        assertFalse(allocations.isKnown(Samples.UID));
        assertFalse(allocations().isKnown(Samples.UID));
    }
}
