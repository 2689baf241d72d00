package io.keelson.agent.eviction;

import static io.keelson.agent.eviction.TestUse.MEBI;
import static io.keelson.agent.eviction.TestUse.asking;
import static io.keelson.agent.eviction.TestUse.disk;
import static io.keelson.agent.eviction.TestUse.memory;
import static io.keelson.agent.eviction.TestUse.pod;
import static io.keelson.controllers.testing.TestCluster.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.eviction.NodePicture.PodUse;
import io.keelson.agent.image.RecordedEvents;
import io.keelson.agent.pods.PodAdmission.Refusal;
import io.keelson.controllers.testing.ManualTime;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EvictionTest {
    private final ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
    private final RecordedEvents events = new RecordedEvents();
    private final EndedPods pods = new EndedPods();
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final TestNodeUse use = new TestNodeUse();
    private final Set<String> gone = ConcurrentHashMap.newKeySet();
    private final List<String> removed = new CopyOnWriteArrayList<>();
    private volatile Runnable onRemoval = () -> {};
    private final Eviction eviction = new Eviction(
            EvictionSettings.DEFAULTS,
            use,
            pods,
            gone::contains,
            new NodeWaste() {
                @Override
                public void removeContainers() throws IOException {
                    removed.add("containers");
                    throw new IOException("the runtime is busy");
                }

                @Override
                public void removeImages() {
                    removed.add("images");
                    onRemoval.run();
                }
            },
            () -> new NodeBuilder()
                    .withNewMetadata()
                    .withName("n")
                    .endMetadata()
                    .build(),
            events,
            time,
            new EvictionMetrics(registry));

    /** What the node has, as a test says. */
    private final class TestNodeUse implements UsageSource {
        final Map<Signal, Long> available = new ConcurrentHashMap<>(
                Map.of(Signal.MEMORY_AVAILABLE, 900 * MEBI, Signal.NODEFS_AVAILABLE, 900 * MEBI));
        final Map<String, PodUse> uses = new ConcurrentHashMap<>();
        final AtomicInteger looks = new AtomicInteger();
        volatile boolean isBroken;
        volatile boolean isLayoutUnknown;

        @Override
        public NodePicture look() throws IOException {
            looks.incrementAndGet();
            if (isBroken) {
                throw new IOException("the runtime does not answer");
            }
            Map<Signal, Observation> observed = new ConcurrentHashMap<>();
            available.forEach(
                    (signal, left) -> observed.put(signal, new Observation(left, 1000 * MEBI, time.instant())));
            return new NodePicture(observed, uses);
        }

        @Override
        public DiskLayout layout() throws IOException {
            if (isLayoutUnknown) {
                throw new IOException("the runtime does not tell where images are");
            }
            return DiskLayout.ONE;
        }
    }

    @AfterEach
    void end() {
        eviction.close();
        time.close();
    }

    /** Has it look once more. */
    private void lookAgain(Duration after) throws InterruptedException {
        int before = use.looks.get();
        await("it looks again", () -> {
            if (use.looks.get() == before) {
                time.advance(after);
            }
            return use.looks.get() > before;
        });
    }

    private Optional<Refusal> refusal(Pod pod) {
        return eviction.admission().refusal(pod, List.of());
    }

    @Test
    void onePodAfterTheOtherEndsUntilThereIsEnough() throws InterruptedException {
        for (String uid : List.of("small", "middle", "large")) {
            pods.pods.add(asking(uid, 0, 0));
        }
        use.uses.putAll(Map.of("small", memory(MEBI), "middle", memory(2 * MEBI), "large", memory(3 * MEBI)));
        use.available.put(Signal.MEMORY_AVAILABLE, 50 * MEBI);
        eviction.start();
        await("the largest is ended", () -> pods.ended.size() == 1);
        // It has ended, but something of it is left.
        time.advance(Duration.ofSeconds(1));
        assertEquals(List.of("evict large 1"), pods.ended);
        assertEquals(List.of("Warning EvictionThresholdMet Attempting to reclaim memory"), events.told());
        gone.add("large");
        await("the next one is ended", () -> {
            time.advance(Duration.ofSeconds(1));
            return pods.ended.size() == 2;
        });
        use.available.put(Signal.MEMORY_AVAILABLE, 500 * MEBI);
        gone.add("middle");
        lookAgain(Duration.ofSeconds(1));
        assertEquals(List.of("evict large 1", "evict middle 1"), pods.ended);
        GaugeSnapshot counted = (GaugeSnapshot)
                registry.scrape(name -> name.equals("kubelet_evictions")).get(0);
        assertEquals(2, counted.getDataPoints().getFirst().getValue());
        assertEquals(Set.of(Pressure.MEMORY), eviction.pressures());
        time.advance(Duration.ofMinutes(5));
        lookAgain(Duration.ofSeconds(10));
        await("the pressure is over", () -> eviction.pressures().isEmpty());
    }

    @Test
    void aPodThatDoesNotGoShieldsNobody() throws InterruptedException {
        pods.pods.addAll(List.of(asking("stuck", 0, 0), asking("other", 0, 1)));
        use.available.put(Signal.MEMORY_AVAILABLE, 50 * MEBI);
        pods.isStuck = true;
        eviction.start();
        await("the first one is ended", () -> pods.ended.equals(List.of("evict stuck 1")));
        await("the other one is ended", () -> {
            time.advance(Duration.ofSeconds(1));
            return pods.ended.size() == 2;
        });
        assertEquals("evict other 1", pods.ended.getLast());
        assertTrue(time.instant().isAfter(Instant.parse("2026-01-01T00:00:29Z")), "it has waited before");
    }

    @Test
    void noPodEndsWhenWasteIsEnough() throws InterruptedException {
        pods.pods.add(asking("p", 0, 0));
        use.available.put(Signal.NODEFS_AVAILABLE, 50 * MEBI);
        onRemoval = () -> use.available.put(Signal.NODEFS_AVAILABLE, 500 * MEBI);
        eviction.start();
        await("it has looked whether that was enough", () -> use.looks.get() == 2);
        lookAgain(Duration.ofSeconds(10));
        assertEquals(List.of("containers", "images"), removed);
        assertEquals(List.of(), pods.ended);
        assertEquals(List.of("Warning EvictionThresholdMet Attempting to reclaim ephemeral-storage"), events.told());
        assertEquals(Set.of(Pressure.DISK), eviction.pressures());
    }

    @Test
    void allThatGoBeyondTheirOwnLimitsEnd() throws InterruptedException {
        for (String uid : List.of("a", "b", "c")) {
            pods.pods.add(pod(uid, "containers: [{name: c, image: i, resources: {limits: {ephemeral-storage: 1Mi}}}]"));
            use.uses.put(uid, disk(uid.equals("c") ? 0 : 2 * MEBI, 0, Map.of()));
        }
        eviction.start();
        await("both are ended", () -> pods.ended.size() == 2);
        assertEquals(Set.of("fail a 1", "fail b 1"), Set.copyOf(pods.ended));
        assertEquals(Set.of(), eviction.pressures());
        assertEquals(List.of(), events.told());
    }

    @Test
    void memoryIsLookedAfterThoughItIsNotKnownHowDisksAre() throws InterruptedException {
        pods.pods.add(asking("p", 0, 0));
        use.available.put(Signal.MEMORY_AVAILABLE, 50 * MEBI);
        use.isLayoutUnknown = true;
        eviction.start();
        await("it is ended", () -> pods.ended.equals(List.of("evict p 1")));
    }

    @Test
    void whatIsNotKnownEndsNobody() throws InterruptedException {
        pods.pods.add(asking("p", 0, 0));
        use.available.put(Signal.MEMORY_AVAILABLE, 50 * MEBI);
        use.isBroken = true;
        eviction.start();
        await("it looks", () -> use.looks.get() == 1);
        lookAgain(Duration.ofSeconds(10));
        assertEquals(List.of(), pods.ended);
        use.isBroken = false;
        lookAgain(Duration.ofSeconds(10));
        await("it is ended", () -> pods.ended.size() == 1);
    }

    @Test
    void underPressureOnlyThoseAreLetInThatTheNodeCanBear() throws InterruptedException {
        Pod any = asking("any", 0, 0);
        Pod asking = asking("asking", MEBI, 0);
        Pod tolerant = pod("tolerant", """
                containers: [{name: c, image: i}]
                tolerations: [{key: node.kubernetes.io/memory-pressure, operator: Exists}]
                """);
        Pod critical = asking("critical", 0, 2_000_000_000);
        assertEquals(Optional.empty(), refusal(any));
        use.available.put(Signal.MEMORY_AVAILABLE, 50 * MEBI);
        eviction.start();
        await("the node is under pressure", () -> !eviction.pressures().isEmpty());
        assertEquals(Optional.of(new Refusal("Evicted", "The node had condition: [MemoryPressure]. ")), refusal(any));
        for (Pod each : List.of(asking, tolerant, critical)) {
            assertEquals(Optional.empty(), refusal(each));
        }
        use.available.put(Signal.NODEFS_AVAILABLE, 50 * MEBI);
        await("the node is under more", () -> {
            time.advance(Duration.ofSeconds(10));
            return eviction.pressures().size() == 2;
        });
        for (Pod each : List.of(any, asking, tolerant)) {
            assertEquals(
                    Optional.of(new Refusal("Evicted", "The node had condition: [DiskPressure MemoryPressure]. ")),
                    refusal(each));
        }
        assertEquals(Optional.empty(), refusal(critical));
    }
}
