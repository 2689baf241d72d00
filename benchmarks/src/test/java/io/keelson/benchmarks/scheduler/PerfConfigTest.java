package io.keelson.benchmarks.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PerfConfigTest {
    private static final String POD = "apiVersion: v1\nkind: Pod\nmetadata: {generateName: pod-}\n";
    private static final String SIZES = "  workloads:\n  - {name: one, params: {nodes: 3, pods: 7}}\n";

    @TempDir
    private Path folder;

    private List<PerfCase> read(String config) throws IOException {
        Files.createDirectories(folder.resolve("misc"));
        Files.createDirectories(folder.resolve("templates"));
        Files.writeString(folder.resolve("templates/pod.yaml"), POD);
        Files.writeString(folder.resolve("misc/performance-config.yaml"), config);
        return PerfConfig.all(PerfFiles.below(folder));
    }

    private Operation operation(String fields) throws IOException {
        return read("- name: Case\n  workloadTemplate:\n  - {" + fields + "}\n" + SIZES)
                .getFirst()
                .operations()
                .getFirst();
    }

    private String refused(String config) {
        return String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> read(config)).getMessage());
    }

    private String operationRefused(String fields) {
        return refused("- name: Case\n  workloadTemplate:\n  - {" + fields + "}\n" + SIZES);
    }

    @Test
    void readsTheCasesThatComeWithIt() throws Exception {
        List<PerfCase> all = PerfConfig.all(PerfFiles.builtIn());
        List<String> names = all.stream().map(PerfCase::name).toList();
        for (String name : List.of(
                "SchedulingBasic",
                "SchedulingPodAffinity",
                "SchedulingPodAntiAffinity",
                "SchedulingPreferredPodAffinity",
                "SchedulingRequiredPodAntiAffinityWithNSSelector",
                "TopologySpreading",
                "PreferredTopologySpreading",
                "DefaultTopologySpreading",
                "SchedulingNodeAffinity",
                "SchedulingWithTaints",
                "PreemptionBasic",
                "PreemptionAsync",
                "SchedulingWithMixedChurn",
                "SchedulingWhileGated",
                "Unschedulable",
                "SchedulingSecrets",
                "SchedulingInTreePVs",
                "SchedulingCSIPVs",
                "SchedulingDaemonset",
                "SchedulingWithExtendedResource",
                "GangScheduling")) {
            assertTrue(names.contains(name), name);
        }
        for (PerfCase each : all) {
            long measured = each.operations().stream()
                    .filter(operation -> operation instanceof Operation.CreatePods pods && pods.measured())
                    .count();
            assertEquals(1, measured, each.name());
            assertTrue(
                    each.workloads().stream().anyMatch(size -> size.labels().contains(Selection.PERFORMANCE)),
                    each.name());
        }
    }

    @Test
    void whatIsBuiltInAsksForWhatIsToBeReached() throws Exception {
        Map<String, PerfCase> all =
                PerfConfig.all(PerfFiles.builtIn()).stream().collect(Collectors.toMap(PerfCase::name, each -> each));
        for (PerfCase each : all.values()) {
            for (PerfCase.Workload size : each.workloads()) {
                if (size.labels().contains(Selection.PERFORMANCE)) {
                    assertTrue(size.threshold() >= 200, each.name());
                }
            }
        }
        Selection.Chosen basic = Selection.of(List.copyOf(all.values()), List.of("SchedulingBasic"), List.of())
                .getFirst();
        assertEquals(new Wanted(1000, 2, 161), Wanted.of(basic.perfCase(), basic.workload(), false));
        assertEquals(new Wanted(0, 0, 0), Wanted.of(basic.perfCase(), basic.workload(), true));
    }

    @Test
    void readsEachFieldOfAnOperation() throws Exception {
        assertEquals(
                new Operation.CreateNodes(
                        Amount.param("nodes"),
                        null,
                        "zone",
                        List.of("a", "b"),
                        "own",
                        Map.of("x", "39"),
                        Map.of("driver", 39L),
                        List.of("p")),
                operation("opcode: createNodes, countParam: $nodes, labelNodePrepareStrategy: {labelKey: zone,"
                        + " labelValues: [a, b]}, uniqueNodeLabelStrategy: {labelKey: own},"
                        + " nodeAllocatableStrategy: {nodeAllocatable: {x: 39}, csiNodeAllocatable: {driver:"
                        + " {count: 39}}, migratedPlugins: [p]}"));
        Operation.CreatePods pods = assertInstanceOf(
                Operation.CreatePods.class,
                operation("opcode: createPods, countParam: $nodes, countMultiplierParam: $pods, namespace: there,"
                        + " podTemplatePath: ../templates/pod.yaml, skipWaitToCompletion: true"));
        assertEquals(21, pods.count().in(Map.of("nodes", 3L, "pods", 7L)));
        assertEquals("there", pods.namespace());
        assertFalse(pods.waits());
        assertEquals(new Operation.Sleep(Duration.ofSeconds(90)), operation("opcode: sleep, duration: 1m30s"));
        assertEquals(new Operation.Sleep(Duration.ofMillis(20)), operation("opcode: sleep, duration: 20ms"));
        assertEquals(new Operation.Barrier(true), operation("opcode: barrier, stageRequirement: Attempted"));
        assertEquals(
                new Operation.DeletePods("there", "a=b", 50, true),
                operation("opcode: deletePods, namespace: there, labelSelector: a=b, deletePodsPerSecond: 50"));
    }

    @Test
    void sizesAreScaledButForWhatIsForEachOfAnother() throws Exception {
        PerfCase.Workload size = new PerfCase.Workload(
                "s", List.of(), Map.of("nodes", 50L, "podsPerGroup", 3L, "none", 0L), Map.of(), 0);
        assertEquals(
                Map.of("nodes", 5L, "podsPerGroup", 3L, "none", 0L),
                size.scaled(0.1).params());
        assertEquals(1L, size.scaled(0.001).params().get("nodes"));
    }

    @Test
    void saysWhereSomethingIsWrongAndWhatThereCouldBe() {
        assertEquals(
                "misc/performance-config.yaml: case Case, workloadTemplate[0] fly has an opcode that is not known"
                        + " here; there are createNodes, createNamespaces, createPods, createPodSets, churn, barrier,"
                        + " sleep, createAny, updateAny, deletePods, startCollectingMetrics, stopCollectingMetrics, "
                        + "expectUnschedulable",
                operationRefused("opcode: fly"));
        assertTrue(operationRefused("opcode: createPods").contains("needs count or countParam"));
        assertTrue(operationRefused("opcode: createPods, count: 1, countParam: $pods")
                .contains("both count and"));
        assertTrue(operationRefused("opcode: createPods, countParam: pods").contains("as $measurePods"));
        assertTrue(operationRefused("opcode: createPods, countParam: $cats").contains("sets no param cats"));
        assertTrue(operationRefused("opcode: createPods, count: -1").contains("from 0 to 2000000"));
        assertTrue(operationRefused("opcode: createPods, count: 1.5").contains("a whole number"));
        assertTrue(operationRefused("opcode: createPods, count: 99999999999999999999")
                .contains("a whole number"));
        assertTrue(
                operationRefused("opcode: createPods, count: 1, colour: red").contains("colour, which is not known"));
        assertTrue(operationRefused("opcode: createPods, count: 1, namespace: ../x")
                .contains("lower case letters"));
        assertTrue(operationRefused("opcode: createPods, count: 1, collectMetrics: 1")
                .contains("true or false"));
        assertTrue(operationRefused("opcode: sleep, duration: forever").contains("like 500ms"));
        assertTrue(operationRefused("opcode: sleep, duration: 9999h").contains("1ms to 1h"));
        assertTrue(operationRefused("opcode: churn, mode: create").contains("needs templatePaths"));
        assertTrue(operationRefused("opcode: barrier, stageRequirement: Never").contains("Attempted and Scheduled"));
        assertTrue(refused("name: no list").contains("a list of one to 1000 cases"));
        assertTrue(refused("- name: Case").contains("needs a workloadTemplate"));
        assertTrue(refused("- 7").contains("is to be a mapping"));
        assertTrue(refused("- {name: A, name: B}").contains("already set in map"));
        assertTrue(refused("- [").contains("yaml:"));
        assertTrue(refused("").contains("a list of one to 1000 cases"));
    }

    @Test
    void numbersThatAreTooLargeTogetherAreRefused() {
        assertTrue(refused("- name: Case\n  workloadTemplate:\n  - {opcode: createPods, countParam: $nodes,"
                        + " countMultiplierParam: $nodes}\n  workloads:\n  - {name: one, params: {nodes: 2000000}}\n")
                .contains("from 0 to 2000000"));
    }

    @Test
    void filesThatAreNotThereOrElsewhereOrTooLargeAreRefused() throws Exception {
        for (Map.Entry<String, String> path : Map.of(
                        "../templates/none.yaml", "there is no file",
                        "../../etc/passwd", "leads out of the folder",
                        "/etc/passwd", "leads out of the folder",
                        "a\\0b", "is no path")
                .entrySet()) {
            IOException refused = assertThrows(
                    IOException.class,
                    () -> operation("opcode: createPods, count: 1, podTemplatePath: \"" + path.getKey() + "\""));
            assertTrue(String.valueOf(refused.getMessage()).contains(path.getValue()), refused::toString);
        }
        assertTrue(String.valueOf(assertThrows(IOException.class, () -> read("#".repeat(PerfFiles.BYTES_MAX + 1)))
                        .getMessage())
                .contains("more than"));
        assertTrue(String.valueOf(assertThrows(
                                IOException.class, () -> PerfConfig.all(PerfFiles.below(folder.resolve("templates"))))
                        .getMessage())
                .contains("there is no performance-config.yaml"));
    }

    @Test
    void documentsThatWouldGrowOrNestWithoutEndAreRefusedSoon() {
        String bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
                + "bcdefghi"
                        .chars()
                        .mapToObj(c -> {
                            String before = String.valueOf((char) (c - 1));
                            return (char) c + ": &" + (char) c + " [" + ("*" + before + ",").repeat(9) + "*" + before
                                    + "]\n";
                        })
                        .collect(Collectors.joining());
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            assertTrue(refused(bomb).contains("excessive aliasing"));
            assertTrue(refused("[".repeat(100_000)).contains("max depth"));
            assertTrue(refused("- &a [*a]").contains("contains itself"));
            byte[] noText = {'-', ' ', (byte) 0xff, (byte) 0xfe, 0, 1};
            assertTrue(refused(new String(noText, StandardCharsets.ISO_8859_1)).contains("yaml"));
        });
    }
}
