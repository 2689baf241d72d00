package io.keelson.agent.eviction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.agent.resources.CgroupUsage;
import io.keelson.agent.stats.NodeUsage;
import io.keelson.agent.stats.NodeUsage.ContainerUsage;
import io.keelson.agent.stats.NodeUsage.Figures;
import io.keelson.agent.stats.NodeUsage.PodUsage;
import io.keelson.agent.stats.NodeUsage.VolumeUsage;
import io.keelson.agent.volumes.DiskUsage;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class StatisticsUsageTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private static Figures figures(long workingSet, OptionalLong limit, long threads) {
        CgroupUsage usage = new CgroupUsage(
                new CgroupUsage.Cpu(0, 0, 0, 2, 100_000, OptionalLong.empty(), 0, 0, 0),
                new CgroupUsage.Memory(
                        workingSet + 5, workingSet, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, limit, 0, OptionalLong.empty(), 0),
                new CgroupUsage.Tasks(1, threads, OptionalLong.empty()),
                List.of(),
                Optional.empty());
        return new Figures(NOW, usage, OptionalLong.empty());
    }

    private static NodeUsage.Disk disk(String device, long inodes) {
        return new NodeUsage.Disk(NOW, "/", device, 1000, 300, 700, inodes, inodes / 4, inodes - inodes / 4);
    }

    private static NodeUsage usage(
            Optional<NodeUsage.Disk> node, Optional<NodeUsage.Disk> images, Optional<NodeUsage.Disk> writable) {
        PodUsage pod = new PodUsage(
                "default",
                "web",
                "u1",
                NOW,
                "/kubepods/podu1",
                Optional.of(figures(40, OptionalLong.empty(), 9)),
                Optional.empty(),
                List.of(new ContainerUsage(
                        "a",
                        "id",
                        "image",
                        NOW,
                        "",
                        Optional.empty(),
                        Optional.of(new DiskUsage(11, 2)),
                        Optional.empty())),
                List.of(
                        new VolumeUsage("scratch", "", true, new NodeUsage.Disk(NOW, "", "", 0, 0, 7, 0, 0, 3)),
                        new VolumeUsage("data", "claim", false, new NodeUsage.Disk(NOW, "", "", 0, 0, 999, 0, 0, 9))),
                Optional.of(new DiskUsage(18, 5)));
        return new NodeUsage(
                "node",
                NOW,
                figures(600, OptionalLong.of(1000), 0),
                new NodeUsage.Network(NOW, "", List.of()),
                node,
                images,
                writable,
                new NodeUsage.Processes(NOW, 120, 1000),
                Map.of("pods", figures(100, OptionalLong.of(400), 0)),
                List.of(pod));
    }

    @Test
    void whatIsLeftIsWhatThereIsWithoutWhatIsUsed() {
        NodePicture picture = StatisticsUsage.picture(
                usage(Optional.of(disk("8:1", 100)), Optional.of(disk("8:2", 0)), Optional.empty()));
        assertEquals(
                Map.of(
                        Signal.MEMORY_AVAILABLE, new Observation(400, 1000, NOW),
                        Signal.ALLOCATABLE_MEMORY_AVAILABLE, new Observation(300, 400, NOW),
                        Signal.NODEFS_AVAILABLE, new Observation(300, 1000, NOW),
                        Signal.NODEFS_INODES_FREE, new Observation(25, 100, NOW),
                        Signal.IMAGEFS_AVAILABLE, new Observation(300, 1000, NOW),
                        Signal.PID_AVAILABLE, new Observation(880, 1000, NOW)),
                picture.observed());
    }

    @Test
    void ofAPodWhatIsNotTheNodesDoesNotCount() {
        NodePicture.PodUse pod = Objects.requireNonNull(
                StatisticsUsage.picture(usage(Optional.of(disk("8:1", 0)), Optional.empty(), Optional.empty()))
                        .pods()
                        .get("u1"));
        assertEquals(OptionalLong.of(40), pod.memoryBytes());
        assertEquals(OptionalLong.of(9), pod.processes());
        assertEquals(OptionalLong.of(18), pod.storageBytes());
        assertEquals(Map.of("scratch", new NodePicture.Disk(7, 3)), pod.volumes());
        assertEquals(
                Optional.of(new NodePicture.Disk(11, 2)),
                pod.containers().getFirst().root());
        assertFalse(pod.containers().getFirst().memoryBytes().isPresent(), "nobody knows it");
    }

    @Test
    void disksAreToldApartByTheirDevices() throws IOException {
        Optional<NodeUsage.Disk> one = Optional.of(disk("8:1", 0));
        Optional<NodeUsage.Disk> other = Optional.of(disk("8:2", 0));
        assertEquals(DiskLayout.ONE, StatisticsUsage.layout(usage(one, one, one)));
        assertEquals(DiskLayout.IMAGES_APART, StatisticsUsage.layout(usage(one, other, other)));
        assertEquals(DiskLayout.IMAGES_APART, StatisticsUsage.layout(usage(one, other, Optional.empty())));
        assertEquals(DiskLayout.ONLY_IMAGES_APART, StatisticsUsage.layout(usage(one, other, one)));
        assertThrows(IOException.class, () -> StatisticsUsage.layout(usage(one, Optional.empty(), Optional.empty())));
    }
}
