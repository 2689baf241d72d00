package io.keelson.agent.stats;

import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimeError;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.cri.RuntimePods;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.resources.CgroupReader;
import io.keelson.agent.resources.CgroupUsage;
import io.keelson.agent.stats.NodeUsage.ContainerUsage;
import io.keelson.agent.stats.NodeUsage.Disk;
import io.keelson.agent.stats.NodeUsage.Figures;
import io.keelson.agent.stats.NodeUsage.Network;
import io.keelson.agent.stats.NodeUsage.PodUsage;
import io.keelson.agent.stats.NodeUsage.VolumeUsage;
import io.keelson.agent.volumes.DiskUsage;
import io.keelson.agent.wire.cri.ContainerStats;
import io.keelson.agent.wire.cri.FilesystemUsage;
import io.keelson.agent.wire.cri.ImageFsInfoRequest;
import io.keelson.agent.wire.cri.ImageFsInfoResponse;
import io.keelson.agent.wire.cri.ListContainerStatsRequest;
import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.agent.wire.cri.PodSandboxStatus;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks what the node and its pods use. One looks at a time, and all who wait get what he finds. A runtime that does not
 * answer makes that a look lacks what only it can tell.
 */
public final class NodeStatistics implements UsageLook, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeStatistics.class);
    private static final Duration RUNTIME_MAX = Duration.ofSeconds(10);
    private static final String POD = "pod";

    private final Settings settings;
    private final RuntimeConnection runtime;
    private final RuntimePods observed;
    private final AgentPods pods;
    private final CgroupReader cgroups;
    private final MachineFigures machine;
    private final DiskMeter disks;
    private final Time time;
    private final ReentrantLock looking = new ReentrantLock();
    private final CpuRates rates = new CpuRates();
    private @Nullable Look last;

    /** @param began by the steady clock */
    private record Look(Instant began, NodeUsage usage) {}

    /**
     * Of which node.
     *
     * @param node its name
     * @param podsCgroup that of all pods, {@code /kubepods}
     * @param volumesEvery how old figures about volumes and logs may become; negative if there are none ({@code
     *     volumeStatsAggPeriod})
     */
    public record Settings(String node, PodFolders folders, String podsCgroup, Duration volumesEvery) {}

    /** Looks when asked, and from {@link #start} on counts what volumes take. */
    public NodeStatistics(
            Settings settings,
            RuntimeConnection runtime,
            RuntimePods observed,
            AgentPods pods,
            VolumePlaces volumes,
            CgroupReader cgroups,
            Time time) {
        this(settings, runtime, observed, pods, volumes, cgroups, new MachineFigures(Path.of("/proc")), time);
    }

    NodeStatistics(
            Settings settings,
            RuntimeConnection runtime,
            RuntimePods observed,
            AgentPods pods,
            VolumePlaces volumes,
            CgroupReader cgroups,
            MachineFigures machine,
            Time time) {
        this.settings = settings;
        this.runtime = runtime;
        this.observed = observed;
        this.pods = pods;
        this.cgroups = cgroups;
        this.machine = machine;
        this.time = time;
        disks = new DiskMeter(pods, settings.folders(), volumes, settings.volumesEvery(), time);
    }

    /** Begins to count what volumes and logs take; once. */
    public void start() {
        disks.start();
    }

    @Override
    public NodeUsage usage(Duration ageMax) throws IOException, InterruptedException {
        Instant asked = time.steady();
        looking.lockInterruptibly();
        try {
            Look known = last;
            if (known != null && !known.began.isBefore(asked.minus(ageMax))) {
                return known.usage;
            }
            Instant began = time.steady();
            NodeUsage usage = look();
            last = new Look(began, usage);
            return usage;
        } finally {
            looking.unlock();
        }
    }

    private NodeUsage look() throws IOException {
        Set<String> keys = new HashSet<>();
        Map<String, ContainerStats> told = told();
        Map<String, String> places = places();
        Map<String, Pod> known = new HashMap<>();
        pods.pods().forEach(pod -> known.put(pod.getMetadata().getUid(), pod));
        List<PodUsage> used = new ArrayList<>();
        for (RuntimePod pod : observed.pods()) {
            if (pod.active()) {
                used.add(pod(pod, known.get(pod.uid()), places.getOrDefault(pod.uid(), ""), told, keys));
            }
        }
        used.sort(Comparator.comparing(PodUsage::namespace).thenComparing(PodUsage::name));
        Map<String, Figures> groups = new TreeMap<>();
        figures(settings.podsCgroup(), keys).ifPresent(figures -> groups.put("pods", figures));
        machine.ownCgroup().flatMap(own -> figures(own, keys)).ifPresent(figures -> groups.put("kubelet", figures));
        Instant now = time.instant();
        Optional<ImageFsInfoResponse> stored = images();
        List<FilesystemUsage> images =
                stored.map(ImageFsInfoResponse::getImageFilesystemsList).orElse(List.of());
        List<FilesystemUsage> written =
                stored.map(ImageFsInfoResponse::getContainerFilesystemsList).orElse(List.of());
        NodeUsage usage = new NodeUsage(
                settings.node(),
                machine.since(),
                figures("/", machine.usage(cgroups), keys),
                machine.network(now),
                FileSystems.of(settings.folders().root(), now),
                disk(images, now),
                disk(written.isEmpty() ? images : written, now),
                machine.processes(now),
                groups,
                used);
        rates.keep(keys);
        return usage;
    }

    private Figures figures(String key, CgroupUsage usage, Set<String> keys) {
        keys.add(key);
        return new Figures(
                time.instant(),
                usage,
                rates.rate(key, time.steady(), usage.cpu().nanos()));
    }

    private Optional<Figures> figures(String cgroup, Set<String> keys) {
        return cgroup.isEmpty() ? Optional.empty() : cgroups.read(cgroup).map(usage -> figures(cgroup, usage, keys));
    }

    /** What the runtime tells of containers, by their ids; nothing if it does not answer. */
    private Map<String, ContainerStats> told() {
        Map<String, ContainerStats> told = new HashMap<>();
        try {
            runtime.runtime(RUNTIME_MAX)
                    .listContainerStats(ListContainerStatsRequest.getDefaultInstance())
                    .getStatsList()
                    .forEach(stats -> told.put(stats.getAttributes().getId(), stats));
        } catch (StatusRuntimeException e) {
            LOG.warn("the container runtime does not tell what containers use: {}", RuntimeError.text(e));
        }
        return told;
    }

    /** The cgroups of pods by their uids. */
    private Map<String, String> places() {
        Map<String, String> places = new HashMap<>();
        String base = settings.podsCgroup();
        for (String parent : List.of(base, base + "/burstable", base + "/besteffort")) {
            for (String name : cgroups.children(parent)) {
                if (name.startsWith(POD)) {
                    places.put(name.substring(POD.length()), parent + '/' + name);
                }
            }
        }
        return places;
    }

    private PodUsage pod(
            RuntimePod pod, @Nullable Pod object, String cgroup, Map<String, ContainerStats> told, Set<String> keys) {
        DiskMeter.Measured measured = disks.of(pod.uid());
        Set<String> inside = cgroup.isEmpty() ? Set.of() : cgroups.children(cgroup);
        List<ContainerUsage> containers = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (RuntimeContainer container : pod.containers()) {
            if (container.running() && names.add(container.name())) {
                containers.add(container(
                        container, cgroup, inside, Optional.ofNullable(told.get(container.id())), measured, keys));
            }
        }
        containers.sort(Comparator.comparing(ContainerUsage::name));
        return new PodUsage(
                pod.namespace(),
                pod.name(),
                pod.uid(),
                pod.sandboxes().isEmpty()
                        ? Instant.EPOCH
                        : moment(pod.sandboxes().getFirst().getCreatedAt()),
                cgroup,
                figures(cgroup, keys),
                isOnNodeNetwork(pod, object) ? Optional.empty() : network(cgroup),
                containers,
                measured.volumes(),
                sum(containers, measured));
    }

    private static Instant moment(long nanos) {
        return Instant.ofEpochSecond(0, nanos);
    }

    private ContainerUsage container(
            RuntimeContainer container,
            String podCgroup,
            Set<String> inside,
            Optional<ContainerStats> told,
            DiskMeter.Measured measured,
            Set<String> keys) {
        // As it is, or with what systemd and runtimes put around it.
        String cgroup = inside.stream()
                .filter(name -> name.contains(container.id()))
                .findFirst()
                .map(name -> podCgroup + '/' + name)
                .orElse("");
        Optional<Figures> figures = figures(cgroup, keys);
        if (figures.isEmpty()) {
            figures = told.flatMap(RuntimeFigures::usage).map(usage -> figures(container.id(), usage, keys));
        }
        return new ContainerUsage(
                container.name(),
                container.id(),
                container.status().getImage().getImage(),
                moment(container.status().getStartedAt()),
                figures.isPresent() ? cgroup : "",
                figures,
                told.filter(ContainerStats::hasWritableLayer).map(stats -> used(stats.getWritableLayer())),
                Optional.ofNullable(measured.logs().get(container.name())));
    }

    private static DiskUsage used(FilesystemUsage usage) {
        return new DiskUsage(
                usage.getUsedBytes().getValue(), usage.getInodesUsed().getValue());
    }

    private static boolean isOnNodeNetwork(RuntimePod pod, @Nullable Pod object) {
        if (object != null) {
            return OrEmpty.of(object.getSpec().getHostNetwork());
        }
        return pod.sandboxes().stream()
                .findFirst()
                .map(PodSandboxStatus::getLinux)
                .map(linux -> linux.getNamespaces().getOptions().getNetwork() == NamespaceMode.NODE)
                .orElse(true);
    }

    private Optional<Network> network(String cgroup) {
        OptionalLong process = cgroup.isEmpty() ? OptionalLong.empty() : cgroups.process(cgroup);
        return process.isEmpty() ? Optional.empty() : machine.network(time.instant(), process.getAsLong());
    }

    private static Optional<DiskUsage> sum(List<ContainerUsage> containers, DiskMeter.Measured measured) {
        List<DiskUsage> parts = new ArrayList<>();
        containers.forEach(container -> Stream.of(container.written(), container.logs())
                .flatMap(Optional::stream)
                .forEach(parts::add));
        measured.volumes().stream()
                .filter(VolumeUsage::own)
                .forEach(volume -> parts.add(
                        new DiskUsage(volume.disk().usedBytes(), volume.disk().inodesUsed())));
        return parts.stream().reduce((a, b) -> new DiskUsage(a.bytes() + b.bytes(), a.inodes() + b.inodes()));
    }

    private Optional<ImageFsInfoResponse> images() {
        try {
            return Optional.of(runtime.images(RUNTIME_MAX).imageFsInfo(ImageFsInfoRequest.getDefaultInstance()));
        } catch (StatusRuntimeException e) {
            LOG.warn("the container runtime does not tell where images are: {}", RuntimeError.text(e));
            return Optional.empty();
        }
    }

    /** Where something is that the runtime has, and what it takes there. */
    private static Optional<Disk> disk(List<FilesystemUsage> told, Instant now) {
        return told.stream()
                .filter(usage -> usage.getFsId().getMountpoint().startsWith("/"))
                .findFirst()
                .flatMap(usage ->
                        FileSystems.of(Path.of(usage.getFsId().getMountpoint()), now, Optional.of(used(usage))));
    }

    @Override
    public void close() {
        disks.close();
    }
}
