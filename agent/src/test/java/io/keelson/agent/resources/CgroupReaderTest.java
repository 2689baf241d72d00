package io.keelson.agent.resources;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.mounts.CgroupMounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cgroups of both versions count is read alike. */
class CgroupReaderTest {
    @TempDir
    private Path root;

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private CgroupReader old() {
        return new CgroupReader(
                new CgroupMounts(
                        List.of(
                                new CgroupMounts.Hierarchy(root.resolve("cpu"), Set.of("cpu")),
                                new CgroupMounts.Hierarchy(root.resolve("cpuacct"), Set.of("cpuacct")),
                                new CgroupMounts.Hierarchy(root.resolve("memory"), Set.of("memory")),
                                new CgroupMounts.Hierarchy(root.resolve("pids"), Set.of("pids")),
                                new CgroupMounts.Hierarchy(root.resolve("blkio"), Set.of("blkio"))),
                        Optional.of(root.resolve("unified"))),
                CgroupFiles.KERNEL);
    }

    private CgroupReader unified() {
        return new CgroupReader(new CgroupMounts(List.of(), Optional.of(root)), CgroupFiles.KERNEL);
    }

    @Test
    void readsVersionOne() throws IOException {
        write("cpuacct/a/cpuacct.usage", "5000000000\n");
        write("cpuacct/a/cpuacct.stat", "user 300\nsystem 200\n");
        write("cpu/a/cpu.shares", "512\n");
        write("cpu/a/cpu.cfs_period_us", "100000\n");
        write("cpu/a/cpu.cfs_quota_us", "20000\n");
        write("cpu/a/cpu.stat", "nr_periods 10\nnr_throttled 4\nthrottled_time 7000\n");
        write("memory/a/memory.usage_in_bytes", "1000\n");
        write("memory/a/memory.limit_in_bytes", "5000\n");
        write("memory/a/memory.memsw.limit_in_bytes", "7000\n");
        write("memory/a/memory.stat", "total_inactive_file 300\ntotal_rss 400\ntotal_cache 500\ntotal_pgmajfault 2\n");
        write("memory/a/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
        write("pids/a/pids.current", "9\n");
        write("pids/a/pids.max", "max\n");
        write("pids/a/cgroup.procs", "11\n12\n");
        write("pids/a/b/cgroup.procs", "13\n");
        write("blkio/a/blkio.throttle.io_serviced_recursive", "8:0 Read 3\n8:0 Write 4\n8:0 Total 7\nTotal 7\n");
        write("blkio/a/blkio.throttle.io_service_bytes_recursive", "8:0 Read 300\n8:0 Write 400\n");
        write("unified/a/cpu.pressure", "some avg10=1.50 avg60=2.00 avg300=0.10 total=42\nfull avg10=0.00 total=1\n");
        CgroupUsage usage = old().read("/a").orElseThrow();
        assertEquals(
                new CgroupUsage.Cpu(
                        5_000_000_000L,
                        3_000_000_000L,
                        2_000_000_000L,
                        512,
                        100_000,
                        OptionalLong.of(20_000),
                        10,
                        4,
                        7000),
                usage.cpu());
        assertEquals(1000, usage.memory().bytes());
        assertEquals(700, usage.memory().workingSetBytes());
        assertEquals(OptionalLong.of(4300), usage.memory().availableBytes());
        assertEquals(OptionalLong.of(2000), usage.memory().swapLimitBytes());
        assertEquals(3, usage.memory().oomKills());
        assertEquals(new CgroupUsage.Tasks(3, 9, OptionalLong.empty()), usage.tasks());
        assertEquals(List.of(new CgroupUsage.DeviceUse("8:0", 3, 300, 4, 400)), usage.devices());
        assertEquals(
                new CgroupUsage.Share(1.5, 2, 0.1, 42),
                usage.pressure().orElseThrow().cpu().some());
        assertEquals(OptionalLong.of(11), old().process("/a"));
        assertEquals(Set.of("b"), old().children("/a"));
    }

    @Test
    void readsVersionTwo() throws IOException {
        write("a/cpu.stat", """
                usage_usec 5000000
                user_usec 3000000
                system_usec 2000000
                nr_periods 10
                nr_throttled 4
                throttled_usec 7
                """);
        write("a/cpu.max", "20000 100000\n");
        write("a/cpu.weight", "20\n");
        write("a/memory.current", "1000\n");
        write("a/memory.stat", "anon 400\nfile 500\ninactive_file 300\npgfault 8\n");
        write("a/memory.max", "max\n");
        write("a/memory.peak", "1500\n");
        write("a/memory.events", "low 0\nmax 6\noom_kill 3\n");
        write("a/memory.swap.current", "70\n");
        write("a/memory.swap.max", "100\n");
        write("a/pids.current", "9\n");
        write("a/pids.max", "20\n");
        write("a/b/cgroup.procs", "13\n");
        write("a/io.stat", "8:0 rbytes=300 wbytes=400 rios=3 wios=4 dbytes=0 dios=0\n253:1 \n");
        CgroupUsage usage = unified().read("/a").orElseThrow();
        assertEquals(5_000_000_000L, usage.cpu().nanos());
        assertEquals(OptionalLong.of(20_000), usage.cpu().quotaMicros());
        assertEquals(100_000, usage.cpu().periodMicros());
        assertEquals(7000, usage.cpu().throttledNanos());
        assertEquals(700, usage.memory().workingSetBytes());
        assertEquals(OptionalLong.empty(), usage.memory().limitBytes());
        assertEquals(OptionalLong.empty(), usage.memory().availableBytes());
        assertEquals(6, usage.memory().failures());
        assertEquals(3, usage.memory().oomKills());
        assertEquals(OptionalLong.of(100), usage.memory().swapLimitBytes());
        assertEquals(new CgroupUsage.Tasks(1, 9, OptionalLong.of(20)), usage.tasks());
        assertEquals(List.of(new CgroupUsage.DeviceUse("8:0", 3, 300, 4, 400)), usage.devices());
        assertEquals(OptionalLong.of(13), unified().process("/a"));
    }

    @Test
    void isNotThereIfItIsNot() {
        assertEquals(Optional.empty(), old().read("/gone"));
        assertEquals(Optional.empty(), unified().read("/gone"));
        assertEquals(Set.of(), unified().children("/gone"));
        assertEquals(OptionalLong.empty(), unified().process("/gone"));
    }

    @Test
    void takesWhatIsNoNumberForNothing() throws IOException {
        write("a/cpu.stat", "usage_usec many\nuser_usec\n\n \nsystem_usec 99999999999999999999999\n");
        write("a/cpu.max", "");
        write("a/memory.current", "-");
        write("a/memory.stat", "inactive_file 300\n");
        write("a/io.stat", "8:0 rbytes= wbytes=x\nnonsense\n=\n");
        write("a/cgroup.procs", "0\nself\n");
        write("a/cpu.pressure", "some avg10=much\nfull\nsome\n");
        CgroupUsage usage = unified().read("/a").orElseThrow();
        assertEquals(0, usage.cpu().nanos());
        assertEquals(0, usage.memory().workingSetBytes());
        assertEquals(OptionalLong.empty(), unified().process("/a"));
        assertEquals(
                CgroupUsage.Share.NONE, usage.pressure().orElseThrow().cpu().some());
    }

    @Test
    void readsThisMachine() throws IOException {
        CgroupUsage usage = CgroupReader.ofMachine().read("/").orElseThrow();
        assertTrue(usage.cpu().nanos() > 0, usage.toString());
    }
}
