package io.keelson.agent.eviction;

import io.keelson.agent.eviction.NodePicture.ContainerUse;
import io.keelson.agent.eviction.NodePicture.Disk;
import io.keelson.agent.eviction.NodePicture.PodUse;
import io.keelson.agent.resources.CgroupUsage;
import io.keelson.agent.stats.NodeUsage;
import io.keelson.agent.stats.NodeUsage.Figures;
import io.keelson.agent.stats.NodeUsage.PodUsage;
import io.keelson.agent.stats.UsageLook;
import io.keelson.agent.volumes.DiskUsage;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Tells of the node what its statistics do; looks anew each time, since what was done a moment ago has to show. */
public final class StatisticsSource implements UsageSource {
    private final UsageLook statistics;

    /** Of a node. */
    public StatisticsSource(UsageLook statistics) {
        this.statistics = statistics;
    }

    @Override
    public NodePicture look() throws IOException, InterruptedException {
        return picture(statistics.usage(Duration.ZERO));
    }

    @Override
    public DiskLayout layout() throws IOException, InterruptedException {
        return layout(statistics.usage(Duration.ZERO));
    }

    static DiskLayout layout(NodeUsage usage) throws IOException {
        NodeUsage.Disk node = known(usage.nodeDisk(), "volumes");
        NodeUsage.Disk images = known(usage.imageDisk(), "images");
        NodeUsage.Disk writable = known(usage.writableDisk(), "containers");
        if (areOne(node, images)) {
            return DiskLayout.ONE;
        }
        return areOne(node, writable) ? DiskLayout.ONLY_IMAGES_APART : DiskLayout.IMAGES_APART;
    }

    private static NodeUsage.Disk known(Optional<NodeUsage.Disk> disk, String what) throws IOException {
        return disk.orElseThrow(() -> new IOException("on which disk " + what + " are is not known yet"));
    }

    /** Names alone do not tell: there are many file systems called {@code tmpfs} or {@code overlay}. */
    private static boolean areOne(NodeUsage.Disk one, NodeUsage.Disk other) {
        return one.device().equals(other.device())
                && one.capacityBytes() == other.capacityBytes()
                && one.inodes() == other.inodes();
    }

    static NodePicture picture(NodeUsage usage) {
        Map<Signal, Observation> observed = new EnumMap<>(Signal.class);
        memory(usage.figures()).ifPresent(memory -> observed.put(Signal.MEMORY_AVAILABLE, memory));
        Optional.ofNullable(usage.groups().get("pods"))
                .flatMap(StatisticsSource::memory)
                .ifPresent(memory -> observed.put(Signal.ALLOCATABLE_MEMORY_AVAILABLE, memory));
        disk(observed, usage.nodeDisk(), Signal.NODEFS_AVAILABLE, Signal.NODEFS_INODES_FREE);
        disk(observed, usage.imageDisk(), Signal.IMAGEFS_AVAILABLE, Signal.IMAGEFS_INODES_FREE);
        disk(observed, usage.writableDisk(), Signal.CONTAINERFS_AVAILABLE, Signal.CONTAINERFS_INODES_FREE);
        NodeUsage.Processes processes = usage.processes();
        observed.put(
                Signal.PID_AVAILABLE,
                new Observation(processes.max() - processes.running(), processes.max(), processes.time()));
        Map<String, PodUse> pods = new HashMap<>();
        usage.pods().forEach(pod -> pods.put(pod.uid(), use(pod)));
        return new NodePicture(observed, pods);
    }

    private static Optional<Observation> memory(Figures figures) {
        CgroupUsage.Memory memory = figures.usage().memory();
        OptionalLong limit = memory.limitBytes();
        return limit.isEmpty()
                ? Optional.empty()
                : Optional.of(new Observation(
                        limit.getAsLong() - memory.workingSetBytes(), limit.getAsLong(), figures.time()));
    }

    private static void disk(
            Map<Signal, Observation> observed, Optional<NodeUsage.Disk> disk, Signal space, Signal inodes) {
        if (disk.isPresent()) {
            NodeUsage.Disk known = disk.get();
            observed.put(space, new Observation(known.availableBytes(), known.capacityBytes(), known.time()));
            // Some file systems make inodes as they need them, and have no number of them.
            if (known.inodes() > 0) {
                observed.put(inodes, new Observation(known.inodesFree(), known.inodes(), known.time()));
            }
        }
    }

    private static PodUse use(PodUsage pod) {
        Map<String, Disk> volumes = new HashMap<>();
        pod.volumes()
                .forEach(volume -> volumes.put(
                        volume.name(),
                        new Disk(volume.disk().usedBytes(), volume.disk().inodesUsed())));
        return new PodUse(
                workingSet(pod.figures()),
                pod.figures()
                        .map(figures -> OptionalLong.of(figures.usage().tasks().threads()))
                        .orElse(OptionalLong.empty()),
                pod.disk().map(disk -> OptionalLong.of(disk.bytes())).orElse(OptionalLong.empty()),
                pod.containers().stream()
                        .map(container -> new ContainerUse(
                                container.name(),
                                workingSet(container.figures()),
                                container.written().map(StatisticsSource::disk),
                                container.logs().map(StatisticsSource::disk)))
                        .toList(),
                volumes);
    }

    private static Disk disk(DiskUsage usage) {
        return new Disk(usage.bytes(), usage.inodes());
    }

    private static OptionalLong workingSet(Optional<Figures> figures) {
        return figures.map(known -> OptionalLong.of(known.usage().memory().workingSetBytes()))
                .orElse(OptionalLong.empty());
    }
}
