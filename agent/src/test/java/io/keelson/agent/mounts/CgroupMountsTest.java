package io.keelson.agent.mounts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CgroupMountsTest {
    private static final String HYBRID = """
            30 25 0:26 / /sys/fs/cgroup rw,nosuid - tmpfs tmpfs rw,size=4096k
            31 30 0:27 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw
            32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
            33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
            34 30 0:30 / /sys/fs/cgroup/memory rw master:1 - cgroup cgroup rw,memory
            35 30 0:30 / /elsewhere/memory rw - cgroup cgroup rw,memory
            36 30 0:31 / /sys/fs/cgroup/a\\040b rw - cgroup cgroup rw,pids
            """;

    @Test
    void aHybridMachineIsOfVersion1() {
        CgroupMounts mounts = CgroupMounts.of(MountTable.parse(HYBRID));
        assertFalse(mounts.isUnified());
        assertEquals(Optional.of(Path.of("/sys/fs/cgroup/cpu,cpuacct")), mounts.of("cpuacct"));
        assertEquals(Optional.of(Path.of("/sys/fs/cgroup/memory")), mounts.of("memory"));
        assertEquals(Optional.of(Path.of("/sys/fs/cgroup/a b")), mounts.of("pids"));
        assertEquals(Optional.empty(), mounts.of("hugetlb"));
        assertEquals(
                Set.of("systemd", "cpu,cpuacct", "memory", "a b", "unified"),
                Set.copyOf(mounts.roots().stream()
                        .map(root -> root.getFileName().toString())
                        .toList()));
    }

    @Test
    void aMachineWithVersion2Alone() {
        CgroupMounts mounts = CgroupMounts.of(
                MountTable.parse("31 30 0:27 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate"));
        assertTrue(mounts.isUnified());
        assertEquals(List.of(Path.of("/sys/fs/cgroup")), mounts.roots());
        assertFalse(CgroupMounts.of(MountTable.parse("")).isUnified());
    }

    @Property(tries = 200)
    void anyLinesAreTaken(@ForAll List<String> lines) {
        CgroupMounts mounts = CgroupMounts.of(MountTable.parse(lines.stream()
                .map(line -> line.replace("\0", "") + " - cgroup2 x")
                .collect(Collectors.joining("\n"))));
        assertTrue(mounts.hierarchies().isEmpty());
    }
}
