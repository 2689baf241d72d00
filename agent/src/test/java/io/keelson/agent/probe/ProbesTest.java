package io.keelson.agent.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.agent.image.RecordedEvents;
import io.keelson.agent.pods.Samples;
import io.keelson.agent.probe.ProbeAnswer.Outcome;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ProbesTest {
    private final ManualTime time = new ManualTime(Samples.NOW);
    private final Map<String, Outcome> answers = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
    private final RecordedEvents events = new RecordedEvents();
    private final AtomicInteger changes = new AtomicInteger();
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Probes probes = new Probes(
            (container, id, probe, ip) -> {
                String command = probe.getExec().getCommand().getFirst();
                asked.computeIfAbsent(command, key -> new AtomicInteger()).incrementAndGet();
                return new ProbeAnswer(answers.getOrDefault(command, Outcome.SUCCESS), "said " + ip);
            },
            time,
            events,
            new ProbeMetrics(registry),
            uid -> changes.incrementAndGet());

    private int asked(String command) {
        return Optional.ofNullable(asked.get(command)).map(AtomicInteger::get).orElse(0);
    }

    /** Lets one period pass, and waits until that question has been asked and counted. */
    private void period(String command) throws InterruptedException {
        int before = asked(command);
        for (int tries = 0; tries < 1000 && asked(command) == before; tries++) {
            time.advance(Duration.ofSeconds(1));
            Thread.sleep(2);
        }
        assertTrue(asked(command) > before, command + " is not asked");
    }

    private static Pod pod(String probesOfIt) {
        return Samples.pod("containers: [{name: a, image: x, " + probesOfIt + "}]");
    }

    private void run(Pod pod) {
        probes.update(pod, new Samples.Runs(pod).sandbox(true).running("a").build(), "10.0.0.1");
    }

    private ProbeResult result(ProbeKind kind) {
        return probes.of("a-0", kind).orElseThrow();
    }

    @Test
    void aContainerIsUnreadyUntilItsProbeSaysOtherwise() throws InterruptedException {
        Pod pod = pod("readinessProbe: {initialDelaySeconds: 5, periodSeconds: 1, exec: {command: [r]}}");
        run(pod);
        time.advance(Duration.ofSeconds(4));
        assertEquals(0, asked("r"), "the initial delay is not over");
        assertEquals(ProbeResult.FAILURE, result(ProbeKind.READINESS));
        period("r");
        TestCluster.await("ready", () -> result(ProbeKind.READINESS) == ProbeResult.SUCCESS);
        assertTrue(changes.get() > 0);
    }

    @Test
    void onlyFailuresInARowCountAndEachIsTold() throws InterruptedException {
        Pod pod = pod("livenessProbe: {periodSeconds: 1, failureThreshold: 3, exec: {command: [l]}}");
        run(pod);
        TestCluster.await("asked", () -> asked("l") == 1);
        answers.put("l", Outcome.FAILURE);
        TestCluster.await("failed", () -> {
            time.advance(Duration.ofSeconds(1));
            return result(ProbeKind.LIVENESS) == ProbeResult.FAILURE;
        });
        assertEquals(3, events.told().size());
        assertEquals(
                "Warning Unhealthy Liveness probe failed: said 10.0.0.1",
                events.told().getFirst());
        assertEquals(Set.of("spec.containers{a}"), events.fieldPaths());
        int before = asked("l");
        time.advance(Duration.ofSeconds(10));
        Thread.sleep(20);
        assertEquals(before, asked("l"), "what is to be stopped is asked no more");
    }

    @Test
    void whatCannotBeAskedIsTriedThreeTimesAndFails() throws InterruptedException {
        answers.put("r", Outcome.ERROR);
        run(pod("readinessProbe: {periodSeconds: 1, exec: {command: [r]}}"));
        TestCluster.await("told", () -> events.told().size() == 1);
        assertEquals(3, asked("r"));
        assertEquals(
                "Warning Unhealthy Readiness probe errored and resulted in unknown state: said 10.0.0.1",
                events.told().getFirst());
    }

    @Test
    void untilAContainerHasStartedOnlyItsStartupProbeAsks() throws InterruptedException {
        answers.put("s", Outcome.FAILURE);
        run(pod("startupProbe: {periodSeconds: 1, failureThreshold: 500, exec: {command: [s]}}, "
                + "readinessProbe: {periodSeconds: 1, exec: {command: [r]}}"));
        TestCluster.await("asked", () -> asked("s") == 1);
        period("s");
        assertEquals(0, asked("r"));
        assertEquals(ProbeResult.UNKNOWN, result(ProbeKind.STARTUP));
        answers.put("s", Outcome.SUCCESS);
        period("s");
        TestCluster.await("ready", () -> result(ProbeKind.READINESS) == ProbeResult.SUCCESS);
        int before = asked("s");
        period("r");
        assertEquals(before, asked("s"), "it has started once and for all");
    }

    @Test
    void aRestartOfTheAgentDoesNotMakeAContainerUnready() {
        Pod before = pod("readinessProbe: {initialDelaySeconds: 60, exec: {command: [r]}}, "
                + "startupProbe: {initialDelaySeconds: 60, exec: {command: [s]}}");
        Pod pod = new PodBuilder(before)
                .withNewStatus()
                .addNewContainerStatus()
                .withName("a")
                .withContainerID("fake://a-0")
                .withReady(true)
                .withStarted(true)
                .endContainerStatus()
                .endStatus()
                .build();
        run(pod);
        assertEquals(ProbeResult.SUCCESS, result(ProbeKind.READINESS));
        assertEquals(ProbeResult.SUCCESS, result(ProbeKind.STARTUP));
    }

    @Test
    void whatHasEndedIsForgotten() throws InterruptedException {
        Pod pod = pod("readinessProbe: {periodSeconds: 1, exec: {command: [r]}}");
        run(pod);
        TestCluster.await("asked", () -> asked("r") == 1);
        probes.update(pod, new Samples.Runs(pod).sandbox(true).exited("a", 0).build(), "");
        assertEquals(Optional.empty(), probes.of("a-0", ProbeKind.READINESS));
        int before = asked("r");
        time.advance(Duration.ofSeconds(10));
        Thread.sleep(20);
        assertEquals(before, asked("r"));
    }

    @Test
    void aPodThatIsEndedIsNotStoppedForWantOfLife() throws InterruptedException {
        answers.put("l", Outcome.FAILURE);
        Pod pod = pod("livenessProbe: {periodSeconds: 1, failureThreshold: 1, exec: {command: [l]}}");
        run(pod);
        TestCluster.await("failed", () -> result(ProbeKind.LIVENESS) == ProbeResult.FAILURE);
        probes.ending(Samples.UID);
        assertEquals(ProbeResult.SUCCESS, result(ProbeKind.LIVENESS));
    }
}
