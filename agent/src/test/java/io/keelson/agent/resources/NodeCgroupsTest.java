package io.keelson.agent.resources;

import static io.keelson.agent.resources.TestSpecs.container;
import static io.keelson.agent.resources.TestSpecs.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.resources.placement.CpuSet;
import io.keelson.agent.resources.placement.CpuTopology;
import io.keelson.agent.resources.placement.ExclusiveCpus;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeCgroupsTest {
    private static final long GIBI = 1L << 30;
    private static final Machine OLD = new Machine(8 * GIBI, 7 * GIBI, false, true, List.of());
    private static final Machine NEW = new Machine(8 * GIBI, 7 * GIBI, true, true, List.of(2L << 20));

    private final FakeCgroups files = new FakeCgroups();

    private NodeCgroups old(ResourceSettings settings) throws Exception {
        NodeCgroups cgroups = new NodeCgroups(new CgroupTree(files.old(), files), settings, OLD, Optional.empty());
        cgroups.start();
        return cgroups;
    }

    private NodeCgroups unified() throws Exception {
        NodeCgroups cgroups = new NodeCgroups(
                new CgroupTree(files.unified("cpuset cpu io memory hugetlb pids"), files),
                ResourceSettings.DEFAULTS,
                NEW,
                Optional.empty());
        cgroups.start();
        return cgroups;
    }

    private static Pod burstable(String uid, String cpu) {
        return pod(uid, List.of(), container("c", "cpu=" + cpu, ""));
    }

    @Test
    void eachClassHasItsPlace() throws Exception {
        NodeCgroups cgroups = old(ResourceSettings.DEFAULTS);
        assertEquals(
                "/kubepods/poda",
                cgroups.cgroup(pod("a", List.of(), container("c", "cpu=1 memory=1Gi", "cpu=1 memory=1Gi"))));
        assertEquals("/kubepods/burstable/podb", cgroups.cgroup(burstable("b", "1")));
        assertEquals("/kubepods/besteffort/podc", cgroups.cgroup(pod("c", List.of(), container("c", "", ""))));
        assertEquals(Set.of("a", "b", "c"), cgroups.podsWithCgroups());
        for (String controller : List.of("cpu", "cpuset", "memory", "pids", "freezer")) {
            assertTrue(files.has("/cg/" + controller + "/kubepods/burstable/podb"));
        }
        assertEquals(Optional.of("1073741824"), files.at("/cg/memory/kubepods/poda/memory.limit_in_bytes"));
        assertEquals(Optional.of("100000"), files.at("/cg/cpu/kubepods/poda/cpu.cfs_quota_us"));
        assertEquals(Optional.of("2"), files.at("/cg/cpu/kubepods/besteffort/podc/cpu.shares"));
        assertEquals(Optional.of("0-3"), files.at("/cg/cpuset/kubepods/burstable/podb/cpuset.cpus"));
        assertEquals(Optional.of("0"), files.at("/cg/cpuset/kubepods/burstable/podb/cpuset.mems"));
    }

    @Test
    void theRootIsAnyCgroup() throws Exception {
        NodeCgroups cgroups = old(new ResourceSettings("/x/y/", true, Duration.ofMillis(100), 77, false, 0.9, false));
        assertEquals("/x/y/kubepods/burstable/podb", cgroups.cgroup(burstable("b", "1")));
        assertEquals(Optional.of("77"), files.at("/cg/pids/x/y/kubepods/burstable/podb/pids.max"));
    }

    @Test
    void onTheNewCgroupsControllersAreEnabledOnTheWay() throws Exception {
        NodeCgroups cgroups = unified();
        assertEquals(
                "/kubepods/poda",
                cgroups.cgroup(pod("a", List.of(), container("c", "cpu=1 memory=1Gi", "cpu=1 memory=1Gi"))));
        assertEquals(Optional.of("100000 100000"), files.at("/cg/kubepods/poda/cpu.max"));
        assertEquals(Optional.of("100"), files.at("/cg/kubepods/poda/cpu.weight"));
        assertEquals(Optional.of("1073741824"), files.at("/cg/kubepods/poda/memory.max"));
        assertEquals(Optional.of("0"), files.at("/cg/kubepods/poda/hugetlb.2MB.max"));
        assertEquals(Optional.of("max"), files.at("/cg/kubepods/poda/pids.max"));
        // The runtime decides what its containers' cgroups have.
        assertEquals(Optional.of(""), files.at("/cg/kubepods/poda/cgroup.subtree_control"));
        assertEquals(Optional.of("cpuset cpu io memory hugetlb pids"), files.at("/cg/kubepods/cgroup.subtree_control"));
    }

    @Test
    void whatIsAsItShouldBeIsNotWrittenAgain() throws Exception {
        NodeCgroups cgroups = old(ResourceSettings.DEFAULTS);
        String _ = cgroups.cgroup(burstable("b", "1"));
        int writes = files.writes().size();
        String _ = cgroups.cgroup(burstable("b", "1"));
        assertEquals(writes, files.writes().size());
        String _ = cgroups.cgroup(burstable("b", "2"));
        assertEquals(Optional.of("2048"), files.at("/cg/cpu/kubepods/burstable/podb/cpu.shares"));
    }

    @Test
    void aCgroupThatSomebodyRemovedIsMadeAgain() throws Exception {
        NodeCgroups cgroups = old(ResourceSettings.DEFAULTS);
        String _ = cgroups.cgroup(burstable("b", "1"));
        assertTrue(files.removeFolder(Path.of("/cg/cpu/kubepods/burstable/podb")));
        String _ = cgroups.cgroup(burstable("b", "1"));
        assertEquals(Optional.of("1024"), files.at("/cg/cpu/kubepods/burstable/podb/cpu.shares"));
    }

    @Test
    void aResizeChangesTheLimitsAndTakesThemAway() throws Exception {
        NodeCgroups cgroups = old(ResourceSettings.DEFAULTS);
        String _ = cgroups.cgroup(pod("b", List.of(), container("c", "cpu=1", "cpu=2 memory=1Gi")));
        assertEquals(Optional.of("200000"), files.at("/cg/cpu/kubepods/burstable/podb/cpu.cfs_quota_us"));
        String _ = cgroups.cgroup(pod("b", List.of(), container("c", "cpu=1", "memory=2Gi")));
        assertEquals(Optional.of("-1"), files.at("/cg/cpu/kubepods/burstable/podb/cpu.cfs_quota_us"));
        assertEquals(Optional.of("2147483648"), files.at("/cg/memory/kubepods/burstable/podb/memory.limit_in_bytes"));
    }

    @Test
    void burstablePodsTogetherHaveTheShareOfAllOfThem() throws Exception {
        NodeCgroups cgroups = old(ResourceSettings.DEFAULTS);
        String shares = "/cg/cpu/kubepods/burstable/cpu.shares";
        assertEquals(Optional.of("2"), files.at(shares));
        String _ = cgroups.cgroup(burstable("a", "1"));
        String _ = cgroups.cgroup(burstable("b", "2"));
        assertEquals(Optional.of("3072"), files.at(shares));
        String _ = cgroups.cgroup(burstable("b", "500m"));
        assertEquals(Optional.of("1536"), files.at(shares));
        // After another start, pods that were there before count until they say something else.
        NodeCgroups again = old(ResourceSettings.DEFAULTS);
        assertEquals(Optional.of("1536"), files.at(shares));
        again.release("b");
        assertEquals(Optional.of("1024"), files.at(shares));
        again.release("a");
        again.release("a");
        assertEquals(Optional.of("2"), files.at(shares));
        assertEquals(Optional.of("2"), files.at("/cg/cpu/kubepods/besteffort/cpu.shares"));
    }

    @Test
    void onTheNewCgroupsSharesOfBeforeAreReadBackFromWeights() throws Exception {
        NodeCgroups cgroups = unified();
        String _ = cgroups.cgroup(burstable("a", "1"));
        NodeCgroups again = unified();
        assertEquals(Optional.of("100"), files.at("/cg/kubepods/burstable/cpu.weight"));
        again.release("a");
        assertEquals(Optional.of("1"), files.at("/cg/kubepods/burstable/cpu.weight"));
    }

    @Test
    void allThatARuntimeMadeInAPodsCgroupGoesWithIt() throws Exception {
        NodeCgroups cgroups = old(ResourceSettings.DEFAULTS);
        String _ = cgroups.cgroup(burstable("b", "1"));
        files.make("/cg/cpu/kubepods/burstable/podb/c1");
        files.make("/cg/cpu/kubepods/burstable/podb/c1/inner");
        cgroups.release("b");
        assertFalse(files.has("/cg/cpu/kubepods/burstable/podb"));
        assertEquals(Set.of(), cgroups.podsWithCgroups());
        cgroups.release("b");
    }

    @Test
    void aCgroupThatStaysBusyIsAProblemAndTheNextTryMendsIt() throws Exception {
        NodeCgroups cgroups = old(ResourceSettings.DEFAULTS);
        String _ = cgroups.cgroup(burstable("b", "1"));
        files.busy("/cg/memory/kubepods/burstable/podb", true);
        PodProblem problem = assertThrows(PodProblem.class, () -> cgroups.release("b"));
        assertTrue(problem.message().contains("processes in /cg/memory/kubepods/burstable/podb do not end"));
        assertEquals(Set.of("b"), cgroups.podsWithCgroups());
        files.busy("/cg/memory/kubepods/burstable/podb", false);
        cgroups.release("b");
        assertEquals(Set.of(), cgroups.podsWithCgroups());
    }

    @Test
    void allPodsTogetherGetWhatTheNodeMayAllocate() throws Exception {
        NodeCgroups cgroups = old(ResourceSettings.DEFAULTS);
        cgroups.enforce(new NodeCgroups.Allocatable(1500, 6 * GIBI, 4000));
        assertEquals(Optional.of("1536"), files.at("/cg/cpu/kubepods/cpu.shares"));
        assertEquals(Optional.of(Long.toString(6 * GIBI)), files.at("/cg/memory/kubepods/memory.limit_in_bytes"));
        assertEquals(Optional.of("4000"), files.at("/cg/pids/kubepods/pids.max"));
        cgroups.enforce(new NodeCgroups.Allocatable(0, 0, 0));
        assertEquals(Optional.of("1536"), files.at("/cg/cpu/kubepods/cpu.shares"));
        assertEquals(Optional.of("-1"), files.at("/cg/memory/kubepods/memory.limit_in_bytes"));
    }

    @Test
    void aContainerWithProcessorsOfItsOwnHasNoQuotaAndOthersShareTheRest(@TempDir Path folder) throws Exception {
        List<CpuTopology.Cpu> four = List.of(
                new CpuTopology.Cpu(0, 0, 0),
                new CpuTopology.Cpu(1, 1, 0),
                new CpuTopology.Cpu(2, 2, 0),
                new CpuTopology.Cpu(3, 3, 0));
        ExclusiveCpus cpus =
                new ExclusiveCpus(folder.resolve("state"), new CpuTopology(four), CpuSet.parse("0"), false);
        NodeCgroups cgroups =
                new NodeCgroups(new CgroupTree(files.old(), files), ResourceSettings.DEFAULTS, OLD, Optional.of(cpus));
        cgroups.start();
        Container own = container("c", "cpu=2 memory=1Gi", "cpu=2 memory=1Gi");
        Pod pod = pod("a", List.of(), own);
        String _ = cgroups.cgroup(pod);
        assertEquals(Optional.of("-1"), files.at("/cg/cpu/kubepods/poda/cpu.cfs_quota_us"));
        LinuxContainerResources resources = cgroups.ofContainer(pod, own);
        assertEquals("1-2", resources.getCpusetCpus());
        assertEquals(0, resources.getCpuQuota());
        assertEquals(2048, resources.getCpuShares());
        Container sharing = container("c", "cpu=1", "cpu=2");
        LinuxContainerResources rest = cgroups.ofContainer(pod("b", List.of(), sharing), sharing);
        assertEquals("0,3", rest.getCpusetCpus());
        assertEquals(200_000, rest.getCpuQuota());
        assertThrows(PodProblem.class, () -> cgroups.cgroup(pod("d", List.of(), own)));
        cgroups.release("a");
        String _ = cgroups.cgroup(pod("d", List.of(), own));
        assertEquals(Set.of("d"), cgroups.podsWithCgroups());
    }

    @Test
    void aUidThatLeadsSomewhereElseIsRefused() throws Exception {
        NodeCgroups cgroups = old(ResourceSettings.DEFAULTS);
        for (String uid : List.of("", "../x", "a/b", "a\nb", "x".repeat(300))) {
            Pod pod = new PodBuilder(burstable("b", "1"))
                    .editMetadata()
                    .withUid(uid)
                    .endMetadata()
                    .build();
            PodProblem problem = assertThrows(PodProblem.class, () -> cgroups.cgroup(pod));
            assertEquals("FailedCreatePodContainer", problem.eventReason());
            assertThrows(PodProblem.class, () -> cgroups.release(uid));
        }
    }

    @Test
    void whatTheMachineLacksIsNamed() throws Exception {
        assertEquals(List.of("cpuset", "pids"), new CgroupTree(files.unified("cpu io memory"), files).lacks());
        assertEquals(List.of(), new CgroupTree(files.old(), files).lacks());
    }
}
