package io.keelson.agent.resources;

import static io.keelson.agent.resources.TestSpecs.container;
import static io.keelson.agent.resources.TestSpecs.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.agent.mounts.CgroupMounts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
class KernelCgroupsTest {
    private static final long MEBI = 1 << 20;

    private final String root = "/keelson-test-" + UUID.randomUUID();
    private CgroupMounts mounts;
    private CgroupTree tree;
    private NodeCgroups cgroups;

    @BeforeEach
    void start() throws Exception {
        mounts = CgroupMounts.ofMachine();
        tree = new CgroupTree(mounts, CgroupFiles.KERNEL);
        assumeTrue(tree.lacks().isEmpty(), () -> "the machine's cgroups lack controllers: " + mounts);
        cgroups = NodeCgroups.ofMachine(
                new ResourceSettings(root, true, Duration.ofMillis(100), 50, false, 0.9, false),
                1024 * MEBI,
                512 * MEBI,
                Optional.empty());
        cgroups.start();
    }

    @AfterEach
    void removeAll() throws Exception {
        tree.remove(root);
        for (Path mount : mounts.roots()) {
            assertFalse(Files.exists(mount.resolve(root.substring(1))));
        }
    }

    private String read(String controller, String path, String oldName, String newName) throws Exception {
        Path mount = tree.unified()
                ? mounts.unified().orElseThrow()
                : mounts.of(controller).orElseThrow();
        return Files.readString(mount.resolve(path.substring(1)).resolve(tree.unified() ? newName : oldName))
                .strip();
    }

    @Test
    void theKernelTakesTheLimitsOfAPodAndItsResize() throws Exception {
        String path =
                cgroups.cgroup(pod("a", List.of(), container("c", "cpu=500m memory=64Mi", "cpu=500m memory=64Mi")));
        assertEquals(root + "/kubepods/poda", path);
        assertEquals(Long.toString(64 * MEBI), read("memory", path, "memory.limit_in_bytes", "memory.max"));
        assertEquals("50", read("pids", path, "pids.max", "pids.max"));
        assertTrue(Set.of("50000", "50000 100000").contains(read("cpu", path, "cpu.cfs_quota_us", "cpu.max")));
        String _ =
                cgroups.cgroup(pod("a", List.of(), container("c", "cpu=1500m memory=128Mi", "cpu=1500m memory=128Mi")));
        assertEquals(Long.toString(128 * MEBI), read("memory", path, "memory.limit_in_bytes", "memory.max"));
        assertTrue(Set.of("150000", "150000 100000").contains(read("cpu", path, "cpu.cfs_quota_us", "cpu.max")));
        cgroups.enforce(new NodeCgroups.Allocatable(1000, 512 * MEBI, 1000));
        assertEquals(
                Long.toString(512 * MEBI), read("memory", root + "/kubepods", "memory.limit_in_bytes", "memory.max"));
    }

    @Test
    void processesThatAreLeftInAPodsCgroupDieWithIt() throws Exception {
        String path = cgroups.cgroup(pod("b", List.of(), container("c", "", "")));
        String inner = path + "/container";
        tree.create(inner);
        Process process = new ProcessBuilder("sleep", "1000").start();
        try {
            for (Path mount : mounts.roots()) {
                Files.writeString(
                        mount.resolve(inner.substring(1)).resolve("cgroup.procs"), Long.toString(process.pid()));
            }
            assertEquals(Set.of("b"), cgroups.podsWithCgroups());
            cgroups.release("b");
            assertTrue(process.waitFor(20, TimeUnit.SECONDS));
            assertEquals(137, process.exitValue());
            assertEquals(Set.of(), cgroups.podsWithCgroups());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aPodThatUsesMoreMemoryThanItsLimitIsKilled() throws Exception {
        String path = cgroups.cgroup(pod("c", List.of(), container("c", "", "memory=16Mi")));
        Process process =
                new ProcessBuilder("sh", "-c", "read go; exec dd if=/dev/zero of=/dev/null bs=200M count=1").start();
        try {
            Path mount = tree.unified()
                    ? mounts.unified().orElseThrow()
                    : mounts.of("memory").orElseThrow();
            Files.writeString(mount.resolve(path.substring(1)).resolve("cgroup.procs"), Long.toString(process.pid()));
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(137, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
        cgroups.release("c");
    }
}
