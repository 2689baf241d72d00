package io.keelson.agent.volumes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.keelson.agent.embedded.Libc;
import io.keelson.agent.environment.ReferencedObjects;
import io.keelson.agent.environment.VolumeFiles;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodVolumes;
import io.keelson.agent.wire.cri.Device;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The volumes of this node's pods. What there is lies in the agent's folder; what is in memory is only what was made
 * of it since the start, and comes again with the next {@link #mount}.
 */
public final class NodeVolumes implements PodVolumes, VolumeFiles {
    private static final Logger LOG = LoggerFactory.getLogger(NodeVolumes.class);
    private static final Duration BETWEEN_RELEASES = Duration.ofMinutes(1);
    private static final String MOUNT_FAILED = "FailedMount";
    private static final String WAITING = "ContainerCreating";

    private final VolumeFolders folders;
    private final ReferencedObjects objects;
    private final ServiceAccountTokens tokens;
    private final PodCertificates certificates;
    private final CsiReturns returns;
    private final CsiUsage plugins;
    private final Events events;
    private final VolumeMaker maker;
    private final ContainerMounts containers;
    private final PodTearDown tearDown;
    private final Time time;
    private final Map<String, Map<String, MountedVolume>> mounted = new ConcurrentHashMap<>();
    /** When unused volumes were last given back. */
    private final AtomicLong released;

    /**
     * What an earlier start has left is found.
     *
     * @throws IOException if the agent's folder cannot be made
     */
    public NodeVolumes(Surroundings with) throws IOException {
        PodFolders.make(with.root());
        folders = new VolumeFolders(with.root().toRealPath());
        PodFolders.make(folders.pods());
        objects = with.objects();
        events = with.events();
        time = with.time();
        released = new AtomicLong(time.nanoTime());
        tokens = with.tokens();
        certificates = new PodCertificates(with.client(), with.node(), with.time(), with.events());
        returns = new CsiReturns(folders, with.drivers());
        plugins = new CsiUsage(with.drivers(), events);
        CsiParameters parameters = new CsiParameters(
                with.client(), objects, tokens, new CsiSettings(with.client(), with.time()), with.nodeName());
        CsiVolumes csi = new CsiVolumes(
                folders,
                with.drivers(),
                parameters,
                returns,
                new CsiExpansion(with.client(), parameters, with.events(), with.time()));
        NodeDisks disks = new NodeDisks(folders);
        EmptyDirs emptyDirs = new EmptyDirs(folders, with.node());
        ProjectedFiles files = new ProjectedFiles(
                objects, tokens, new TrustBundles(with.client(), with.time()), certificates, with.node());
        maker = new VolumeMaker(
                folders,
                emptyDirs,
                files,
                new ClaimedVolumes(with.client()),
                disks,
                csi,
                with.images(),
                with.time(),
                with.times());
        containers = new ContainerMounts(new SubPaths(folders), with.recursiveReadOnly());
        tearDown = new PodTearDown(folders, disks, returns);
    }

    @Override
    public void mount(Pod pod) throws PodProblem, InterruptedException {
        releaseNowAndThen();
        objects.hold(pod);
        Map<String, MountedVolume> before = of(pod);
        Map<String, MountedVolume> now = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        Set<String> used = UsedVolumes.of(pod);
        for (Volume volume : OrEmpty.of(pod.getSpec().getVolumes())) {
            if (!used.contains(volume.getName())) {
                continue;
            }
            MountedVolume known = before.get(volume.getName());
            if (known != null && !VolumeMaker.changes(volume)) {
                now.put(volume.getName(), known);
                continue;
            }
            try {
                now.put(volume.getName(), make(pod, volume, known));
            } catch (VolumeException e) {
                String problem =
                        "MountVolume.SetUp failed for volume \"%s\" : %s".formatted(volume.getName(), e.message());
                if (known == null) {
                    problems.add(problem);
                } else {
                    // It is there as it was, which containers can go on with.
                    now.put(volume.getName(), known);
                    events.warning(pod, MOUNT_FAILED, problem);
                }
            }
        }
        mounted.put(pod.getMetadata().getUid(), Map.copyOf(now));
        if (!problems.isEmpty()) {
            throw new PodProblem(WAITING, MOUNT_FAILED, String.join("; ", problems));
        }
    }

    /** Gives back what could not be when its last pod went, on a thread of its own: a plugin may take its time. */
    private void releaseNowAndThen() {
        long now = time.nanoTime();
        long last = released.get();
        if (now - last < BETWEEN_RELEASES.toNanos() || !released.compareAndSet(last, now)) {
            return;
        }
        Thread _ = Thread.ofVirtual().name("volumes-release").start(() -> {
            try {
                releaseUnused();
            } catch (InterruptedException e) {
                // Nobody does.
                Thread.currentThread().interrupt();
            }
        });
    }

    /**
     * Gives back what was made for all pods and none uses any more, as far as it can; what cannot be is tried again.
     */
    public void releaseUnused() throws InterruptedException {
        try {
            tearDown.release();
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("volumes that no pod uses are not given back yet: {}", e.toString());
        }
    }

    private MountedVolume make(Pod pod, Volume volume, @Nullable MountedVolume known)
            throws VolumeException, PodProblem, InterruptedException {
        boolean isClaim = volume.getPersistentVolumeClaim() != null || volume.getEphemeral() != null;
        // A claim that is mounted stays what it is, unless its plugin is to be asked again.
        if (known != null && isClaim && known.inUse().isEmpty()) {
            return known;
        }
        try {
            return maker.make(VolumeRequest.of(pod, volume));
        } catch (IOException | UncheckedIOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while a volume was made");
            }
            throw new VolumeException(String.valueOf(e.getMessage()), e);
        } catch (IllegalArgumentException e) {
            throw new VolumeException(String.valueOf(e.getMessage()), e);
        }
    }

    private Map<String, MountedVolume> of(Pod pod) {
        return mounted.getOrDefault(pod.getMetadata().getUid(), Map.of());
    }

    @Override
    public List<Mount> mounts(Pod pod, Container container, Map<String, String> environment) throws PodProblem {
        try {
            return containers.mounts(pod, container, environment, of(pod));
        } catch (VolumeException e) {
            throw new PodProblem("CreateContainerConfigError", "Failed", e.message(), e);
        }
    }

    @Override
    public List<Device> devices(Pod pod, Container container) throws PodProblem {
        try {
            return ContainerMounts.devices(container, of(pod));
        } catch (VolumeException e) {
            throw new PodProblem("CreateContainerConfigError", "Failed", e.message(), e);
        }
    }

    @Override
    public List<Long> supplementalGroups(Pod pod) {
        Set<Long> groups = new TreeSet<>();
        if (pod.getSpec().getSecurityContext() != null
                && pod.getSpec().getSecurityContext().getFsGroup() != null) {
            groups.add(pod.getSpec().getSecurityContext().getFsGroup());
        }
        of(pod).values().forEach(volume -> groups.addAll(volume.groups()));
        return List.copyOf(groups);
    }

    @Override
    public void unmount(String podUid) throws PodProblem, InterruptedException {
        objects.release(podUid);
        tokens.forget(podUid);
        certificates.forget(podUid);
        try {
            tearDown.run(podUid);
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while volumes were taken away");
            }
            throw new PodProblem("", "FailedUnmount", "volumes of pod " + podUid + ": " + e.getMessage(), e);
        } catch (VolumeException e) {
            throw new PodProblem("", "FailedUnmount", "volumes of pod " + podUid + ": " + e.message(), e);
        }
        mounted.remove(podUid);
    }

    @Override
    public Set<String> podsWithVolumes() {
        return folders.podsWithVolumes();
    }

    @Override
    public Set<String> volumesInUse() {
        try {
            return returns.inUse();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * How much of the node's disk each of a pod's empty volumes takes, and each of its others that is on it, by its
     * name. Those that are in memory are not on a disk. Counts all files.
     */
    public Map<String, DiskUsage> usage(Pod pod) throws IOException {
        Map<String, DiskUsage> usage = new HashMap<>();
        for (Volume volume : OrEmpty.of(pod.getSpec().getVolumes())) {
            MountedVolume known = of(pod).get(volume.getName());
            boolean isOnDisk = volume.getConfigMap() != null
                    || (volume.getEmptyDir() != null
                            && OrEmpty.of(volume.getEmptyDir().getMedium()).isEmpty());
            if (known != null && known.path() != null && isOnDisk) {
                usage.put(volume.getName(), DiskUsage.of(known.path()));
            }
        }
        return usage;
    }

    /**
     * What the storage plugin of a volume says is used of it; empty if the volume has none, or that does not tell.
     *
     * @throws VolumeException if the plugin cannot say
     */
    public Optional<PluginUsage> told(Pod pod, String volume) throws VolumeException, InterruptedException {
        MountedVolume known = of(pod).get(volume);
        return known == null || known.published() == null
                ? Optional.empty()
                : plugins.of(pod, volume, known.published());
    }

    /** Where a volume of a pod is on the node; null if it is not there, or has no files. */
    public @Nullable Path path(Pod pod, String volume) {
        MountedVolume known = of(pod).get(volume);
        return known == null ? null : known.path();
    }

    @Override
    public byte[] read(Pod pod, String volume, String path, int sizeBytesMax) throws IOException {
        Path folder = path(pod, volume);
        if (folder == null) {
            throw new NoSuchFileException(volume);
        }
        try (Descriptor root = Descriptor.folder(folder);
                Descriptor file = VolumeCalls.openBeneath(root, Libc.bytes(path), Libc.O_PATH)) {
            if (!file.status().is(Libc.S_IFREG)) {
                throw new IOException("not a file");
            }
            try (InputStream in = Files.newInputStream(file.path())) {
                byte[] content = in.readNBytes(sizeBytesMax + 1);
                if (content.length > sizeBytesMax) {
                    throw new IOException("larger than " + sizeBytesMax + " bytes");
                }
                return content;
            }
        } catch (VolumeCalls.Refused e) {
            throw e.error() == Libc.ENOENT ? new NoSuchFileException(path) : e;
        }
    }
}
