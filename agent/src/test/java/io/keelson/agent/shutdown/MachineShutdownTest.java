package io.keelson.agent.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.agent.pods.AgentPods;
import io.keelson.agent.pods.PodAdmission.Refusal;
import io.keelson.agent.pods.Samples;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineShutdownTest {
    private static final ShutdownPlan PLAN = ShutdownPlan.of(Duration.ofSeconds(30), Duration.ofSeconds(10));

    private final ManualTime time = new ManualTime(Instant.parse("2026-01-02T03:04:05Z"));
    private final FakeMachine machine = new FakeMachine();
    private final Ended pods = new Ended();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final AtomicInteger changes = new AtomicInteger();
    private final PrometheusRegistry metrics = new PrometheusRegistry();
    private final Path folder;
    private final MachineShutdown shutdown;

    MachineShutdownTest(@TempDir Path folder) {
        this.folder = folder;
        shutdown = new MachineShutdown(
                PLAN,
                machine,
                pods,
                () -> new NodeBuilder()
                        .withNewMetadata()
                        .withName("n")
                        .endMetadata()
                        .build(),
                new Events() {
                    @Override
                    public void normal(HasMetadata about, String reason, String message) {
                        told.add(reason + ": " + message);
                    }

                    @Override
                    public Events from(String component) {
                        return this;
                    }

                    @Override
                    public void warning(HasMetadata about, String reason, String message) {
                        throw new AssertionError(message);
                    }
                },
                new ShutdownRecord(folder, time, metrics),
                changes::incrementAndGet,
                time);
    }

    private static Map<String, Double> told(PrometheusRegistry registry) {
        Map<String, Double> values = new TreeMap<>();
        registry.scrape()
                .forEach(snapshot -> snapshot.getDataPoints()
                        .forEach(point -> values.put(
                                snapshot.getMetadata().getName(),
                                ((GaugeSnapshot.GaugeDataPointSnapshot) point).getValue())));
        return values;
    }

    private static Map<String, Double> times(double start, double end) {
        return Map.of(
                "kubelet_graceful_shutdown_start_time_seconds", start,
                "kubelet_graceful_shutdown_end_time_seconds", end);
    }

    @AfterEach
    void end() {
        shutdown.close();
        time.close();
    }

    /** Pods that end, unless they are named {@code stuck}. */
    private static final class Ended implements AgentPods {
        final List<Pod> pods = new CopyOnWriteArrayList<>();
        final List<String> ended = new CopyOnWriteArrayList<>();

        @Override
        public List<Pod> pods() {
            return List.copyOf(pods);
        }

        @Override
        public void evict(Pod pod, String reason, String message, long graceSeconds) throws InterruptedException {
            assertEquals("Terminated", reason);
            assertEquals("Pod was terminated in response to imminent node shutdown.", message);
            ended.add(pod.getMetadata().getName() + ' ' + graceSeconds);
            if (pod.getMetadata().getName().equals("stuck")) {
                Thread.sleep(Duration.ofDays(1));
            }
        }

        @Override
        public void fail(Pod pod, String reason, String message, long graceSeconds) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Pod> find(String namespace, String name, String uid) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<String> runningContainer(Pod pod, String container) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<String> sandbox(Pod pod) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Path> log(Pod pod, String container, boolean previous) {
            throw new UnsupportedOperationException();
        }
    }

    private static Pod pod(String name, int priority, int graceSeconds, String phase) {
        return new PodBuilder(Samples.pod("priority: " + priority + "\nterminationGracePeriodSeconds: " + graceSeconds
                        + "\ncontainers: [{name: a, image: x}]"))
                .editMetadata()
                .withName(name)
                .endMetadata()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
    }

    private Optional<Refusal> refusal() {
        return shutdown.admission().refusal(pod("new", 0, 30, "Pending"), List.of());
    }

    private void begin() throws InterruptedException {
        shutdown.start();
        TestCluster.await("it is held up", () -> machine.calls.contains("hold"));
    }

    @Test
    void podsEndInTheOrderOfTheirPrioritiesAndThenTheMachineDoes() throws InterruptedException {
        pods.pods.addAll(List.of(
                pod("critical", 2_000_000_000, 30, "Running"),
                pod("quick", 0, 3, "Running"),
                pod("done", 0, 30, "Succeeded")));
        begin();
        assertEquals(List.of("allow PT30S", "hold"), machine.calls);
        assertEquals(Optional.empty(), shutdown.problem());
        assertEquals(Optional.empty(), refusal());
        machine.comes(true);
        TestCluster.await("it may end", () -> machine.calls.contains("release"));
        assertEquals(List.of("quick 3", "critical 10"), pods.ended);
        assertEquals(Optional.of("node is shutting down"), shutdown.problem());
        assertEquals(
                Optional.of(new Refusal("NodeShutdown", "Pod was rejected as the node is shutting down.")), refusal());
        assertEquals(1, changes.get());
        assertEquals(List.of("NodeShutdown: Shutdown manager detected shutdown event"), told);
    }

    @Test
    void whoDoesNotEndHoldsUpOthersForNoLongerThanItsTime() throws InterruptedException, IOException {
        pods.pods.addAll(List.of(pod("stuck", 0, 60, "Running"), pod("critical", 2_000_000_000, 30, "Running")));
        begin();
        assertEquals(times(0, 0), told(metrics));
        machine.comes(true);
        TestCluster.await("it is ended", () -> pods.ended.contains("stuck 20"));
        double start = Instant.parse("2026-01-02T03:04:05Z").getEpochSecond();
        assertEquals(times(start, 0), told(metrics));
        Path file = folder.resolve("graceful_node_shutdown_state");
        assertEquals(
                "{\"startTime\":\"2026-01-02T03:04:05Z\",\"endTime\":\"0001-01-01T00:00:00Z\"}",
                Files.readString(file));
        time.advance(Duration.ofSeconds(19));
        assertEquals(List.of("stuck 20"), pods.ended);
        assertTrue(!machine.calls.contains("release"));
        TestCluster.await("its time is over", () -> {
            time.advance(Duration.ofSeconds(1));
            return machine.calls.contains("release");
        });
        assertEquals(List.of("stuck 20", "critical 10"), pods.ended);
        double ended = told(metrics).getOrDefault("kubelet_graceful_shutdown_end_time_seconds", 0.0);
        assertTrue(ended >= start + 20, () -> "at " + ended);
        PrometheusRegistry next = new PrometheusRegistry();
        var _ = new ShutdownRecord(folder, time, next);
        assertEquals(times(start, ended), told(next), "the next agent tells it, too");
    }

    @Test
    void whatIsNoRecordIsNotTold() throws IOException {
        Path file = folder.resolve("graceful_node_shutdown_state");
        for (String text : List.of("", "no", "{}", "{\"startTime\": \"soon\", \"endTime\": 7}", " ".repeat(5000))) {
            Files.writeString(file, text);
            PrometheusRegistry registry = new PrometheusRegistry();
            var _ = new ShutdownRecord(folder, time, registry);
            assertEquals(times(0, 0), told(registry), text);
        }
        Files.writeString(file, "{\"startTime\":\"2026-01-02T04:04:05.5+01:00\",\"endTime\":\"0001-01-01T00:00:00Z\"}");
        PrometheusRegistry registry = new PrometheusRegistry();
        var _ = new ShutdownRecord(folder, time, registry);
        assertEquals(
                times((double) Instant.parse("2026-01-02T03:04:05Z").getEpochSecond(), 0),
                told(registry),
                "as Go writes it");
    }

    @Test
    void aShutdownThatDoesNotComeAfterAllLeavesANodeThatIsReady() throws InterruptedException {
        begin();
        machine.comes(true);
        machine.comes(false);
        TestCluster.await(
                "the next one waits too",
                () -> machine.calls.stream().filter("hold"::equals).count() == 2);
        assertEquals(Optional.empty(), shutdown.problem());
        assertEquals(Optional.empty(), refusal());
        assertEquals("NodeShutdown: Shutdown manager detected shutdown cancellation", told.getLast());
        assertEquals(2, changes.get());
    }

    @Test
    void nothingIsHeldUpThatCannotWaitForLongEnough() throws InterruptedException {
        machine.most = Duration.ofSeconds(7);
        shutdown.start();
        TestCluster.await("it is asked", () -> machine.calls.contains("allow PT30S"));
        machine.most = Duration.ofDays(1);
        TestCluster.await("it is asked again", () -> {
            time.advance(Duration.ofSeconds(1));
            return machine.calls.contains("hold");
        });
    }

    @Test
    void whereNobodyAnswersItIsAskedAgainNowAndThen() throws InterruptedException {
        machine.isThere = false;
        shutdown.start();
        TestCluster.await("it is asked some times at once", () -> {
            time.advance(Duration.ofSeconds(1));
            return machine.calls.size() > 5;
        });
        machine.isThere = true;
        TestCluster.await("it is found", () -> {
            time.advance(Duration.ofSeconds(10));
            return machine.calls.contains("hold");
        });
        shutdown.close();
        TestCluster.await("it is let go", () -> machine.calls.contains("release"));
    }
}
