package io.keelson.agent.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.agent.cri.ObserverMetrics;
import io.keelson.agent.cri.ObserverSettings;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeLabels;
import io.keelson.agent.cri.RuntimeObserver;
import io.keelson.agent.cri.RuntimePlayground;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.pods.PodFolders;
import io.keelson.agent.resources.CgroupReader;
import io.keelson.agent.resources.NodeCgroups;
import io.keelson.agent.resources.ResourceSettings;
import io.keelson.agent.stats.NodeUsage.ContainerUsage;
import io.keelson.agent.stats.NodeUsage.PodUsage;
import io.keelson.agent.stats.NodeUsage.VolumeUsage;
import io.keelson.agent.volumes.DiskUsage;
import io.keelson.agent.volumes.PluginUsage;
import io.keelson.agent.wire.cri.ContainerMetadata;
import io.keelson.agent.wire.cri.NamespaceMode;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a node and a pod on it use is found, whichever runtime runs it. */
public final class StatisticsSuite {
    private static final long MEBI = 1 << 20;

    private StatisticsSuite() {}

    /** One pod, known to the agent. */
    record OnePod(Pod pod) implements AgentPods {
        @Override
        public List<Pod> pods() {
            return List.of(pod);
        }

        @Override
        public Optional<Pod> find(String namespace, String name, String uid) {
            return Optional.empty();
        }

        @Override
        public Optional<String> runningContainer(Pod of, String container) {
            return Optional.empty();
        }

        @Override
        public Optional<String> sandbox(Pod of) {
            return Optional.empty();
        }

        @Override
        public Optional<Path> log(Pod of, String container, boolean previous) {
            return Optional.empty();
        }

        @Override
        public void evict(Pod of, String reason, String message, long graceSeconds) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void fail(Pod of, String reason, String message, long graceSeconds) {
            throw new UnsupportedOperationException();
        }
    }

    /** One volume on the disk. */
    private record OneVolume(Path path) implements VolumePlaces {
        @Override
        public @Nullable Path path(Pod pod, String volume) {
            return path;
        }

        @Override
        public Map<String, DiskUsage> usage(Pod pod) throws IOException {
            return Map.of("scratch", DiskUsage.of(path));
        }

        @Override
        public Optional<PluginUsage> told(Pod pod, String volume) {
            return Optional.empty();
        }
    }

