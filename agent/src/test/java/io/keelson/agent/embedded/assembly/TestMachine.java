package io.keelson.agent.embedded.assembly;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.embedded.images.registry.RegistryHosts;
import io.keelson.agent.network.BridgeSettings;
import io.keelson.agent.network.Namespaces;
import io.keelson.agent.network.NetworkSettings;
import io.keelson.agent.wire.cri.ListPodSandboxRequest;
import io.keelson.agent.wire.cri.PodSandbox;
import io.keelson.agent.wire.cri.PodSandboxStatusRequest;
import io.keelson.agent.wire.cri.RemovePodSandboxRequest;
import io.keelson.agent.wire.cri.StopPodSandboxRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Folders, a network namespace and a cgroup that stand for a machine's in one test. */
final class TestMachine {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    final Path folder;
    final Path root;
    final Path images;
    final Path run;
    final Path node;
    final String cgroup = "/keelson-test-" + Long.toHexString(System.nanoTime());
    private final Namespaces namespaces = new Namespaces();

    TestMachine(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        root = folder.resolve("root");
        images = folder.resolve("images");
        // Sockets want a short path.
        run = Files.createTempDirectory("kc");
        node = namespaces.add();
        Namespaces.in(node, "ip", "link", "set", "lo", "up");
    }

    Path socket() {
        return run.resolve("cri.sock");
    }

    EmbeddedNodeSettings settings() {
        Path state = root.resolve("network");
        return new EmbeddedNodeSettings(
                root,
                run.resolve("pods"),
                images,
                cgroup + "/shims",
                new NetworkSettings(
                        new BridgeSettings(state, BridgeSettings.BRIDGE, 0, node),
                        folder.resolve("net.d"),
                        List.of(folder.resolve("plugins")),
                        state.resolve("cni"),
                        Duration.ofSeconds(10)),
                RegistryHosts.USUAL,
                Map.of(),
                Optional.of(socket()),
                "1.2.3");
    }

    /** What a server in a pod answers to someone on the node. */
    String get(String address, String path) throws IOException, InterruptedException {
        String answer = Namespaces.ask(
                node, address, 8080, "GET " + path + " HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n");
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    static List<String> addresses(RuntimeConnection runtime, String pod) {
        var network = runtime.runtime(LIMIT)
                .podSandboxStatus(PodSandboxStatusRequest.newBuilder()
                        .setPodSandboxId(pod)
                        .build())
                .getStatus()
                .getNetwork();
        return Stream.concat(
                        Stream.of(network.getIp()),
                        network.getAdditionalIpsList().stream().map(ip -> ip.getIp()))
                .toList();
    }

    static void removeAll(RuntimeConnection runtime) {
        for (PodSandbox pod : runtime.runtime(LIMIT)
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList()) {
            var _ = runtime.runtime(LIMIT)
                    .stopPodSandbox(StopPodSandboxRequest.newBuilder()
                            .setPodSandboxId(pod.getId())
                            .build());
            var _ = runtime.runtime(LIMIT)
                    .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                            .setPodSandboxId(pod.getId())
                            .build());
        }
    }

    private List<String> mounts() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return lines.filter(line -> line.contains(folder.toString())).toList();
        }
    }

    private List<Long> shims() {
        return ProcessHandle.allProcesses()
                .filter(process -> {
                    try {
                        return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                                .contains("\0pod\0" + root);
                    } catch (IOException gone) {
                        return false;
                    }
                })
                .map(ProcessHandle::pid)
                .toList();
    }

    private static List<Path> children(Path parent) throws IOException {
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(parent)) {
            return children.toList();
        }
    }

    /** Ends what a test that failed left, so that nothing of the machine's stays changed. */
    private void force() throws IOException, InterruptedException {
        for (long shim : shims()) {
            ProcessHandle.of(shim).ifPresent(ProcessHandle::destroyForcibly);
        }
        for (String mount : mounts().reversed()) {
            Namespaces.in(node, "umount", "-l", mount.split(" ", -1)[4]);
        }
    }

    /** After all pods were removed, and the runtime ended: asserts that nothing of them is left anywhere. */
    void close() throws IOException, InterruptedException {
        try {
            long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (!shims().isEmpty() && System.nanoTime() < limit) {
                Thread.sleep(Duration.ofMillis(10));
            }
            assertEquals(List.of(), shims(), "shims are left");
            assertEquals(List.of(), mounts(), "mounts are left");
            assertEquals(List.of(), children(root.resolve("sandboxes")), "folders are left");
            assertEquals(List.of(), children(images.resolve("snapshots")), "snapshots are left");
            assertEquals(List.of(), children(root.resolve("network/addresses")), "addresses are left");
            assertEquals(List.of(), children(run.resolve("pods")), "sockets are left");
            assertEquals(
                    List.of(),
                    Namespaces.in(node, "ip", "-o", "link")
                            .lines()
                            .filter(line -> line.contains(": kl"))
                            .toList(),
                    "links are left");
            // Of version 2 there is one hierarchy, of version 1 there are several below.
            Path hierarchies = Path.of("/sys/fs/cgroup");
            removeCgroups(hierarchies.resolve(cgroup.substring(1)));
            for (Path hierarchy : children(hierarchies)) {
                if (Files.isDirectory(hierarchy)) {
                    removeCgroups(hierarchy.resolve(cgroup.substring(1)));
                }
            }
        } finally {
            force();
            namespaces.close();
            Files.deleteIfExists(socket());
            Files.deleteIfExists(run.resolve("pods"));
            Files.deleteIfExists(run);
        }
    }

    /** They have no processes: else the kernel refuses. */
    private static void removeCgroups(Path cgroup) throws IOException {
        for (Path child : children(cgroup)) {
            if (Files.isDirectory(child)) {
                assertEquals(
                        List.of(),
                        children(child).stream().filter(Files::isDirectory).toList(),
                        "cgroups are left");
                Files.delete(child);
            }
        }
        Files.deleteIfExists(cgroup);
    }
}
