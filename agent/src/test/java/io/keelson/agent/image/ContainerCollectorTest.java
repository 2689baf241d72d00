package io.keelson.agent.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.keelson.agent.cri.FakeRuntime;
import io.keelson.agent.cri.ObserverMetrics;
import io.keelson.agent.cri.ObserverSettings;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimeObserver;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.cri.TestPods;
import io.keelson.agent.wire.cri.ContainerMetadata;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.ContainerStatus;
import io.keelson.controllers.testing.ManualTime;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
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
import java.util.Set;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerCollectorTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    private Path logs;

    private final ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
    private final FakeRuntime runtime = new FakeRuntime(time);
    private final RuntimeObserver observer = new RuntimeObserver(
            runtime.connection(), ObserverSettings.DEFAULTS, time, new ObserverMetrics(new PrometheusRegistry()));
    private final Set<String> gone = new HashSet<>();
    private final Set<String> ended = new HashSet<>();

    private final PodContents contents = new PodContents() {
        @Override
        public boolean mayGo(String podUid) {
            return gone.contains(podUid);
        }

        @Override
        public boolean runtimeMayGo(String podUid) {
            return gone.contains(podUid) || ended.contains(podUid);
        }
    };

    @BeforeEach
    void start() throws Exception {
        observer.start();
        observer.awaitComplete(LIMIT);
    }

    @AfterEach
    void close() {
        observer.close();
        runtime.close();
    }

    private ContainerCollector collector() {
        return new ContainerCollector(
                runtime.connection(), observer, contents, ContainerGarbagePolicy.DEFAULTS, logs, time);
    }

    /** A pod whose container has run so often, and runs now. */
    private String restarted(String uid, int runs) {
        String sandbox = TestPods.run(runtime, uid);
        for (int attempt = 0; attempt <= runs; attempt++) {
            time.advance(Duration.ofSeconds(1));
            String id = TestPods.start(runtime, uid, sandbox, uid, attempt);
            if (attempt < runs) {
                runtime.exit(id, 1);
            }
        }
        RuntimePod _ = observer.refresh(uid);
        return sandbox;
    }

    private List<Integer> attempts(String container) {
        return runtime.runs(container).stream()
                .map(run -> run.getMetadata().getAttempt())
                .toList();
    }

    @Test
    void ofEachContainerTheLastDeadRunIsKept() throws Exception {
        String _ = restarted("a", 4);
        String _ = restarted("b", 1);
        collector().collect(true);
        assertEquals(List.of(3, 4), attempts("a"));
        assertEquals(List.of(0, 1), attempts("b"));
    }

    @Test
    void logsOfRemovedRunsGoWithThem() throws Exception {
        ContainerCollector collector = collector();
        String _ = restarted("a", 3);
        Path folder = Files.createDirectories(logs.resolve("default_a_a/a"));
        for (String name : List.of("0.log", "0.log.20260101-000000.gz", "1.log", "2.log", "3.log", "00.log")) {
            Files.createFile(folder.resolve(name));
        }
        // The fake names the machine's folder of logs, which is not the collector's: nothing there may be touched.
        collector.collect(true);
        assertTrue(Files.exists(folder.resolve("0.log")));
        ContainerCollector ofFake = new ContainerCollector(
                runtime.connection(), observer, contents, new ContainerGarbagePolicy(Duration.ZERO, 0, -1), logs, time);
        runtime.logs(logs);
        String _ = restarted("c", 2);
        Path other = Files.createDirectories(logs.resolve("default_c_c/c"));
        for (String name : List.of("0.log", "0.log.20260101-000000.gz", "1.log", "2.log", "00.log")) {
            Files.createFile(other.resolve(name));
        }
        ofFake.collect(true);
        assertFalse(Files.exists(other.resolve("0.log")));
        assertFalse(Files.exists(other.resolve("0.log.20260101-000000.gz")));
        assertFalse(Files.exists(other.resolve("1.log")));
        assertTrue(Files.exists(other.resolve("2.log")));
        assertTrue(Files.exists(other.resolve("00.log")));
    }

    @Test
    void ofAPodThatIsGoneAllGoesButOnlyWhenAllPodsAreKnown() throws Exception {
        String sandbox = restarted("a", 2);
        runtime.killSandbox(sandbox);
        RuntimePod _ = observer.refresh("a");
        Path folder = Files.createDirectories(logs.resolve("default_a_a/a"));
        Files.createFile(folder.resolve("5.log"));
        Path outside = Files.createDirectory(logs.resolve("default_x_x"));
        Files.createSymbolicLink(folder.resolve("link"), outside);
        gone.add("a");
        collector().collect(false);
        assertEquals(1, runtime.sandboxes().size());
        assertTrue(Files.exists(folder));
        collector().collect(true);
        assertTrue(runtime.containers().isEmpty());
        assertTrue(runtime.sandboxes().isEmpty());
        assertFalse(Files.exists(logs.resolve("default_a_a")));
        assertTrue(Files.exists(outside));
    }

    @Test
    void aPodThatEndedIsRemovedOnlyForWantOfSpace() throws Exception {
        String sandbox = restarted("a", 1);
        runtime.killSandbox(sandbox);
        RuntimePod _ = observer.refresh("a");
        ended.add("a");
        Files.createDirectories(logs.resolve("default_a_a/a"));
        collector().collect(true);
        assertEquals(1, runtime.sandboxes().size());
        collector().removeEnded();
        assertTrue(runtime.sandboxes().isEmpty());
        assertTrue(Files.exists(logs.resolve("default_a_a")));
    }

    @Test
    void aSandboxThatIsReadyOrTheNewestOrNotEmptyIsKept() throws Exception {
        String first = TestPods.run(runtime, "a");
        runtime.killSandbox(first);
        RuntimePod _ = observer.refresh("a");
        collector().collect(true);
        assertEquals(1, runtime.sandboxes().size());
        time.advance(Duration.ofSeconds(1));
        String second = TestPods.sandboxAgain(runtime, "a", 1);
        RuntimePod _ = observer.refresh("a");
        collector().collect(true);
        assertEquals(
                List.of(second),
                runtime.sandboxes().stream().map(sandbox -> sandbox.getId()).toList());
    }

    @Test
    void whatCannotBeRemovedIsTriedAgain() throws Exception {
        String _ = restarted("a", 3);
        runtime.failOnce("RemoveContainer", Status.UNKNOWN.withDescription("busy"));
        IOException failure = assertThrows(IOException.class, () -> collector().collect(true));
        assertTrue(String.valueOf(failure.getMessage()).contains("busy"));
        collector().collect(true);
        assertEquals(List.of(2, 3), attempts("a"));
    }

    /** Runs of containers: whose they are, what they are called, and whether they are dead. */
    private static Map<String, RuntimePod> pods(List<Integer> runs) {
        Map<String, List<RuntimeContainer>> containers = new HashMap<>();
        for (int i = 0; i < runs.size(); i++) {
            int run = runs.get(i);
            String uid = "p" + run % 3;
            containers
                    .computeIfAbsent(uid, _ -> new ArrayList<>())
                    .add(new RuntimeContainer(
                            "s",
                            ContainerStatus.newBuilder()
                                    .setId("c" + i)
                                    .setMetadata(ContainerMetadata.newBuilder().setName("n" + run / 3 % 2))
                                    .setCreatedAt(TimeUnit.SECONDS.toNanos(i + 1))
                                    .setState(
                                            run / 6 % 4 == 0
                                                    ? ContainerState.CONTAINER_RUNNING
                                                    : ContainerState.CONTAINER_EXITED)
                                    .build()));
        }
        Map<String, RuntimePod> pods = new HashMap<>();
        containers.forEach(
                (uid, all) -> pods.put(uid, new RuntimePod(uid, "", "", List.of(), all.reversed(), Instant.EPOCH)));
        return pods;
    }

    @Property(tries = 300)
    void theLimitsAreKeptAndOnlyDeadRunsGoTheOldestOfEachContainerFirst(
            @ForAll @Size(max = 40) List<@IntRange(max = 99) Integer> runs,
            @ForAll @IntRange(min = -1, max = 3) int each,
            @ForAll @IntRange(min = -1, max = 12) int max) {
        Map<String, RuntimePod> pods = pods(runs);
        Set<String> removed = new HashSet<>();
        DeadContainers.containers(
                        pods.values(),
                        new ContainerGarbagePolicy(Duration.ZERO, each, max),
                        _ -> false,
                        Instant.ofEpochSecond(1000))
                .forEach(run -> assertTrue(removed.add(run.id())));
        int left = 0;
        for (RuntimePod pod : pods.values()) {
            Map<String, Integer> leftOfEach = new HashMap<>();
            Map<String, Boolean> cut = new HashMap<>();
            for (RuntimeContainer run : pod.containers()) {
                boolean isRemoved = removed.contains(run.id());
                assertFalse(isRemoved && run.running());
                if (!run.running()) {
                    // The newest comes first: after one that is removed, none is left.
                    assertFalse(!isRemoved && cut.getOrDefault(run.name(), false));
                    cut.put(run.name(), isRemoved);
                    leftOfEach.merge(run.name(), isRemoved ? 0 : 1, Integer::sum);
                }
            }
            for (int count : leftOfEach.values()) {
                assertTrue(each < 0 || count <= each);
                left += count;
            }
        }
        assertTrue(max < 0 || left <= max);
    }
}
