package io.keelson.agent.image;

import static io.keelson.controllers.testing.TestCluster.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.grpc.Status;
import io.keelson.agent.cri.FakeRuntime;
import io.keelson.agent.cri.ObserverMetrics;
import io.keelson.agent.cri.ObserverSettings;
import io.keelson.agent.cri.RuntimeObserver;
import io.keelson.controllers.testing.ManualTime;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GarbageCollectionTest {
    @Test
    void imagesThatCannotBeCollectedTwiceInARowAreTold(@TempDir Path folder) throws Exception {
        ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
        RecordedEvents events = new RecordedEvents();
        Supplier<HasMetadata> node = () ->
                new NodeBuilder().withNewMetadata().withName("n").endMetadata().build();
        PodContents contents = new PodContents() {
            @Override
            public boolean mayGo(String podUid) {
                return false;
            }

            @Override
            public boolean runtimeMayGo(String podUid) {
                return false;
            }
        };
        try (FakeRuntime runtime = new FakeRuntime(time);
                RuntimeObserver observer = new RuntimeObserver(
                        runtime.connection(),
                        ObserverSettings.DEFAULTS,
                        time,
                        new ObserverMetrics(new PrometheusRegistry()))) {
            runtime.fail("ListImages", Status.UNAVAILABLE.withDescription("gone"));
            ImageCollector images = new ImageCollector(
                    runtime.connection(),
                    observer,
                    Set::of,
                    ImageGarbagePolicy.DEFAULTS,
                    () -> new ImageDisk.Space(1, 1),
                    new PullRecords(folder.resolve("records"), CredentialPolicy.DEFAULT, time),
                    node,
                    events,
                    time,
                    new ImageMetrics(new PrometheusRegistry()));
            ContainerCollector containers = new ContainerCollector(
                    runtime.connection(),
                    observer,
                    contents,
                    ContainerGarbagePolicy.DEFAULTS,
                    folder.resolve("logs"),
                    time);
            try (GarbageCollection collection = new GarbageCollection(
                    containers, images, ImageGarbagePolicy.DEFAULTS, () -> true, node, events, time)) {
                collection.start();
                await("it has tried once", () -> runtime.calls("ListImages") == 1);
                assertEquals(List.of(), events.told());
                await("it has tried again", () -> {
                    time.advance(Duration.ofMinutes(5));
                    return runtime.calls("ListImages") >= 2;
                });
                await("it is told", () -> !events.told().isEmpty());
                assertTrue(events.told()
                        .getFirst()
                        .equals("Warning ImageGCFailed failed to list images: rpc error: "
                                + "code = Unavailable desc = gone"));
            }
        }
    }
}
