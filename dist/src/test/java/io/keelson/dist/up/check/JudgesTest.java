package io.keelson.dist.up.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.cri.RuntimeChoice;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class JudgesTest {
    private static final long GIB = 1 << 30;
    private static final Set<String> ALL_NAMESPACES = Set.of("mnt", "net", "pid", "ipc", "uts", "user");
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final RuntimeChoice EMBEDDED = new RuntimeChoice(Optional.empty(), Optional.empty(), List.of());

    private static Facts.Kernel kernel(String release, long user, long capabilities) {
        return new Facts.Kernel(
                "Linux", release, "x86_64", true, user, capabilities, Set.of("errno", "kill"), ALL_NAMESPACES);
    }

    private static Facts.Room room(String fileSystem, long free, long available) {
        return new Facts.Room(
                Path.of("/data"),
                fileSystem,
                Facts.Module.THERE,
                free,
                100 * GIB,
                8 * GIB,
                available,
                20_000,
                128,
                65_536,
                32_768);
    }

    private static Facts.Node node(Set<String> programs, Instant now, Optional<Instant> hardware) {
        return new Facts.Node(
                programs,
                EMBEDDED,
                Optional.empty(),
                Set.of(),
                now,
                hardware,
                NOW.minusSeconds(60),
                Optional.empty(),
                List.of());
    }

    private static Facts.Network network(
            Map<String, String> tables, Map<String, String> switches, Facts.Port... ports) {
        return new Facts.Network(tables, switches, List.of(ports));
    }

    private static Finding of(List<Finding> findings, String thing) {
        return findings.stream()
                .filter(finding -> finding.thing().equals(thing))
                .findFirst()
                .orElseThrow();
    }

    private static Verdict release(String release) {
        return of(SystemJudge.judge(kernel(release, 0, -1)), "kernel").verdict();
    }

    @Test
    void aMachineThatHasAllIsFit() {
        Facts facts = new Facts(
                kernel("6.1.0-18-amd64", 0, -1),
                new Facts.Cgroups(Set.of(), Set.of("cpu", "cpuset", "memory", "pids", "io"), true, true),
                room("ext4", 50 * GIB, 4 * GIB),
                network(
                        Map.of("ip", "", "ip6", ""),
                        Map.of("ipv4/ip_forward", "0", "ipv4/conf/all/route_localnet", "0"),
                        new Facts.Port(Facts.Port.API, "127.0.0.1", 6443, "tcp", true, "", false)),
                node(NodeJudge.PROGRAMS, NOW, Optional.of(NOW)));
        List<Finding> findings = CheckCommand.judge(facts);
        for (Finding finding : findings) {
            assertEquals(Verdict.OK, finding.verdict(), finding.line());
        }
        assertTrue(CheckCommand.isFit(findings));
        assertTrue(CheckCommand.json(findings).startsWith("{\n  \"fit\" : true,\n"), CheckCommand.json(findings));
    }

    @Test
    void anOldKernelIsFoundOutByNumbersNotByLetters() {
        assertEquals(Verdict.OK, release("5.12.0"));
        assertEquals(Verdict.OK, release("6.1"));
        assertEquals(Verdict.OK, release("10.0.1-generic"));
        assertEquals(Verdict.MISSING, release("5.9.16"));
        assertEquals(Verdict.MISSING, release("4.19.0"));
        assertEquals(Verdict.LIMITED, release("next"));
    }

    @Test
    void whoIsNotRootIsToldWhatWorksAndARootWithoutRightsWhichItLacks() {
        assertEquals(
                Verdict.LIMITED,
                of(SystemJudge.judge(kernel("6.1", 1000, 0)), "root").verdict());
        Finding contained = of(SystemJudge.judge(kernel("6.1", 0, ~(1L << 21 | 1L << 12))), "root");
        assertEquals(Verdict.MISSING, contained.verdict());
        assertEquals("root without CAP_NET_ADMIN, CAP_SYS_ADMIN", contained.state());
        assertEquals(
                Verdict.LIMITED,
                of(SystemJudge.judge(kernel("6.1", 0, ~(1L << 24))), "root").verdict());
    }

    @Test
    void cgroupsAreToldByVersionAndByWhatTheyLack() {
        Set<String> all = Set.of("cpu", "cpuset", "memory", "pids");
        assertEquals(
                "version 1, with 2 beside it",
                CgroupJudge.judge(new Facts.Cgroups(all, Set.of("hugetlb"), true, true), true)
                        .getFirst()
                        .state());
        assertEquals(
                "version 1",
                CgroupJudge.judge(new Facts.Cgroups(all, Set.of(), false, true), true)
                        .getFirst()
                        .state());
        Finding without = CgroupJudge.judge(
                        new Facts.Cgroups(Set.of(), Set.of("cpu", "cpuset", "pids"), true, true), true)
                .getFirst();
        assertEquals(Verdict.MISSING, without.verdict());
        assertEquals("start the kernel with cgroup_enable=memory", without.advice());
        assertEquals(
                Verdict.MISSING,
                CgroupJudge.judge(new Facts.Cgroups(Set.of(), all, true, false), true)
                        .getFirst()
                        .verdict());
        assertEquals(
                Verdict.MISSING,
                CgroupJudge.judge(new Facts.Cgroups(Set.of(), Set.of(), false, false), true)
                        .getFirst()
                        .verdict());
    }

    @Test
    void littleRoomIsToldAndNoneEndsIt() {
        assertEquals(
                Verdict.LIMITED,
                of(RoomJudge.judge(room("ext4", 10 * GIB, 4 * GIB)), "disk").verdict());
        assertEquals(
                Verdict.MISSING,
                of(RoomJudge.judge(room("ext4", GIB / 4, 4 * GIB)), "disk").verdict());
        assertEquals(
                Verdict.LIMITED,
                of(RoomJudge.judge(room("ext4", 50 * GIB, GIB)), "memory").verdict());
        assertEquals(
                Verdict.MISSING,
                of(RoomJudge.judge(room("ext4", 50 * GIB, GIB / 4)), "memory").verdict());
        assertEquals(
                Verdict.MISSING,
                of(RoomJudge.judge(room("overlay", 50 * GIB, 4 * GIB)), "overlayfs")
                        .verdict());
    }

    @Test
    void aPortThatIsTakenSaysByWhom() {
        Map<String, String> switches = Map.of("ipv4/ip_forward", "1", "ipv4/conf/all/route_localnet", "1");
        List<Finding> findings = NetworkJudge.judge(
                network(
                        Map.of("ip", "Operation not supported"),
                        switches,
                        new Facts.Port(
                                Facts.Port.API, "127.0.0.1", 6443, "tcp", true, "kube-apiserver (process 7)", false),
                        new Facts.Port("the node's server", "0.0.0.0", 10_250, "tcp", true, "java (process 8)", true),
                        new Facts.Port("the cluster's DNS", "0.0.0.0", 53, "udp", false, "dnsmasq (process 9)", false)),
                true,
                true);
        Finding api = of(findings, "port 6443/tcp");
        assertEquals(Verdict.MISSING, api.verdict());
        assertTrue(api.state().contains("kube-apiserver (process 7)"), api.line());
        assertTrue(api.advice().contains("--secure-port"), api.line());
        assertEquals(Verdict.OK, of(findings, "port 10250/tcp").verdict());
        assertEquals(Verdict.LIMITED, of(findings, "port 53/udp").verdict());
        assertEquals(Verdict.LIMITED, of(findings, "nftables").verdict());
        assertEquals(Verdict.LIMITED, of(findings, "bridge-nf-call").verdict());
    }

    @Test
    void aProgramIsMissingOnlyWhereSomethingNeedsIt() {
        List<Finding> findings = NodeJudge.judge(node(Set.of("setsid"), NOW, Optional.empty()));
        assertEquals(Verdict.MISSING, of(findings, "nft").verdict());
        assertEquals(Verdict.LIMITED, of(findings, "mount.nfs").verdict());
        assertFalse(CheckCommand.isFit(findings));
    }

    @Test
    void aClockThatIsWrongIsFoundOut() {
        assertEquals(
                Verdict.MISSING,
                of(NodeJudge.judge(node(NodeJudge.PROGRAMS, Instant.EPOCH, Optional.empty())), "clock")
                        .verdict());
        assertEquals(
                Verdict.LIMITED,
                of(NodeJudge.judge(node(NodeJudge.PROGRAMS, NOW, Optional.of(NOW.minusSeconds(600)))), "clock")
                        .verdict());
    }
}
