package io.keelson.agent.eviction;

import io.keelson.agent.eviction.NodePicture.ContainerUse;
import io.keelson.agent.eviction.NodePicture.PodUse;
import io.keelson.agent.resources.CgroupUsage;
import io.keelson.agent.stats.NodeUsage;
import io.keelson.agent.stats.NodeUsage.Figures;
import io.keelson.agent.stats.NodeUsage.PodUsage;
import io.keelson.agent.stats.UsageLook;
import io.keelson.agent.volumes.DiskUsage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What statistics tell, as far as it matters for whom to end. */
public final class StatisticsUsage implements UsageSource {
    /** What others saw just now is good enough; what is older is not, lest a pod is ended for what is over. */
    private static final Duration AGE_MAX = Duration.ofMillis(500);

    private static final String ALL_PODS = "pods";

    private final UsageLook statistics;

    /** Asks for them. */
    public StatisticsUsage(UsageLook statistics) {
        this.statistics = statistics;
    }

    @Override
    public NodePicture look() throws IOException, InterruptedException {
        return picture(statistics.usage(AGE_MAX));
    }

    @Override
    public DiskLayout layout() throws IOException, InterruptedException {
        return layout(statistics.usage(AGE_MAX));
    }

    static DiskLayout layout(NodeUsage usage) throws IOException {
        if (usage.nodeDisk().isEmpty() || usage.imageDisk().isEmpty()) {
            throw new IOException(
                    "it is not known which disks the node has: the container runtime does not tell its own");
        }
        String node = usage.nodeDisk().get().device();
        String images = usage.imageDisk().get().device();
        if (images.equals(node)) {
            return DiskLayout.ONE;
        }
        String writable = usage.writableDisk().map(NodeUsage.Disk::device).orElse(images);
        return writable.equals(node) ? DiskLayout.ONLY_IMAGES_APART : DiskLayout.IMAGES_APART;
    }

    static NodePicture picture(NodeUsage usage) {
        Map<Signal, Observation> observed = new EnumMap<>(Signal.class);
        memory(Optional.of(usage.figures()), Signal.MEMORY_AVAILABLE, observed);
        memory(Optional.ofNullable(usage.groups().get(ALL_PODS)), Signal.ALLOCATABLE_MEMORY_AVAILABLE, observed);
        disk(usage.nodeDisk(), Signal.NODEFS_AVAILABLE, Signal.NODEFS_INODES_FREE, observed);
        disk(usage.imageDisk(), Signal.IMAGEFS_AVAILABLE, Signal.IMAGEFS_INODES_FREE, observed);
        disk(usage.writableDisk(), Signal.CONTAINERFS_AVAILABLE, Signal.CONTAINERFS_INODES_FREE, observed);
        NodeUsage.Processes processes = usage.processes();
        observed.put(
                Signal.PID_AVAILABLE,
                new Observation(processes.max() - processes.running(), processes.max(), processes.time()));
        Map<String, PodUse> pods = new HashMap<>();
        usage.pods().forEach(pod -> pods.put(pod.uid(), pod(pod)));
        return new NodePicture(observed, pods);
    }

    private static void memory(Optional<Figures> figures, Signal signal, Map<Signal, Observation> observed) {
        if (figures.isEmpty()) {
            return;
        }
        CgroupUsage.Memory memory = figures.get().usage().memory();
        Instant time = figures.get().time();
        memory.limitBytes()
                .ifPresent(
                        limit -> observed.put(signal, new Observation(limit - memory.workingSetBytes(), limit, time)));
    }

    private static void disk(
            Optional<NodeUsage.Disk> disk, Signal space, Signal inodes, Map<Signal, Observation> observed) {
        if (disk.isEmpty()) {
            return;
        }
        NodeUsage.Disk found = disk.get();
        observed.put(space, new Observation(found.availableBytes(), found.capacityBytes(), found.time()));
        // File systems that make inodes as they are needed say that there are none.
        if (found.inodes() > 0) {
            observed.put(inodes, new Observation(found.inodesFree(), found.inodes(), found.time()));
        }
    }

    private static PodUse pod(PodUsage pod) {
        List<ContainerUse> containers = pod.containers().stream()
                .map(container -> new ContainerUse(
                        container.name(),
                        workingSet(container.figures()),
                        container.written().map(StatisticsUsage::disk),
                        container.logs().map(StatisticsUsage::disk)))
                .toList();
        Map<String, NodePicture.Disk> volumes = new HashMap<>();
        pod.volumes().stream()
                .filter(NodeUsage.VolumeUsage::own)
                .forEach(volume -> volumes.put(
                        volume.name(),
                        new NodePicture.Disk(
                                volume.disk().usedBytes(), volume.disk().inodesUsed())));
        return new PodUse(
                workingSet(pod.figures()),
                pod.figures()
                        .map(figures -> OptionalLong.of(figures.usage().tasks().threads()))
                        .orElse(OptionalLong.empty()),
                pod.disk().map(disk -> OptionalLong.of(disk.bytes())).orElse(OptionalLong.empty()),
                containers,
                volumes);
    }

    private static OptionalLong workingSet(Optional<Figures> figures) {
        return figures.map(known -> OptionalLong.of(known.usage().memory().workingSetBytes()))
                .orElse(OptionalLong.empty());
    }

    private static NodePicture.Disk disk(DiskUsage usage) {
        return new NodePicture.Disk(usage.bytes(), usage.inodes());
    }
}
