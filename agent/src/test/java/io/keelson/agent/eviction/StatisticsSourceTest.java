package io.keelson.agent.eviction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.agent.eviction.NodePicture.PodUse;
import io.keelson.agent.resources.CgroupUsage;
import io.keelson.agent.stats.NodeUsage;
import io.keelson.agent.stats.NodeUsage.ContainerUsage;
import io.keelson.agent.stats.NodeUsage.Disk;
import io.keelson.agent.stats.NodeUsage.Figures;
import io.keelson.agent.stats.NodeUsage.PodUsage;
import io.keelson.agent.stats.NodeUsage.VolumeUsage;
import io.keelson.agent.volumes.DiskUsage;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class StatisticsSourceTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private static Figures figures(long workingSet, OptionalLong limit, long threads) {
        return new Figures(
                NOW,
                new CgroupUsage(
                        new CgroupUsage.Cpu(0, 0, 0, 0, 0, OptionalLong.empty(), 0, 0, 0),
                        new CgroupUsage.Memory(
                                workingSet + 7,
                                workingSet,
                                0,
                                0,
                                0,
                                0,
                                7,
                                0,
                                0,
                                0,
                                0,
                                0,
                                limit,
                                0,
                                OptionalLong.empty(),
                                0),
                        new CgroupUsage.Tasks(1, threads, OptionalLong.empty()),
                        List.of(),
                        Optional.empty()),
                OptionalLong.empty());
    }

    private static Disk disk(String device, long capacity, long available, long inodes, long used) {
        return new Disk(NOW, "/", device, capacity, available, used, inodes, inodes / 2, used / 10);
    }

    private static NodeUsage usage(
            Optional<Disk> node, Optional<Disk> images, Optional<Disk> writable, List<PodUsage> pods) {
        return new NodeUsage(
                "node",
                NOW,
                figures(300, OptionalLong.of(1000), 9),
                new NodeUsage.Network(NOW, "", List.of()),
                node,
                images,
                writable,
                new NodeUsage.Processes(NOW, 90, 100),
                Map.of("pods", figures(250, OptionalLong.of(200), 9)),
                pods);
    }

    @Test
    void whatIsLeftIsObserved() {
        Disk disk = disk("/dev/vda", 100, 40, 0, 10);
        Disk images = disk("/dev/vdb", 200, 50, 10, 10);
        NodePicture picture =
                StatisticsSource.picture(usage(Optional.of(disk), Optional.of(images), Optional.empty(), List.of()));
        assertEquals(
                Map.of(
                        Signal.MEMORY_AVAILABLE, new Observation(700, 1000, NOW),
                        Signal.ALLOCATABLE_MEMORY_AVAILABLE, new Observation(-50, 200, NOW),
                        Signal.NODEFS_AVAILABLE, new Observation(40, 100, NOW),
                        Signal.IMAGEFS_AVAILABLE, new Observation(50, 200, NOW),
                        Signal.IMAGEFS_INODES_FREE, new Observation(5, 10, NOW),
                        Signal.PID_AVAILABLE, new Observation(10, 100, NOW)),
                picture.observed());
    }

    @Test
    void whatPodsUseIsKnownByTheirUids() {
        ContainerUsage container = new ContainerUsage(
                "c",
                "id",
                "image",
                NOW,
                "/kubepods/c",
                Optional.of(figures(20, OptionalLong.empty(), 2)),
                Optional.of(new DiskUsage(5, 1)),
                Optional.empty());
        PodUsage pod = new PodUsage(
                "default",
                "web",
                "uid",
                NOW,
                "/kubepods",
                Optional.of(figures(30, OptionalLong.empty(), 4)),
                Optional.empty(),
                List.of(container),
                List.of(new VolumeUsage("cache", "", true, disk("/dev/vda", 100, 40, 10, 30), Optional.empty())),
                Optional.of(new DiskUsage(35, 4)));
        PodUsage unknown = new PodUsage(
                "default",
                "new",
                "other",
                NOW,
                "",
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty());
        NodePicture picture = StatisticsSource.picture(
                usage(Optional.empty(), Optional.empty(), Optional.empty(), List.of(pod, unknown)));
        PodUse use = new PodUse(
                OptionalLong.of(30),
                OptionalLong.of(4),
                OptionalLong.of(35),
                List.of(new NodePicture.ContainerUse(
                        "c", OptionalLong.of(20), Optional.of(new NodePicture.Disk(5, 1)), Optional.empty())),
                Map.of("cache", new NodePicture.Disk(30, 3)));
        PodUse nothing =
                new PodUse(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), List.of(), Map.of());
        assertEquals(Map.of("uid", use, "other", nothing), picture.pods());
    }

    private static DiskLayout layout(Disk node, Disk images, Disk writable) throws IOException {
        return StatisticsSource.layout(usage(Optional.of(node), Optional.of(images), Optional.of(writable), List.of()));
    }

    @Test
    void disksAreOneThatAreTheSameDevice() throws IOException {
        Disk one = disk("/dev/vda", 100, 40, 10, 0);
        Disk sameLater = disk("/dev/vda", 100, 30, 10, 5);
        Disk other = disk("/dev/vdb", 100, 40, 10, 0);
        assertEquals(DiskLayout.ONE, layout(one, sameLater, sameLater));
        assertEquals(DiskLayout.IMAGES_APART, layout(one, other, other));
        assertEquals(DiskLayout.ONLY_IMAGES_APART, layout(one, other, sameLater));
        assertEquals(DiskLayout.IMAGES_APART, layout(disk("tmpfs", 1, 1, 1, 0), disk("tmpfs", 2, 1, 1, 0), other));
        assertThrows(
                IOException.class,
                () -> StatisticsSource.layout(usage(Optional.of(one), Optional.empty(), Optional.of(one), List.of())));
    }
}
