package io.keelson.agent.stats;

import io.keelson.agent.node.MachineFacts;
import io.keelson.agent.resources.CgroupUsage;
import io.keelson.agent.stats.NodeUsage.ContainerUsage;
import io.keelson.agent.stats.NodeUsage.Disk;
import io.keelson.agent.stats.NodeUsage.Figures;
import io.keelson.agent.stats.NodeUsage.Interface;
import io.keelson.agent.stats.NodeUsage.Network;
import io.keelson.agent.stats.NodeUsage.PodUsage;
import io.keelson.agent.stats.NodeUsage.Processes;
import io.keelson.agent.stats.NodeUsage.Traffic;
import io.keelson.agent.stats.NodeUsage.VolumeUsage;
import io.keelson.agent.volumes.DiskUsage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A look at a node with one pod. */
public final class Looks {
    static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
    static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

    /** Its machine. */
    public static final MachineFacts FACTS = new MachineFacts(
            2, 8L << 30, 0, 100L << 30, Map.of(), "6.18.0", "Debian 12", "machine", "system", "boot", "amd64");

    private Looks() {}

    static CgroupUsage usage(long memory, OptionalLong limit) {
        CgroupUsage.Share share = new CgroupUsage.Share(1.5, 0.5, 0.25, 2_000_000);
        CgroupUsage.Stall stall = new CgroupUsage.Stall(share, CgroupUsage.Share.NONE);
        return new CgroupUsage(
                new CgroupUsage.Cpu(
                        5_500_000_000L,
                        3_000_000_000L,
                        2_000_000_000L,
                        512,
                        100_000,
                        OptionalLong.of(50_000),
                        10,
                        4,
                        0),
                new CgroupUsage.Memory(
                        memory,
                        memory - 100,
                        40,
                        300,
                        20,
                        200,
                        100,
                        10,
                        memory + 1,
                        2,
                        30,
                        3,
                        limit,
                        0,
                        OptionalLong.empty(),
                        1),
                new CgroupUsage.Tasks(3, 7, OptionalLong.of(100)),
                List.of(new CgroupUsage.DeviceUse("8:0", 3, 300, 4, 400)),
                Optional.of(new CgroupUsage.Pressure(stall, stall, stall)));
    }

    private static Figures figures(long memory, OptionalLong limit) {
        return new Figures(NOW, usage(memory, limit), OptionalLong.of(250_000_000));
    }

    private static Network network() {
        return new Network(
                NOW, "eth0", List.of(new Interface("eth0", new Traffic(10, 1, 0, 2), new Traffic(20, 3, 4, 5))));
    }

    private static Disk disk(long used) {
        return new Disk(NOW, "/var/lib/kubelet", "/dev/vda", 1000, 400, used, 50, 30, 20);
    }

    /** The look. */
    public static NodeUsage one() {
        PodUsage pod = new PodUsage(
                "shop",
                "web-\"1\"",
                "uid-1",
                SINCE,
                "/kubepods/burstable/poduid-1",
                Optional.of(figures(5000, OptionalLong.of(9000))),
                Optional.of(network()),
                List.of(new ContainerUsage(
                        "main",
                        "0123",
                        "web:1",
                        SINCE,
                        "/kubepods/burstable/poduid-1/0123",
                        Optional.of(figures(4000, OptionalLong.empty())),
                        Optional.of(new DiskUsage(11, 1)),
                        Optional.of(new DiskUsage(12, 2)))),
                List.of(
                        new VolumeUsage("scratch", "", true, disk(13), Optional.empty()),
                        new VolumeUsage("data", "claim-1", false, disk(600), Optional.of(true))),
                Optional.of(new DiskUsage(36, 6)));
        return new NodeUsage(
                "node-1",
                SINCE,
                figures(6000, OptionalLong.of(8L << 30)),
                network(),
                Optional.of(disk(600)),
                Optional.of(disk(70)),
                Optional.of(disk(70)),
                new Processes(NOW, 123, 32768),
                Map.of("pods", figures(5500, OptionalLong.empty())),
                List.of(pod));
    }
}
