package io.keelson.agent.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.mounts.CgroupMounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** An embedded runtime of a test's own. It can be ended and begun again on the same folders, as when the agent is. */
final class TestRuntime {
    final TestNetwork network = new TestNetwork();
    final FolderImages images;
    final String cgroup;
    final Path root;
    private final Path folder;
    final Path run;
    private EmbeddedRuntime runtime;
    private RuntimeServer server;

    TestRuntime(Path folder) throws Exception {
        this.folder = folder;
        root = folder.resolve("root");
        // Sockets want a short path.
        run = Files.createTempDirectory("kr");
        cgroup = "/keelson-test-" + Long.toHexString(System.nanoTime());
        images = new FolderImages(folder.resolve("images"));
        begin();
    }

    final void begin() throws Exception {
        runtime = new EmbeddedRuntime(new RuntimeSettings(
                root, run, cgroup + "/shims", images, network, InstantSource.system(), OciRuntime.found(), "1.2.3"));
        server = RuntimeServer.start(List.of(runtime), socket());
    }

    Path socket() {
        return run.resolve("cri.sock");
    }

    RuntimeConnection connection() {
        return server.connection();
    }

    /** Ends the runtime, not the pods. */
    void end() {
        server.close();
        runtime.close();
    }

    /** Ends it, and asserts that nothing is left of its pods: mounts, namespaces, cgroups, processes, folders. */
    void close() throws Exception {
        end();
        assertEquals(List.of(), mounts(), "mounts are left");
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!shims().isEmpty() && System.nanoTime() < limit) {
            Thread.sleep(Duration.ofMillis(10));
        }
        assertEquals(List.of(), shims(), "shims are left");
        assertEquals(List.of(), children(root.resolve("sandboxes")), "folders are left");
        assertEquals(List.of(), children(run), "sockets are left");
        assertEquals(0, network.attached.size());
        ContainerCgroups cgroups = new ContainerCgroups(CgroupMounts.ofMachine());
        for (Path folder : cgroups.mounts().folders(cgroup + "/pods")) {
            assertEquals(List.of(), children(folder), "cgroups are left");
        }
        cgroups.remove(cgroup + "/pods");
        cgroups.remove(cgroup + "/shims");
        cgroups.remove(cgroup);
        Files.delete(run);
    }

    List<String> mounts() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
            return lines.filter(line -> line.contains(folder.toString())).toList();
        }
    }

    List<Long> shims() {
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

    private static List<Path> children(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(child ->
                            Files.isDirectory(child) || child.toString().endsWith(".sock"))
                    .toList();
        }
    }
}
