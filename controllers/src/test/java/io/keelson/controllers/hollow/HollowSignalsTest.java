package io.keelson.controllers.hollow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.TestNodes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The simulation is a process of its own here and is ended as processes are; nodes and pods go on as they were. */
class HollowSignalsTest {
    private static final int NODES = 3;
    private static final int TERMINATED = 128 + 15;
    private static final int KILLED = 128 + 9;
    private static final int END_SECONDS_MAX = 30;
    private static final Duration START_MAX = Duration.ofMinutes(2);

    private final TestCluster cluster = new TestCluster();
    private final TestNodes nodes = new TestNodes(cluster.client());
    private final String prefix = "signals-" + System.nanoTime();
    private final List<Process> processes = new ArrayList<>();

    @TempDir
    private Path folder;

    @BeforeEach
    void writeKubeconfig() throws IOException {
        cluster.kubeconfig(folder);
    }

    @AfterEach
    void close() throws InterruptedException {
        for (Process process : processes) {
            // One that still ran would register its nodes again.
            var _ = process.destroyForcibly().waitFor();
        }
        for (int i = 0; i < NODES; i++) {
            cluster.client().nodes().withName(prefix + '-' + i).delete();
        }
        cluster.close();
    }

    private Process started() throws IOException, InterruptedException {
        Path output = folder.resolve("output-" + processes.size());
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx200m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HollowProcess.class.getName(),
                        "simulate",
                        "--count=" + NODES,
                        "--prefix=" + prefix,
                        "--kubeconfig=" + folder.resolve("kubeconfig"))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        processes.add(process);
        // On a busy machine a JVM takes a while to come up.
        for (long end = System.nanoTime() + START_MAX.toNanos();
                !text(output).contains(NODES + " nodes are registered");
                Thread.sleep(20)) {
            assertTrue(process.isAlive(), () -> "it ended: " + text(output));
            assertTrue(System.nanoTime() < end, () -> "it has not started: " + text(output));
        }
        return process;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int end(Process process) throws InterruptedException {
        assertTrue(process.waitFor(END_SECONDS_MAX, TimeUnit.SECONDS), "it ends");
        return process.exitValue();
    }

    private @Nullable Pod pod(String namespace, String name) {
        return cluster.client().pods().inNamespace(namespace).withName(name).get();
    }

    private void runPod(String namespace, String name, int node) throws InterruptedException {
        nodes.create(TestNodes.pod(namespace, name, prefix + '-' + node));
        awaitReady(namespace, name);
    }

    private void awaitReady(String namespace, String name) throws InterruptedException {
        TestCluster.await(name + " is ready", () -> {
            Pod pod = pod(namespace, name);
            return pod != null && Pods.isReady(pod);
        });
    }

    private Map<String, PodStatus> statuses(String namespace) {
        Map<String, PodStatus> statuses = new TreeMap<>();
        cluster.pods(namespace).forEach(pod -> statuses.put(pod.getMetadata().getName(), pod.getStatus()));
        return statuses;
    }

    /** What nodes are, and since when; not when they said so last. */
    private Map<String, String> nodeStates() {
        Map<String, String> states = new TreeMap<>();
        for (int i = 0; i < NODES; i++) {
            Node node = nodes.get(prefix + '-' + i);
            assertNotNull(node);
            StringBuilder state = new StringBuilder(node.getMetadata().getUid());
            node.getStatus()
                    .getConditions()
                    .forEach(condition -> state.append(' ')
                            .append(condition.getType())
                            .append('=')
                            .append(condition.getStatus())
                            .append(" since ")
                            .append(condition.getLastTransitionTime()));
            states.put(node.getMetadata().getName(), state.toString());
        }
        return states;
    }

    private Instant renewed(int node) {
        Lease lease = cluster.client()
                .leases()
                .inNamespace(HollowNode.LEASES)
                .withName(prefix + '-' + node)
                .get();
        return lease == null ? Instant.MIN : lease.getSpec().getRenewTime().toInstant();
    }

    private void awaitRenewals(Instant after) throws InterruptedException {
        for (int i = 0; i < NODES; i++) {
            int node = i;
            TestCluster.await(
                    "node " + node + " renews its Lease", () -> renewed(node).isAfter(after));
        }
    }

    @Test
    void nodesAndPodsGoOnAfterTheirProcessWasTerminatedAndKilled() throws IOException, InterruptedException {
        String namespace = cluster.namespace();
        Process first = started();
        for (int i = 0; i < 2 * NODES; i++) {
            runPod(namespace, "web-" + i, i % NODES);
        }
        Map<String, String> nodesBefore = nodeStates();
        Map<String, PodStatus> podsBefore = statuses(namespace);

        first.destroy();
        assertEquals(TERMINATED, end(first));
        assertEquals(nodesBefore, nodeStates(), "nodes stay when it is terminated");
        assertEquals(podsBefore, statuses(namespace), "and so do pods");

        nodes.create(TestNodes.pod(namespace, "while-away", prefix + "-1"));
        Instant restarted = Instant.now();
        Process second = started();
        awaitReady(namespace, "while-away");
        awaitRenewals(restarted);
        assertEquals(nodesBefore, nodeStates(), "nodes were never away");
        podsBefore.put("while-away", podStatus(namespace, "while-away"));
        assertEquals(podsBefore, statuses(namespace), "pods run on as they did");

        // At any moment: while a pod starts.
        nodes.create(TestNodes.pod(namespace, "on-its-way", prefix + "-2"));
        second.destroyForcibly();
        assertEquals(KILLED, end(second));
        Instant again = Instant.now();
        started();
        awaitReady(namespace, "on-its-way");
        awaitRenewals(again);
        assertEquals(nodesBefore, nodeStates(), "nodes were never away");
        podsBefore.put("on-its-way", podStatus(namespace, "on-its-way"));
        assertEquals(podsBefore, statuses(namespace), "pods run on as they did");
        Set<String> addresses = new HashSet<>();
        podsBefore.values().forEach(status -> addresses.add(status.getPodIP()));
        assertEquals(podsBefore.size(), addresses.size(), "no two have the same address");

        cluster.client().pods().inNamespace(namespace).withName("web-0").delete();
        TestCluster.await("a pod of the first process is stopped by the third", () -> pod(namespace, "web-0") == null);
    }

    private PodStatus podStatus(String namespace, String name) {
        Pod pod = pod(namespace, name);
        assertNotNull(pod);
        return pod.getStatus();
    }
}
