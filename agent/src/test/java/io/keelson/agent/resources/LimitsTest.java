package io.keelson.agent.resources;

import static io.keelson.agent.resources.TestSpecs.container;
import static io.keelson.agent.resources.TestSpecs.pod;
import static io.keelson.agent.resources.TestSpecs.withOwn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.agent.wire.cri.HugepageLimit;
import io.keelson.agent.wire.cri.LinuxContainerResources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LimitsTest {
    private static final long GIBI = 1L << 30;
    private static final Machine OLD = new Machine(8 * GIBI, 7 * GIBI, false, true, List.of());
    private static final Machine NEW = new Machine(8 * GIBI, 7 * GIBI, true, true, List.of(2L << 20, GIBI));
    private static final ResourceSettings USUAL = ResourceSettings.DEFAULTS;
    private static final ResourceSettings PROTECTING =
            new ResourceSettings("/", true, Duration.ofMillis(100), 1024, true, 0.9, true);

    private static CgroupLimits limits(Pod pod) {
        return PodLimits.of(pod, USUAL, OLD);
    }

    @Test
    void aGuaranteedPodIsLimitedInAll() {
        CgroupLimits limits = limits(pod(
                container("c", "cpu=1 memory=1Gi", "cpu=1 memory=1Gi"),
                container("d", "cpu=500m memory=1Gi", "cpu=500m memory=1Gi")));
        assertEquals(OptionalLong.of(1536), limits.cpuShares());
        assertEquals(OptionalLong.of(150_000), limits.cpuQuotaMicros());
        assertEquals(OptionalLong.of(100_000), limits.cpuPeriodMicros());
        assertEquals(OptionalLong.of(2 * GIBI), limits.memoryBytes());
        assertEquals(OptionalLong.of(CgroupLimits.UNLIMITED), limits.pids());
    }

    @Test
    void aBurstablePodIsLimitedInWhatAllItsContainersAre() {
        CgroupLimits limits =
                limits(pod(container("c", "cpu=1", "cpu=2 memory=1Gi"), container("d", "cpu=1", "memory=2Gi")));
        assertEquals(OptionalLong.of(2048), limits.cpuShares());
        assertEquals(OptionalLong.of(CgroupLimits.UNLIMITED), limits.cpuQuotaMicros());
        assertEquals(OptionalLong.of(3 * GIBI), limits.memoryBytes());
    }

    @Test
    void aLimitOfThePodItselfIsEnough() {
        CgroupLimits limits = limits(withOwn(pod(container("c", "cpu=1", "")), "", "cpu=2 memory=1Gi"));
        assertEquals(OptionalLong.of(200_000), limits.cpuQuotaMicros());
        assertEquals(OptionalLong.of(GIBI), limits.memoryBytes());
    }

    @Test
    void aPodThatAsksForNothingGetsTheLeastShare() {
        CgroupLimits limits = limits(pod(container("c", "", "")));
        assertEquals(OptionalLong.of(2), limits.cpuShares());
        assertEquals(OptionalLong.empty(), limits.cpuQuotaMicros());
        assertEquals(OptionalLong.empty(), limits.memoryBytes());
    }

    @Test
    void overheadIsPartOfThePodButNotOfItsContainers() {
        Pod pod = new PodBuilder(pod(container("c", "cpu=1 memory=1Gi", "cpu=1 memory=1Gi")))
                .editSpec()
                .withOverhead(TestSpecs.quantities("cpu=1 memory=1Gi"))
                .endSpec()
                .build();
        assertEquals(OptionalLong.of(2 * GIBI), limits(pod).memoryBytes());
        assertEquals(GIBI, ContainerLimits.ofPod(pod, USUAL, OLD).getMemoryLimitInBytes());
        LinuxContainerResources overhead = ContainerLimits.overhead(pod, USUAL, OLD);
        assertEquals(GIBI, overhead.getMemoryLimitInBytes());
        assertEquals(100_000, overhead.getCpuQuota());
        assertEquals(
                LinuxContainerResources.getDefaultInstance(),
                ContainerLimits.overhead(pod(container("c", "", "")), USUAL, OLD));
    }

    @Test
    void withoutQuotasProcessorsAreNotLimited() {
        ResourceSettings without = new ResourceSettings("/", false, Duration.ofMillis(100), -1, false, 0.9, false);
        Container container = container("c", "cpu=1 memory=1Gi", "cpu=1 memory=1Gi");
        assertEquals(
                OptionalLong.of(CgroupLimits.UNLIMITED),
                PodLimits.of(pod(container), without, OLD).cpuQuotaMicros());
        LinuxContainerResources resources = ContainerLimits.of(pod(container), container, without, OLD);
        assertEquals(0, resources.getCpuQuota());
        assertEquals(0, resources.getCpuPeriod());
    }

    @Test
    void aContainerOnTheOldCgroups() {
        Container container = container("c", "memory=1Gi", "cpu=500m memory=2Gi");
        LinuxContainerResources resources = ContainerLimits.of(pod(container), container, USUAL, OLD);
        assertEquals(512, resources.getCpuShares());
        assertEquals(50_000, resources.getCpuQuota());
        assertEquals(100_000, resources.getCpuPeriod());
        assertEquals(2 * GIBI, resources.getMemoryLimitInBytes());
        assertEquals(2 * GIBI, resources.getMemorySwapLimitInBytes());
        assertEquals(875, resources.getOomScoreAdj());
        assertEquals(Map.of(), resources.getUnifiedMap());
    }

    @Test
    void aContainerOnTheNewCgroups() {
        Container container = container("c", "cpu=250m memory=1Gi hugepages-2Mi=4Mi", "memory=2Gi hugepages-2Mi=4Mi");
        LinuxContainerResources resources = ContainerLimits.of(pod(container), container, USUAL, NEW);
        assertEquals(256, resources.getCpuShares());
        assertEquals(0, resources.getCpuQuota());
        assertEquals(0, resources.getMemorySwapLimitInBytes());
        assertEquals(Map.of("memory.oom.group", "1", "memory.swap.max", "0"), resources.getUnifiedMap());
        assertEquals(
                List.of(
                        HugepageLimit.newBuilder()
                                .setPageSize("2MB")
                                .setLimit(4L << 20)
                                .build(),
                        HugepageLimit.newBuilder().setPageSize("1GB").build()),
                resources.getHugepageLimitsList());
    }

    @Test
    void aContainerWithoutALimitHasThatOfItsPod() {
        Container container = container("c", "cpu=100m", "");
        Pod pod = withOwn(pod(container), "", "cpu=2 memory=1Gi");
        LinuxContainerResources resources = ContainerLimits.of(pod, container, USUAL, OLD);
        assertEquals(GIBI, resources.getMemoryLimitInBytes());
        assertEquals(200_000, resources.getCpuQuota());
        assertEquals(102, resources.getCpuShares());
    }

    @Test
    void memoryIsProtectedAndThrottledInWholePages() {
        Container container = container("c", "memory=1Gi", "memory=2Gi");
        LinuxContainerResources resources = ContainerLimits.of(pod(container), container, PROTECTING, NEW);
        assertEquals(Long.toString(GIBI), resources.getUnifiedOrDefault("memory.min", ""));
        long high = Long.parseLong(resources.getUnifiedOrDefault("memory.high", ""));
        assertEquals((GIBI + (long) (0.9 * GIBI)) / 4096 * 4096, high);
        assertEquals("", resources.getUnifiedOrDefault("memory.oom.group", ""));
        Container guaranteed = container("c", "cpu=1 memory=1Gi", "cpu=1 memory=1Gi");
        assertEquals(
                "",
                ContainerLimits.of(pod(guaranteed), guaranteed, PROTECTING, NEW)
                        .getUnifiedOrDefault("memory.high", ""));
        Container unlimited = container("c", "memory=1Gi", "");
        assertEquals(
                Long.toString((GIBI + (long) (0.9 * 6 * GIBI)) / 4096 * 4096),
                ContainerLimits.of(pod(unlimited), unlimited, PROTECTING, NEW).getUnifiedOrDefault("memory.high", ""));
        assertEquals(
                Map.of("memory.min", Long.toString(GIBI)),
                PodLimits.of(pod(container), PROTECTING, NEW).unified());
        assertEquals(
                OptionalLong.of(1024),
                PodLimits.of(pod(container), PROTECTING, NEW).pids());
    }

    @Test
    void thePagesOfTheMachineAreThoseOfItsFolders(@TempDir Path folder) throws Exception {
        for (String name : List.of("hugepages-2048kB", "hugepages-1048576kB", "other", "hugepages-kB")) {
            Files.createDirectory(folder.resolve(name));
        }
        assertEquals(List.of(2L << 20, GIBI), Hugepages.ofMachine(folder));
        assertEquals(List.of(), Hugepages.ofMachine(folder.resolve("none")));
        assertEquals("64KB", Hugepages.name(65_536));
        assertEquals(Map.of(), Hugepages.limits(Map.of("hugepages-nonsense", 1L), List.of()));
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        Duration period = Duration.ofMillis(100);
        for (String root : List.of("", "a", "/a/../b", "/..", "//a")) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new ResourceSettings(root, true, period, -1, false, 0.9, false));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> new ResourceSettings("/", true, Duration.ofSeconds(2), -1, false, 0.9, false));
        assertThrows(
                IllegalArgumentException.class, () -> new ResourceSettings("/", true, period, -1, true, 1.1, false));
    }
}
