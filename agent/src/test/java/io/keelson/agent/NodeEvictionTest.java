package io.keelson.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.TestNode.Life;
import io.keelson.agent.eviction.Eviction;
import io.keelson.agent.eviction.EvictionMetrics;
import io.keelson.agent.eviction.EvictionSettings;
import io.keelson.agent.eviction.NodeWaste;
import io.keelson.agent.eviction.StatisticsSource;
import io.keelson.agent.eviction.Thresholds;
import io.keelson.agent.resources.CgroupReader;
import io.keelson.agent.stats.NodeStatistics;
import io.keelson.agent.stats.VolumePlaces;
import io.keelson.agent.volumes.DiskUsage;
import io.keelson.agent.volumes.PluginUsage;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods that end because of what this machine's cgroups, disks and volumes really show. */
class NodeEvictionTest {
    private final ManualTime time = new ManualTime(Instant.now());
    private TestNode node;
    private Life agent;
    private NodeStatistics statistics;
    private Path volume;

    @BeforeEach
    void begin(@TempDir Path folder) throws Exception {
        volume = Files.createDirectories(folder.resolve("cache"));
        node = new TestNode(folder, time);
        agent = node.agent(time);
        Files.createDirectories(node.folders().root());
        node.runtime.images().mountpoint("/");
        VolumePlaces places = new VolumePlaces() {
            @Override
            public @Nullable Path path(Pod pod, String name) {
                return name.equals("cache") ? volume : null;
            }

            @Override
            public Map<String, DiskUsage> usage(Pod pod) throws IOException {
                return Map.of("cache", DiskUsage.of(volume));
            }

            @Override
            public Optional<PluginUsage> told(Pod pod, String name) {
                return Optional.empty();
            }
        };
        statistics = new NodeStatistics(
                new NodeStatistics.Settings(node.name, node.folders(), "/kubepods-of-nobody", Duration.ofSeconds(1)),
                node.runtime.connection(),
                agent.observed(),
                agent.pods(),
                places,
                CgroupReader.ofMachine(),
                time);
        statistics.start();
    }

    @AfterEach
    void end() {
        statistics.close();
        agent.close();
        node.close();
        time.close();
    }

    private Eviction eviction(Map<String, String> hard) {
        EvictionSettings usual = EvictionSettings.DEFAULTS;
        EvictionSettings settings = new EvictionSettings(
                Thresholds.parse(hard, Map.of(), Map.of(), Map.of(), false),
                usual.pressureFor(),
                usual.graceSecondsMax(),
                usual.every(),
                usual.limitsStorage());
        NodeWaste none = new NodeWaste() {
            @Override
            public void removeContainers() {}

            @Override
            public void removeImages() {}
        };
        return new Eviction(
                settings,
                new StatisticsSource(statistics),
                agent.pods(),
                uid -> !node.rooms.volumes.podsWithVolumes().contains(uid),
                none,
                node::node,
                agent.events(),
                time,
                new EvictionMetrics(new PrometheusRegistry()));
    }

    private Pod awaitFailed(String pod) throws InterruptedException {
        return node.await(pod, "it fails", now -> {
            time.advance(Duration.ofSeconds(1));
            return Pods.phase(now).equals("Failed");
        });
    }

    @Test
    void whoWritesMoreThanItsVolumeMayHoldEnds() throws Exception {
        node.create("web", """
                containers: [{name: a, image: docker.io/library/x:1}]
                volumes: [{name: cache, emptyDir: {sizeLimit: 1Mi}}]
                """);
        node.awaitReady("web");
        try (Eviction eviction = eviction(Map.of())) {
            eviction.start();
            time.advance(Duration.ofSeconds(30));
            assertTrue(node.isReady("web"));
            Files.write(volume.resolve("file"), new byte[2 << 20]);
            Pod evicted = awaitFailed("web");
            assertEquals("Evicted", evicted.getStatus().getReason());
            assertEquals(
                    "Usage of EmptyDir volume \"cache\" exceeds the limit \"1Mi\". ",
                    evicted.getStatus().getMessage());
            assertNull(Pods.condition(evicted, "DisruptionTarget"));
            TestCluster.await("it is told", () -> node.wasTold("web", "Evicted", "Usage of EmptyDir volume"));
        }
    }

    @Test
    void aNodeThatIsShortOfMemoryEndsAPodAndLetsNoneInThatAsksForNothing() throws Exception {
        String one = "containers: [{name: a, image: docker.io/library/x:1}]";
        node.create("web", one);
        node.awaitReady("web");
        try (Eviction eviction = eviction(Map.of("memory.available", "1Pi"))) {
            node.admission = eviction.admission();
            eviction.start();
            Pod evicted = awaitFailed("web");
            assertEquals("Evicted", evicted.getStatus().getReason());
            String message = evicted.getStatus().getMessage();
            assertTrue(
                    message.startsWith("The node was low on resource: memory. Threshold quantity: 1Pi, available: "),
                    message);
            assertNotNull(Pods.condition(evicted, "DisruptionTarget"));
            node.create("next", one);
            Pod refused = node.awaitPhase("next", "Failed");
            assertEquals("Evicted", refused.getStatus().getReason());
            assertEquals(
                    "Pod was rejected: The node had condition: [MemoryPressure]. ",
                    refused.getStatus().getMessage());
            node.create("counted", """
                    containers: [{name: a, image: docker.io/library/x:1, resources: {requests: {memory: 1Mi}}}]
                    """);
            node.await(
                    "counted",
                    "it is let in",
                    pod -> pod.getStatus() != null
                            && !pod.getStatus().getContainerStatuses().isEmpty()
                            && !"Evicted".equals(pod.getStatus().getReason()));
        }
    }
}
