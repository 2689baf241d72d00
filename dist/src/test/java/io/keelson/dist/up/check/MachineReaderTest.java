package io.keelson.dist.up.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MachineReaderTest {
    private final Path root;
    private final KernelFiles files;
    private final MachineReader reader;

    MachineReaderTest(@TempDir Path root) {
        this.root = root;
        files = new KernelFiles(root);
        reader = new MachineReader(files, new MachineReader.Plan(root.resolve("data"), "127.0.0.1", 6443, 0));
    }

    private void write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void cgroupsOfBothVersionsAreRead() throws IOException {
        write("proc/self/mountinfo", """
                25 1 0:22 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
                26 25 0:23 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct
                27 25 0:24 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
                28 25 0:25 / /sys/fs/cgroup/unified ro,relatime - cgroup2 cgroup2 rw
                damaged
                - -
                """);
        write("sys/fs/cgroup/unified/cgroup.controllers", "hugetlb pids\n");
        assertEquals(
                new Facts.Cgroups(Set.of("cpu", "cpuacct"), Set.of("hugetlb", "pids"), true, false), reader.cgroups());
    }

    @Test
    void whatAProcessMayIsReadAndDamageIsNoRight() throws IOException {
        write("proc/self/status", "Name:\tjava\nUid:\t1000\t0\t1000\t1000\nCapEff:\t000001ffffffffff\n");
        write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
        write("proc/self/ns/net", "");
        Facts.Kernel kernel = reader.kernel();
        assertEquals(0, kernel.user());
        assertEquals(0x1ffffffffffL, kernel.capabilities());
        assertEquals("6.1.0-18-amd64", kernel.release());
        assertEquals(Set.of("net"), kernel.namespaces());
        write("proc/self/status", "Uid:\tmany\nCapEff:\tx\n");
        assertEquals(0, reader.kernel().capabilities());
        assertEquals(-1, reader.kernel().user());
    }

    @Test
    void whoHasAPortIsNamed() throws IOException {
        write(
                "proc/net/tcp",
                "   0: 00000000:192B 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 77 1 0 100 0 0 10 0\n");
        write("proc/12/comm", "haproxy\n");
        Files.createDirectories(root.resolve("proc/12/fd"));
        Files.createSymbolicLink(root.resolve("proc/12/fd/3"), Path.of("socket:[77]"));
        Facts.Port port = reader.ports(reader.sockets()).getFirst();
        assertEquals("haproxy (process 12)", port.user());
        assertTrue(!port.isOurs());
    }

    @Test
    void pluginsThatAConfigurationNamesAreLookedFor() throws IOException {
        NodeReader node = new NodeReader(files, root.resolve("data"), false, InstantSource.system());
        write(
                "etc/cni/net.d/10.conflist",
                "{\"plugins\": [{\"type\": \"bridge\"}, {\"type\": \"ptp\"}, {\"type\": \"../../bin/sh\"}]}");
        assertEquals(Set.of("bridge", "ptp"), node.missing("etc/cni/net.d/10.conflist"));
        write("opt/cni/bin/bridge", "");
        assertTrue(root.resolve("opt/cni/bin/bridge").toFile().setExecutable(true));
        write("usr/lib/cni/ptp", "");
        assertTrue(root.resolve("usr/lib/cni/ptp").toFile().setExecutable(true));
        assertEquals(Set.of(), node.missing("etc/cni/net.d/10.conflist"));
        write("etc/cni/net.d/20.conf", "{");
        assertEquals(Set.of("(etc/cni/net.d/20.conf is no JSON)"), node.missing("etc/cni/net.d/20.conf"));
    }

    @Test
    void whatEarlierRunsLeftIsFound() throws IOException {
        NodeReader node = new NodeReader(files, root.resolve("data"), false, InstantSource.system());
        assertEquals(List.of(), node.remains());
        write("proc/5/cmdline", "/var/lib/x/bin/keelson-shim-0123456789abcdef\0pod\0/var/lib/x/sandboxes/y\0");
        write("proc/6/cmdline", "less\0keelson-shim-0123456789abcdef\0pod\0");
        Files.createDirectories(root.resolve("sys/class/net/keelson0"));
        Files.createDirectories(root.resolve("sys/class/net/keelson-local"));
        Files.createDirectories(root.resolve("sys/class/net/kl0123456789ab"));
        Files.createDirectories(root.resolve("sys/class/net/klein"));
        assertEquals(
                List.of("1 pod that runs", "interface keelson-local", "interface keelson0", "interface kl0123456789ab"),
                node.remains());
    }

    @Test
    void thisMachineIsReadWhateverItIs() throws IOException {
        Facts facts = new MachineReader(
                        new KernelFiles(Path.of("/")), new MachineReader.Plan(root.resolve("no/data"), "::1", 6443, 0))
                .read();
        List<Finding> findings = CheckCommand.judge(facts);
        assertTrue(findings.size() > 20);
        for (Finding finding : findings) {
            assertEquals(finding.verdict() == Verdict.OK, finding.advice().isEmpty(), finding.line());
        }
    }
}
