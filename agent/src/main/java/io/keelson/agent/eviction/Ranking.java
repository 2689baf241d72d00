package io.keelson.agent.eviction;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.agent.eviction.DiskLayout.Part;
import io.keelson.agent.eviction.NodePicture.ContainerUse;
import io.keelson.agent.eviction.NodePicture.Disk;
import io.keelson.agent.eviction.NodePicture.PodUse;
import io.keelson.agent.resources.PodSums;
import io.keelson.controllers.objects.OrEmpty;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * In which order pods are ended: those of which nothing is known; those that use more than they ask for; those of less
 * priority; those that use the most beyond what they ask for. Nobody asks for inodes or processes: of inodes who has any
 * uses more than it asks for, and of processes that does not count.
 */
final class Ranking {
    private Ranking() {}

    /** What decides of one pod. */
    private record Rank(Pod pod, boolean isKnown, boolean exceeds, int priority, long beyond) {}

    /** Sorts pods for a signal, the one to be ended first first. */
    static List<Pod> of(List<Pod> pods, Signal signal, DiskLayout layout, Map<String, PodUse> uses) {
        return pods.stream()
                .map(pod -> rank(pod, signal, layout, uses.get(pod.getMetadata().getUid())))
                .sorted(Comparator.comparing(Rank::isKnown)
                        .thenComparing(Rank::exceeds, Comparator.reverseOrder())
                        .thenComparingInt(Rank::priority)
                        .thenComparing(Rank::beyond, Comparator.reverseOrder())
                        // So that nobody is lucky twice.
                        .thenComparing(rank -> rank.pod().getMetadata().getUid()))
                .map(Rank::pod)
                .toList();
    }

    private static Rank rank(Pod pod, Signal signal, DiskLayout layout, @Nullable PodUse use) {
        Integer priority = pod.getSpec().getPriority();
        if (use == null) {
            return new Rank(pod, false, false, OrEmpty.of(priority), 0);
        }
        Scarce scarce = signal.scarce();
        long used = switch (scarce) {
            case MEMORY -> use.memoryBytes().orElse(0);
            case PIDS -> use.processes().orElse(0);
            case EPHEMERAL_STORAGE -> disk(pod, use, layout.parts(signal)).bytes();
            case INODES -> disk(pod, use, layout.parts(signal)).inodes();
        };
        long asked = PodSums.bytes(PodSums.requests(pod).getOrDefault(scarce.text(), 0L));
        return new Rank(pod, true, scarce != Scarce.PIDS && used > asked, OrEmpty.of(priority), used - asked);
    }

    private static Disk disk(Pod pod, PodUse use, Set<Part> parts) {
        long bytes = 0;
        long inodes = 0;
        for (ContainerUse container : use.containers()) {
            if (parts.contains(Part.ROOT)) {
                bytes += container.root().map(Disk::bytes).orElse(0L);
                inodes += container.root().map(Disk::inodes).orElse(0L);
            }
            if (parts.contains(Part.LOGS)) {
                bytes += container.logs().map(Disk::bytes).orElse(0L);
                inodes += container.logs().map(Disk::inodes).orElse(0L);
            }
        }
        if (parts.contains(Part.VOLUMES)) {
            for (Volume volume : OrEmpty.of(pod.getSpec().getVolumes())) {
                Optional<Disk> disk =
                        isLocal(volume) ? Optional.ofNullable(use.volumes().get(volume.getName())) : Optional.empty();
                bytes += disk.map(Disk::bytes).orElse(0L);
                inodes += disk.map(Disk::inodes).orElse(0L);
            }
        }
        return new Disk(bytes, inodes);
    }

    /** Whether a volume's files are on the node's own disk. */
    private static boolean isLocal(Volume volume) {
        return volume.getHostPath() != null
                || volume.getConfigMap() != null
                || volume.getGitRepo() != null
                || (volume.getEmptyDir() != null
                        && OrEmpty.of(volume.getEmptyDir().getMedium()).isEmpty());
    }
}
