package io.keelson.agent.stats;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.stats.NodeUsage.Disk;
import io.keelson.agent.stats.NodeUsage.VolumeUsage;
import io.keelson.agent.volumes.DiskUsage;
import io.keelson.agent.volumes.PluginUsage;
import io.keelson.agent.volumes.VolumeException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Repeating;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what volumes and logs of pods take, each pod's about once in a period. That reads every folder of them, and
 * waits for servers of volumes: it has threads of its own, and a pod that takes long holds up at most one of these.
 */
final class DiskMeter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DiskMeter.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(10);
    private static final int THREADS = 4;
    private static final int WAITING_MAX = 1000;

    private final AgentPods pods;
    private final PodFolders folders;
    private final VolumePlaces volumes;
    private final Duration period;
    private final Time time;
    private final Map<String, Measured> known = new ConcurrentHashMap<>();
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor workers;
    private final Repeating repeating;

    /**
     * What a pod takes.
     *
     * @param at by the steady clock, when counting began
     * @param logs by containers
     */
    record Measured(Instant at, List<VolumeUsage> volumes, Map<String, DiskUsage> logs) {
        static final Measured NOTHING = new Measured(Instant.MIN, List.of(), Map.of());

        Measured {
            volumes = List.copyOf(volumes);
            logs = Map.copyOf(logs);
        }
    }

    /** @param period negative for that nothing is counted */
    DiskMeter(AgentPods pods, PodFolders folders, VolumePlaces volumes, Duration period, Time time) {
        this.pods = pods;
        this.folders = folders;
        this.volumes = volumes;
        this.period = period;
        this.time = time;
        workers = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(WAITING_MAX),
                // Calls into the kernel would hold up all others on a carrier of virtual threads.
                Thread.ofPlatform().name("disk-meter-", 0).daemon().factory());
        workers.allowCoreThreadTimeOut(true);
        repeating = new Repeating("disk-meter", time, () -> LOOK_EVERY, this::look);
    }

    void start() {
        if (!period.isNegative()) {
            repeating.start();
        }
    }

    /** What was found last; nothing if nobody has counted yet. */
    Measured of(String uid) {
        return known.getOrDefault(uid, Measured.NOTHING);
    }

    /** Has those counted that were not for a while. */
    private void look() {
        Instant now = time.steady();
        Set<String> there = new HashSet<>();
        for (Pod pod : pods.pods()) {
            String uid = pod.getMetadata().getUid();
            there.add(uid);
            Measured before = known.get(uid);
            boolean isDue = before == null || !now.isBefore(before.at().plus(period));
            if (isDue && underWay.add(uid)) {
                try {
                    workers.execute(() -> measure(pod));
                } catch (RejectedExecutionException e) {
                    // Many wait already; it is asked again soon.
                    underWay.remove(uid);
                }
            }
        }
        known.keySet().retainAll(there);
    }

    private void measure(Pod pod) {
        String uid = pod.getMetadata().getUid();
        try {
            known.put(uid, new Measured(time.steady(), volumes(pod), logs(pod)));
        } catch (IOException | RuntimeException e) {
            // A pod that goes away takes its files along while they are counted.
            LOG.debug("what pod {} takes of disks is not known: {}", uid, e.toString());
        } catch (InterruptedException e) {
            // It is closed.
            Thread.currentThread().interrupt();
        } finally {
            underWay.remove(uid);
        }
    }

    private List<VolumeUsage> volumes(Pod pod) throws IOException, InterruptedException {
        Instant now = time.instant();
        List<VolumeUsage> found = new ArrayList<>();
        Map<String, DiskUsage> own = volumes.usage(pod);
        for (Volume volume : OrEmpty.of(pod.getSpec().getVolumes())) {
            Optional<PluginUsage> told;
            try {
                told = volumes.told(pod, volume.getName());
            } catch (VolumeException e) {
                LOG.debug("what pod {} uses of volume {} is not known", PodTraits.text(pod), volume.getName(), e);
                continue;
            }
            if (told.isPresent()) {
                found.add(new VolumeUsage(
                        volume.getName(),
                        claim(pod, volume),
                        false,
                        disk(now, told.get()),
                        told.get().abnormal()));
                continue;
            }
            Path path = volumes.path(pod, volume.getName());
            if (path == null || volume.getHostPath() != null || volume.getImage() != null) {
                continue;
            }
            Optional<DiskUsage> used = Optional.ofNullable(own.get(volume.getName()));
            Optional<Disk> disk = FileSystems.of(path, now, used);
            disk.ifPresent(on -> found.add(
                    new VolumeUsage(volume.getName(), claim(pod, volume), used.isPresent(), on, Optional.empty())));
        }
        return found;
    }

    private static Disk disk(Instant now, PluginUsage told) {
        return new Disk(
                now,
                "",
                "",
                told.bytes().total(),
                told.bytes().available(),
                told.bytes().used(),
                told.inodes().total(),
                told.inodes().available(),
                told.inodes().used());
    }

    private static String claim(Pod pod, Volume volume) {
        if (volume.getPersistentVolumeClaim() != null) {
            return OrEmpty.of(volume.getPersistentVolumeClaim().getClaimName());
        }
        return volume.getEphemeral() == null ? "" : pod.getMetadata().getName() + '-' + volume.getName();
    }

    private Map<String, DiskUsage> logs(Pod pod) throws IOException {
        Map<String, DiskUsage> logs = new HashMap<>();
        Path folder = folders.logs(pod);
        for (PodContainer container : PodContainers.all(pod)) {
            Path own = folder.resolve(container.container().getName());
            if (Files.isDirectory(own)) {
                logs.put(container.container().getName(), DiskUsage.of(own));
            }
        }
        return logs;
    }

    @Override
    public void close() {
        repeating.close();
        workers.shutdownNow();
    }
}
