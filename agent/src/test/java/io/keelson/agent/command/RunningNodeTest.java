package io.keelson.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
final class RunningNodeTest {
    private static String ip(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                Stream.concat(Stream.of("ip"), Stream.of(arguments)).toList());
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said;
    }

    @Test
    void aPodRunsOutlivesTheAgentAndLeavesNothing(@TempDir Path folder) throws Exception {
        assumeTrue(TestMachine.canBeNode());
        String netns = "knode-" + ProcessHandle.current().pid();
        ip("netns", "add", netns);
        try (TestMachine machine = new TestMachine(folder.toRealPath(), Path.of("/run/netns", netns))) {
            try (RunningNode node = machine.start()) {
                machine.create("web", """
                        terminationGracePeriodSeconds: 1
                        containers:
                        - name: a
                          image: %s
                          command: [sh, -c, "echo hello from $NAME; exec sleep 1000"]
                          env: [{name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
                          readinessProbe: {exec: {command: [ls, /bin/sh]}, periodSeconds: 1}
                        """.formatted(TestMachine.IMAGE));
                TestCluster.await("it is ready", () -> machine.isReady("web"));
                Pod pod = machine.get("web");
                assertEquals("Running", pod.getStatus().getPhase());
                assertTrue(
                        pod.getStatus().getPodIP().startsWith("10.77.3."),
                        pod.getStatus().getPodIP());
                Path log = node.pods().log(pod, "a", false).orElseThrow();
                assertTrue(Files.readString(log).contains("stdout F hello from web"), Files.readString(log));
                try (Stream<Path> links = Files.list(folder.resolve("log/containers"))) {
                    assertEquals(1, links.count());
                }
            }
            String before = machine.get("web")
                    .getStatus()
                    .getContainerStatuses()
                    .getFirst()
                    .getContainerID();
            try (RunningNode node = machine.start()) {
                TestCluster.await(
                        "the pod is known again",
                        () -> node.pods().find(machine.namespace, "web", "").isPresent());
                assertTrue(machine.isReady("web"));
                assertEquals(
                        before,
                        machine.get("web")
                                .getStatus()
                                .getContainerStatuses()
                                .getFirst()
                                .getContainerID());
                machine.delete("web");
                TestCluster.await("it is gone", () -> machine.get("web") == null);
                TestCluster.await("its links are gone", () -> links(netns).isEmpty());
                TestCluster.await("its sandbox is removed", () -> isEmpty(folder.resolve("data/runtime/sandboxes")));
                TestCluster.await("its folder is removed", () -> isEmpty(folder.resolve("kubelet/pods")));
            }
            try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mountinfo"))) {
                assertEquals(
                        0,
                        mounts.filter(line -> line.contains(folder.toString())).count(),
                        "mounts are left");
            }
        } finally {
            ip("netns", "del", netns);
        }
    }

    private static boolean isEmpty(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            // It is looked into while it changes.
            return false;
        }
    }

    /** The pods' ends of the network that are there. */
    private static String links(String netns) {
        try {
            return ip("-n", netns, "-o", "link", "show", "type", "veth");
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e.toString();
        }
    }
}
