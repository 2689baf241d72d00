package io.keelson.agent.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.grpc.Status;
import io.keelson.agent.cri.FakeRuntime;
import io.keelson.agent.cri.ObserverMetrics;
import io.keelson.agent.cri.ObserverSettings;
import io.keelson.agent.cri.RuntimeObserver;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.cri.TestPods;
import io.keelson.controllers.testing.ManualTime;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCollectorTest {
    private static final long GIBI = 1L << 30;

    @TempDir
    private Path folder;

    private final ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
    private final FakeRuntime runtime = new FakeRuntime(time);
    private final RuntimeObserver observer = new RuntimeObserver(
            runtime.connection(), ObserverSettings.DEFAULTS, time, new ObserverMetrics(new PrometheusRegistry()));
    private final RecordedEvents events = new RecordedEvents();
    private Set<String> otherUses = Set.of();
    private long otherBytes;

    @AfterEach
    void close() {
        observer.close();
        runtime.close();
    }

    /** On a disk of 100 GiB. */
    private ImageCollector collector(ImageGarbagePolicy policy) throws IOException {
        return new ImageCollector(
                runtime.connection(),
                observer,
                () -> otherUses,
                policy,
                () -> {
                    long used = otherBytes;
                    for (var image : runtime.images().images().values()) {
                        used += image.getSize();
                    }
                    return new ImageDisk.Space(100 * GIBI, 100 * GIBI - used);
                },
                new PullRecords(folder, CredentialPolicy.DEFAULT, time),
                () -> new NodeBuilder()
                        .withNewMetadata()
                        .withName("n")
                        .endMetadata()
                        .build(),
                events,
                time,
                new ImageMetrics(new PrometheusRegistry()));
    }

    private Set<String> left() {
        Set<String> names = new TreeSet<>();
        runtime.images()
                .images()
                .values()
                .forEach(image -> names.add(image.getRepoTags(0).replaceAll("^.*/", "")));
        return names;
    }

    private void have(String name, long gibi) {
        String _ = runtime.images().have(name, gibi * GIBI);
    }

    @Test
    void belowTheThresholdNothingIsRemoved() throws Exception {
        have("a:1", 84);
        ImageCollector collector = collector(ImageGarbagePolicy.DEFAULTS);
        time.advance(Duration.ofHours(1));
        collector.collect();
        assertEquals(Set.of("a:1"), left());
    }

    @Test
    void whatWasNotUsedForTheLongestTimeGoesFirstAndNoMoreThanHasTo() throws Exception {
        have("old:1", 30);
        ImageCollector collector = collector(ImageGarbagePolicy.DEFAULTS);
        collector.collect();
        time.advance(Duration.ofMinutes(5));
        have("middle:1", 30);
        collector.collect();
        time.advance(Duration.ofMinutes(5));
        have("new:1", 30);
        collector.collect();
        assertEquals(Set.of("middle:1", "new:1"), left());
    }

    @Test
    void imagesOfContainersOfOthersAndPinnedOnesStay() throws Exception {
        otherBytes = 90 * GIBI;
        have(TestPods.IMAGE, 1);
        have("volume:1", 1);
        String id = runtime.images().have("sandbox:1", GIBI);
        String _ = runtime.images().havePinned("pinned:1", GIBI);
        String _ = TestPods.run(runtime, "a", "main");
        runtime.exit(runtime.last("main").getId(), 0);
        RuntimePod _ = observer.refresh("a");
        otherUses = Set.of("docker.io/library/volume:1", id);
        ImageCollector collector = collector(ImageGarbagePolicy.DEFAULTS);
        time.advance(Duration.ofHours(1));
        assertThrows(IOException.class, collector::collect);
        assertEquals(Set.of("busybox:1", "pinned:1", "sandbox:1", "volume:1"), left());
    }

    @Test
    void aYoungImageStaysTwoMinutes() throws Exception {
        ImageCollector collector = collector(ImageGarbagePolicy.DEFAULTS);
        collector.collect();
        have("young:1", 90);
        assertThrows(IOException.class, collector::collect);
        time.advance(Duration.ofMinutes(2));
        collector.collect();
        assertEquals(Set.of(), left());
    }

    @Test
    void anImageThatAContainerAskedForStaysUntilTheContainerIsThere() throws Exception {
        String id = runtime.images().have("a:1", 90 * GIBI);
        ImageCollector collector = collector(ImageGarbagePolicy.DEFAULTS);
        time.advance(Duration.ofHours(1));
        collector.asked(id);
        assertThrows(IOException.class, collector::collect);
        time.advance(Duration.ofMinutes(1));
        assertEquals(0, collector.removeUnused());
        time.advance(Duration.ofMinutes(2));
        assertEquals(90 * GIBI, collector.removeUnused());
    }

    @Test
    void whenNotEnoughCanBeRemovedTheNodeTellsOfIt() throws Exception {
        otherBytes = 90 * GIBI;
        have("a:1", 2);
        ImageCollector collector = collector(ImageGarbagePolicy.DEFAULTS);
        String message =
                "Insufficient free disk space on the node's image filesystem (92% of 100.0 GiB used). Failed to free "
                        + "sufficient space by deleting unused images (freed 2147483648 bytes). "
                        + "Investigate disk usage, as it could "
                        + "be used by active images, logs, volumes, or other data.";
        assertEquals(
                message, assertThrows(IOException.class, collector::collect).getMessage());
        assertEquals(List.of("Warning FreeDiskSpaceFailed " + message), events.told());
    }

    @Test
    void whatCannotBeRemovedDoesNotKeepOthersFromIt() throws Exception {
        have("a:1", 50);
        have("b:1", 45);
        runtime.failOnce("RemoveImage", Status.UNKNOWN.withDescription("busy"));
        ImageCollector collector = collector(ImageGarbagePolicy.DEFAULTS);
        String message = String.valueOf(
                assertThrows(IOException.class, collector::collect).getMessage());
        assertTrue(message.startsWith("wanted to free "), message);
        assertTrue(message.contains("with errors in image deletion: rpc error: code = Unknown desc = busy"), message);
        assertEquals(1, left().size());
    }

    @Test
    void imagesThatWereNotUsedForTooLongGoThoughThereIsSpace() throws Exception {
        have("old:1", 1);
        ImageCollector collector =
                collector(new ImageGarbagePolicy(85, 80, Duration.ofMinutes(2), Duration.ofHours(1)));
        collector.collect();
        time.advance(Duration.ofMinutes(59));
        have("new:1", 1);
        collector.collect();
        assertEquals(Set.of("new:1", "old:1"), left());
        time.advance(Duration.ofMinutes(2));
        collector.collect();
        assertEquals(Set.of("new:1"), left());
    }

    @Test
    void aDiskOfNoSizeIsTold() throws Exception {
        ImageCollector collector = new ImageCollector(
                runtime.connection(),
                observer,
                Set::of,
                ImageGarbagePolicy.DEFAULTS,
                () -> new ImageDisk.Space(0, 0),
                new PullRecords(folder, CredentialPolicy.DEFAULT, time),
                () -> new NodeBuilder()
                        .withNewMetadata()
                        .withName("n")
                        .endMetadata()
                        .build(),
                events,
                time,
                new ImageMetrics(new PrometheusRegistry()));
        assertThrows(IOException.class, collector::collect);
        assertEquals(List.of("Warning InvalidDiskCapacity invalid capacity 0 on image filesystem"), events.told());
    }

    @Test
    void theDiskIsTheOneThatTheRuntimeNames() throws Exception {
        runtime.images().mountpoint("/");
        ImageDisk.Space space = ImageDisk.of(runtime.connection()).space();
        assertTrue(space.capacityBytes() >= space.availableBytes() && space.capacityBytes() > 0);
        runtime.images().mountpoint("/no/such/folder");
        assertThrows(IOException.class, () -> ImageDisk.of(runtime.connection()).space());
        runtime.fail("ImageFsInfo", Status.UNIMPLEMENTED);
        assertThrows(IOException.class, () -> ImageDisk.of(runtime.connection()).space());
    }

    @Test
    void thresholdsThatMakeNoSenseAreRefused() {
        Duration none = Duration.ZERO;
        assertThrows(IllegalArgumentException.class, () -> new ImageGarbagePolicy(101, 80, none, none));
        assertThrows(IllegalArgumentException.class, () -> new ImageGarbagePolicy(85, -1, none, none));
        assertThrows(IllegalArgumentException.class, () -> new ImageGarbagePolicy(80, 85, none, none));
        assertThrows(
                IllegalArgumentException.class,
                () -> new ImageGarbagePolicy(85, 80, Duration.ofMinutes(2), Duration.ofMinutes(1)));
    }
}
