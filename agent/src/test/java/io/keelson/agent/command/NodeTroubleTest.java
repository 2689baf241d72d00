package io.keelson.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.NodeCondition;
import io.keelson.agent.eviction.EvictionSettings;
import io.keelson.agent.eviction.Thresholds;
import io.keelson.agent.logs.LogRotation;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What would take a node with it: the node stays ready, or says why not, and other pods go on. */
@Tag("root")
@Timeout(240)
final class NodeTroubleTest {
    private static final int PROCESSES_MAX = 64;
    private static final String GOOD = """
            terminationGracePeriodSeconds: 1
            containers:
            - name: a
              image: %s
              command: [sh, -c, "exec sleep 1000"]
              readinessProbe: {exec: {command: [ls, /bin/sh]}, periodSeconds: 1}
            """.formatted(TestMachine.IMAGE);

    private final String netns = "ktrouble-" + ProcessHandle.current().pid();
    private TestMachine machine;
    private Path disk;

    @BeforeEach
    void prepare(@TempDir Path folder) throws Exception {
        assumeTrue(TestMachine.canBeNode());
        disk = Files.createDirectory(folder.toRealPath().resolve("disk"));
        run("mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", disk.toString());
        run("ip", "netns", "add", netns);
        machine = new TestMachine(disk, Path.of("/run/netns", netns));
    }

    @AfterEach
    void tidy() throws Exception {
        if (machine != null) {
            machine.close();
            run("ip", "netns", "del", netns);
            run("umount", "--lazy", disk.toString());
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertEquals(0, process.waitFor(), String.join(" ", command));
    }

    private NodeCondition condition(String type) {
        return machine.cluster.client().nodes().withName(machine.name).get().getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst()
                .orElseThrow();
    }

    private boolean is(String type, String status) {
        return condition(type).getStatus().equals(status);
    }

    @Test
    void podsThatForkAndLogWithoutEndHarmNobodyElse() throws Exception {
        machine.pidsMax = PROCESSES_MAX;
        machine.rotation = new LogRotation(64 << 10, 3, Duration.ofSeconds(3));
        try (RunningNode _ = machine.start()) {
            machine.create("bomb", """
                    terminationGracePeriodSeconds: 1
                    containers:
                    - {name: a, image: %s, command: [sh, -c, "(f() { f & f & }; f) & exec sleep 1000"]}
                    """.formatted(TestMachine.IMAGE));
            machine.create("loud", """
                    terminationGracePeriodSeconds: 1
                    containers:
                    - name: a
                      image: %s
                      command: [sh, -c, "while :; do echo there is always more to say; done"]
                      resources: {limits: {cpu: 100m}}
                    """.formatted(TestMachine.IMAGE));
            TestCluster.await("the one meets its limit", () -> refusedProcesses() > 0);
            machine.create("good", GOOD);
            TestCluster.await("another pod runs", () -> machine.isReady("good"));
            TestCluster.await("the log is held", () -> {
                List<Long> sizes = logSizes("loud");
                return sizes.size() == 3
                        && sizes.stream().mapToLong(Long::longValue).sum() < 2 << 20;
            });
            assertTrue(processes() <= PROCESSES_MAX, "there are " + processes() + " processes");
            assertTrue(is("Ready", "True"), condition("Ready").toString());
            assertTrue(is("DiskPressure", "False"), condition("DiskPressure").toString());
            end("bomb", "loud", "good");
        }
    }

    /** What the kernel says of the processes of the pod that forks. */
    private Path bombsCgroup() {
        String uid = machine.get("bomb").getMetadata().getUid();
        Path pids = Path.of("/sys/fs/cgroup/pids");
        Path top = Files.isDirectory(pids) ? pids : Path.of("/sys/fs/cgroup");
        try (Stream<Path> all = Files.walk(top.resolve(machine.cgroup.substring(1)))) {
            return all.filter(path -> path.endsWith("pod" + uid)).findFirst().orElse(top);
        } catch (IOException | UncheckedIOException changing) {
            return top;
        }
    }

    /** By which group of the pod's the kernel counts them is not the same for all kernels. */
    private long refusedProcesses() {
        try (Stream<Path> all = Files.walk(bombsCgroup())) {
            long refused = 0;
            for (Path file : all.filter(path -> path.endsWith("pids.events")).toList()) {
                refused += Files.readAllLines(file).stream()
                        .filter(line -> line.startsWith("max "))
                        .mapToLong(line -> Long.parseLong(line.substring(4)))
                        .sum();
            }
            return refused;
        } catch (IOException | UncheckedIOException notYet) {
            return 0;
        }
    }

    private long processes() throws IOException {
        return Long.parseLong(
                Files.readString(bombsCgroup().resolve("pids.current")).strip());
    }

    private List<Long> logSizes(String pod) {
        String uid = machine.get(pod).getMetadata().getUid();
        Path folder = disk.resolve("log/pods/" + machine.namespace + "_" + pod + "_" + uid + "/a");
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.toFile().length()).toList();
        } catch (IOException notYet) {
            return List.of();
        }
    }

    @Test
    void aFullDiskIsToldAndCostsNoPodThatRuns() throws Exception {
        machine.eviction = new EvictionSettings(
                Thresholds.parse(
                        Map.of(),
                        Map.of("nodefs.available", "10%"),
                        Map.of("nodefs.available", Duration.ofHours(1)),
                        Map.of(),
                        true),
                Duration.ofMillis(100),
                0,
                Duration.ofMillis(200),
                true);
        Path filler = disk.resolve("filler");
        String id;
        try (RunningNode _ = machine.start()) {
            machine.create("good", GOOD);
            TestCluster.await("it is ready", () -> machine.isReady("good"));
            id = container("good");
            fill(filler);
            TestCluster.await("the node says so", () -> is("DiskPressure", "True"));
            assertEquals("kubelet has disk pressure", condition("DiskPressure").getMessage());
            assertTrue(is("Ready", "True"), condition("Ready").toString());
            machine.create("late", GOOD);
            TestCluster.await(
                    "it is refused",
                    () -> "Failed".equals(machine.get("late").getStatus().getPhase()));
            assertTrue(
                    machine.get("late").getStatus().getMessage().contains("DiskPressure"),
                    machine.get("late").getStatus().getMessage());
        }
        // The next one begins on a disk that is full.
        try (RunningNode node = machine.start()) {
            TestCluster.await(
                    "it knows the pod",
                    () -> node.pods().find(machine.namespace, "good", "").isPresent());
            assertTrue(machine.isReady("good"));
            assertEquals(id, container("good"));
            Files.delete(filler);
            TestCluster.await("there is room again", () -> is("DiskPressure", "False"));
            machine.create("next", GOOD);
            TestCluster.await("a pod is let in", () -> machine.isReady("next"));
            assertEquals(id, container("good"));
            end("late", "next", "good");
        }
    }

    private String container(String pod) {
        return machine.get(pod).getStatus().getContainerStatuses().getFirst().getContainerID();
    }

    private static void fill(Path file) throws IOException {
        byte[] block = new byte[64 << 10];
        try (OutputStream out = Files.newOutputStream(file)) {
            while (true) {
                out.write(block);
            }
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException full) {
            assertTrue(String.valueOf(full.getMessage()).contains("No space left"), full.toString());
        }
    }

    private void end(String... pods) throws Exception {
        for (String pod : pods) {
            machine.delete(pod);
        }
        for (String pod : pods) {
            TestCluster.await(pod + " is gone", () -> machine.get(pod) == null);
        }
    }
}
