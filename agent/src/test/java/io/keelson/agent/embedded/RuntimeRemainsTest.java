package io.keelson.agent.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.agent.cri.RuntimePlayground;
import io.keelson.agent.mounts.CgroupMounts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
@Timeout(60)
class RuntimeRemainsTest {
    @TempDir
    private Path folder;

    private TestRuntime runtime;

    @BeforeEach
    void begin() throws Exception {
        assumeTrue(FolderImages.canBeMade(), "busybox-static is missing");
        runtime = new TestRuntime(folder);
    }

    /** Asserts that nothing is left. */
    @AfterEach
    void end() throws Exception {
        runtime.network.attached.clear();
        runtime.close();
    }

    private long running() throws Exception {
        RuntimePlayground pods =
                new RuntimePlayground(runtime.connection(), "busybox", runtime.cgroup + "/pods", folder);
        String container = pods.create(pods.run(), pods.shell("exec sleep 1000"));
        pods.start(container);
        return pods.pid(container);
    }

    @Test
    void podsWithoutARuntimeGoWithAllThatTheyHad() throws Exception {
        long one = running();
        long other = running();
        runtime.end();
        RuntimeRemains remains = new RuntimeRemains(runtime.root, runtime.run);
        List<String> pods = remains.pods();
        assertEquals(2, pods.size());
        // Of one of them there is nothing left but its shim.
        Path damaged = runtime.root.resolve("sandboxes").resolve(pods.getFirst());
        Files.delete(damaged.resolve("request"));
        for (String pod : pods) {
            remains.remove(pod);
            remains.remove(pod);
        }
        assertEquals(List.of(), remains.pods());
        for (long process : new long[] {one, other}) {
            assertFalse(Files.exists(Path.of("/proc/" + process + "/root/bin")));
        }
        new ContainerCgroups(CgroupMounts.ofMachine()).remove(runtime.cgroup + "/pods");
        runtime.begin();
    }

    @Test
    void aNameThatLeadsElsewhereIsRefused() throws Exception {
        RuntimeRemains remains = new RuntimeRemains(runtime.root, runtime.run);
        for (String name : List.of("..", "../..", "a/b", "", ".")) {
            assertThrows(IllegalArgumentException.class, () -> remains.remove(name), name);
        }
        assertTrue(Files.exists(runtime.root));
    }

    @Test
    void mountsThatLieOnEachOtherAllGo() throws Exception {
        Path place = Files.createDirectories(folder.resolve("with blank/a"));
        for (int i = 0; i < 3; i++) {
            Libc.mount("none", place.toString(), "tmpfs", 0, "");
        }
        Path inside = Files.createDirectories(place.resolve("b"));
        Libc.mount("none", inside.toString(), "tmpfs", 0, "");
        assertEquals(4, MountRemains.below(folder).size());
        MountRemains.remove(folder);
        assertEquals(List.of(), MountRemains.below(folder));
    }
}