    /**
     * Runs a pod that does something, and looks.
     *
     * @param network of the pod: its own, or the node's
     */
    public static void check(RuntimeConnection connection, String image, NamespaceMode network, Path folder)
            throws Exception {
        String uid = UUID.randomUUID().toString();
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName("busy")
                .withNamespace("test")
                .withUid(uid)
                .endMetadata()
                .withNewSpec()
                .withHostNetwork(network == NamespaceMode.NODE)
                .addNewContainer()
                .withName("main")
                .endContainer()
                .addNewVolume()
                .withName("scratch")
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .endSpec()
                .build();
        Path volume = Files.createDirectories(folder.resolve("scratch"));
        Files.write(volume.resolve("file"), new byte[(int) MEBI]);
        PodFolders folders = new PodFolders(Files.createDirectories(folder.resolve("kubelet")), folder.resolve("logs"));
        Path logs = Files.createDirectories(folders.logs(pod).resolve("main"));
        Files.write(logs.resolve("0.log"), new byte[8192]);
        ResourceSettings usual = ResourceSettings.DEFAULTS;
        ResourceSettings settings = new ResourceSettings(
                "/keelson-test-" + UUID.randomUUID(),
                usual.cpuQuota(),
                usual.cpuPeriod(),
                usual.pidsMax(),
                usual.memoryQos(),
                usual.memoryThrottling(),
                usual.singleProcessOomKill());
        NodeCgroups cgroups = NodeCgroups.ofMachine(settings, 8L << 30, 8L << 30, Optional.empty());
        cgroups.start();
        String cgroup = cgroups.cgroup(pod);
        RuntimePlayground pods = new RuntimePlayground(connection, image, cgroup, folder);
        Map<String, String> labels =
                Map.of(RuntimeLabels.POD_NAME, "busy", RuntimeLabels.POD_NAMESPACE, "test", RuntimeLabels.POD_UID, uid);
        try (Time time = Time.system();
                RuntimeObserver observer = new RuntimeObserver(
                        connection, ObserverSettings.DEFAULTS, time, new ObserverMetrics(new PrometheusRegistry()));
                NodeStatistics statistics = new NodeStatistics(
                        new NodeStatistics.Settings("node-1", folders, settings.podsCgroup(), Duration.ofSeconds(30)),
                        connection,
                        observer,
                        new OnePod(pod),
                        new OneVolume(volume),
                        CgroupReader.ofMachine(),
                        time)) {
            String sandbox = pods.run(config -> {
                config.putAllLabels(labels).getMetadataBuilder().setUid(uid);
                if (network == NamespaceMode.NODE) {
                    config.clearHostname();
                }
                config.getLinuxBuilder()
                        .getSecurityContextBuilder()
                        .getNamespaceOptionsBuilder()
                        .setNetwork(network);
            });
            String id = pods.create(
                    sandbox,
                    pods.shell("echo done; while true; do :; done")
                            .setMetadata(ContainerMetadata.newBuilder().setName("main"))
                            .putAllLabels(labels)
                            .putLabels(RuntimeLabels.CONTAINER_NAME, "main"));
            pods.start(id);
            pods.awaitOutput(id, "done");
            observer.start();
            observer.awaitComplete(Duration.ofSeconds(30));
            statistics.start();
            NodeUsage first = statistics.usage(Duration.ZERO);
            assertSame(first, statistics.usage(Duration.ofMinutes(1)));
            PodUsage early = only(first, uid);
            long before = early.figures().orElseThrow().usage().cpu().nanos();
            pods.awaitTrue(() -> {
                PodUsage now = only(statistics.usage(Duration.ZERO), uid);
                return !now.volumes().isEmpty()
                        && now.figures().orElseThrow().usage().cpu().nanos() > before + 200_000_000
                        && now.containers()
                                .getFirst()
                                .figures()
                                .orElseThrow()
                                .rateNanos()
                                .isPresent();
            });
            NodeUsage usage = statistics.usage(Duration.ofMinutes(1));
            checkNode(usage);
            PodUsage found = only(usage, uid);
            assertEquals(cgroup, found.cgroup());
            ContainerUsage main = found.containers().getFirst();
            assertEquals("main", main.name());
            assertEquals(id, main.id());
            assertTrue(main.cgroup().startsWith(cgroup + '/'), main.cgroup());
            assertTrue(main.figures().orElseThrow().usage().cpu().nanos() > 0);
            assertTrue(main.figures().orElseThrow().usage().memory().workingSetBytes() > 0);
            assertEquals(1, main.figures().orElseThrow().usage().tasks().processes());
            // How much that is, runtimes look now and then only.
            assertTrue(main.written().isPresent(), main::toString);
            assertEquals(8192, main.logs().orElseThrow().bytes() - directory(logs));
            VolumeUsage scratch = found.volumes().getFirst();
            assertTrue(scratch.disk().usedBytes() >= MEBI, scratch::toString);
            assertTrue(found.disk().orElseThrow().bytes() >= MEBI, found::toString);
        } finally {
            pods.removeAll();
            cgroups.removeAll();
        }
    }

    private static long directory(Path folder) throws IOException {
        return DiskUsage.of(folder).bytes() - 8192;
    }

    private static PodUsage only(NodeUsage usage, String uid) {
        return usage.pods().stream()
                .filter(pod -> pod.uid().equals(uid))
                .findFirst()
                .orElseThrow();
    }

    private static void checkNode(NodeUsage usage) {
        var memory = usage.figures().usage().memory();
        assertTrue(memory.workingSetBytes() > 0
                && memory.workingSetBytes() < memory.limitBytes().orElseThrow());
        assertTrue(memory.availableBytes().orElseThrow() > 0);
        assertTrue(usage.processes().running() > 0
                && usage.processes().max() > usage.processes().running());
        assertTrue(usage.nodeDisk().orElseThrow().availableBytes() > 0);
        assertTrue(usage.nodeDisk().orElseThrow().inodesFree() > 0);
        assertTrue(usage.groups().get("pods") != null);
    }
}
