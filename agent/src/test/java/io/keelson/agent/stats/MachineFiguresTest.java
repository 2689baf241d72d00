package io.keelson.agent.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.resources.CgroupReader;
import io.keelson.agent.stats.NodeUsage.Interface;
import io.keelson.agent.stats.NodeUsage.Network;
import io.keelson.agent.stats.NodeUsage.Traffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code /proc} says. */
class MachineFiguresTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    private Path proc;

    private void write(String file, String text) throws IOException {
        Path path = proc.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    @Test
    void readsWhatAMachineSays() throws IOException {
        MachineFigures machine = new MachineFigures(proc);
        write("stat", "cpu  1 2 3\nbtime 1767225600\n");
        write("loadavg", "0.1 0.2 0.3 2/345 999\n");
        write("sys/kernel/pid_max", "4194304\n");
        write("sys/kernel/threads-max", "1000\n");
        write("self/cgroup", "3:cpuset:/x\n4:memory:/agents/one\n0::/\n");
        write("net/route", """
                Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask
                veth1\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF
                ens3\t00000000\t0100000A\t0003\t0\t0\t0\t00000000
                """);
        write("net/dev", """
                Inter-|   Receive                            |  Transmit
                 face |bytes    packets errs drop fifo frame compressed multicast|bytes packets errs drop x x x x
                    lo: 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9
                 veth1: 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9
                  ens3:100 2 3 4 0 0 0 0 500 6 7 8 0 0 0 0
                short: 1 2
                """);
        assertEquals(Instant.parse("2026-01-01T00:00:00Z"), machine.since());
        assertEquals(new NodeUsage.Processes(NOW, 345, 1000), machine.processes(NOW));
        assertEquals(Optional.of("/agents/one"), machine.ownCgroup());
        assertEquals(
                new Network(
                        NOW,
                        "ens3",
                        List.of(new Interface("ens3", new Traffic(100, 2, 3, 4), new Traffic(500, 6, 7, 8)))),
                machine.network(NOW));
    }

    @Test
    void knowsTheMemoryOrSaysThatItDoesNot() throws IOException {
        MachineFigures machine = new MachineFigures(proc);
        CgroupReader cgroups = CgroupReader.ofMachine();
        assertTrue(assertThrows(IOException.class, () -> machine.usage(cgroups))
                .toString()
                .contains("does not say how much memory there is"));
        write("meminfo", "MemTotal: 1000 kB\nMemFree: 400 kB\nSwapTotal: 50 kB\nSwapFree: 20 kB\n");
        assertEquals(1_024_000, machine.usage(cgroups).memory().limitBytes().orElseThrow());
        assertEquals(30 * 1024, machine.usage(cgroups).memory().swapBytes());
    }

    @Test
    void readsThisMachine() throws IOException {
        NodeUsage.Processes processes = new MachineFigures(Path.of("/proc")).processes(NOW);
        assertTrue(processes.running() > 0 && processes.running() < processes.max(), processes::toString);
        assertTrue(processes.max() >= 300, processes::toString);
    }

    @Test
    void isNotStoppedByNonsense() throws IOException {
        MachineFigures machine = new MachineFigures(proc);
        write("stat", "btime never\n");
        write("loadavg", "high");
        write("net/dev", "a:b:c\n:::\n" + "x: 1 ".repeat(50));
        write("self/cgroup", ":\n\n0::/../../other\n");
        assertEquals(Instant.EPOCH, machine.since());
        assertEquals(0, machine.processes(NOW).running());
        assertEquals(Optional.empty(), machine.ownCgroup());
        assertEquals(Optional.empty(), machine.network(NOW, 1));
    }
}
