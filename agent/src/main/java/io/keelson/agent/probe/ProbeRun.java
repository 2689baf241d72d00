package io.keelson.agent.probe;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Probe;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.probe.ProbeAnswer.Outcome;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One probe of one run of a container. It asks in the probe's rhythm, never twice at once, until it is closed. A
 * startup probe asks no more once it has a result; a liveness probe once it has failed: the run is stopped then.
 */
final class ProbeRun implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProbeRun.class);
    private static final int TRIES = 3;

    private final Surroundings surroundings;
    private final Pod pod;
    private final Container container;
    private final String containerId;
    private final ProbeKind kind;
    private final Probe probe;
    private final Duration period;
    private final Events events;
    private final ProbeMetrics.Labels labels;
    private final ProbeCount count;
    private volatile ProbeResult result;
    private boolean begun;
    private boolean closed;
    private @Nullable Thread asking;

    /**
     * What all probes have in common.
     *
     * @param changed is run when a result is another one
     */
    record Surroundings(
            Prober prober, Time time, Events events, ProbeMetrics metrics, Supplier<String> podIp, Runnable changed) {}

    ProbeRun(
            Surroundings surroundings,
            Pod pod,
            Container container,
            String containerId,
            ProbeKind kind,
            Probe probe,
            ProbeResult initial) {
        this.surroundings = surroundings;
        this.pod = pod;
        this.container = container;
        this.containerId = containerId;
        this.kind = kind;
        this.probe = probe;
        events = surroundings.events().inField(PodContainers.fieldPath(pod, container.getName()));
        Integer seconds = probe.getPeriodSeconds();
        period = Duration.ofSeconds(seconds == null || seconds <= 0 ? 10 : seconds);
        labels = new ProbeMetrics.Labels(
                kind,
                container.getName(),
                pod.getMetadata().getName(),
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getUid());
        count = new ProbeCount(probe, initial);
        result = count.result();
    }

    ProbeResult result() {
        return result;
    }

    /** Begins to ask, if it has not. */
    synchronized void begin(Duration runsFor) {
        boolean isAnswered = kind == ProbeKind.STARTUP && result == ProbeResult.SUCCESS;
        if (begun || closed || isAnswered) {
            return;
        }
        begun = true;
        Duration delay = Duration.ofSeconds(OrEmpty.of(probe.getInitialDelaySeconds()));
        // A clock that was set back must not hold it up for longer than it would have waited at first.
        Duration left = runsFor.isNegative() ? delay : delay.minus(runsFor);
        schedule(left.isNegative() ? Duration.ZERO : left);
    }

    private void schedule(Duration delay) {
        if (delay.isZero()) {
            ask();
        } else {
            surroundings.time().after(delay, this::ask);
        }
    }

    private synchronized void ask() {
        if (!closed) {
            asking = Thread.ofVirtual().name("probe-" + container.getName()).start(this::askNow);
        }
    }

    private void askNow() {
        long begin = surroundings.time().nanoTime();
        try {
            ProbeAnswer answer = answer();
            Duration took = Duration.ofNanos(surroundings.time().nanoTime() - begin);
            boolean goesOn = take(answer, took);
            if (goesOn) {
                Duration left = period.minus(took);
                synchronized (this) {
                    asking = null;
                }
                surroundings.time().after(left.isPositive() ? left : Duration.ofMillis(1), this::ask);
            }
        } catch (InterruptedException e) {
            // It is closed.
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.warn("probing {} of {}", container.getName(), pod.getMetadata().getName(), e);
            surroundings.time().after(period, this::ask);
        }
    }

    private ProbeAnswer answer() throws InterruptedException {
        ProbeAnswer answer = new ProbeAnswer(Outcome.ERROR, "");
        for (int tries = 0; tries < TRIES && answer.outcome() == Outcome.ERROR; tries++) {
            answer = surroundings
                    .prober()
                    .ask(container, containerId, probe, surroundings.podIp().get());
        }
        return answer;
    }

    /** Counts an answer; returns whether to ask again. */
    private boolean take(ProbeAnswer answer, Duration took) {
        boolean isChanged;
        synchronized (this) {
            if (closed) {
                return false;
            }
            surroundings.metrics().asked(labels, answer.outcome(), took);
            tell(answer);
            ProbeResult before = result;
            result = count.count(answer.outcome());
            isChanged = result != before;
        }
        if (isChanged) {
            surroundings.changed().run();
        }
        return switch (kind) {
            case STARTUP -> result == ProbeResult.UNKNOWN;
            case LIVENESS -> result != ProbeResult.FAILURE;
            case READINESS -> true;
        };
    }

    private void tell(ProbeAnswer answer) {
        switch (answer.outcome()) {
            case SUCCESS -> {}
            case WARNING -> events.warning(pod, "ProbeWarning", kind.title() + " probe warning: " + answer.text());
            case FAILURE -> events.warning(pod, "Unhealthy", kind.title() + " probe failed: " + answer.text());
            case ERROR ->
                events.warning(
                        pod,
                        "Unhealthy",
                        kind.title() + " probe errored and resulted in unknown state: " + answer.text());
        }
    }

    /** Takes all for well, and asks no more: the pod is being ended. */
    synchronized void letBe() {
        result = ProbeResult.SUCCESS;
        stop();
    }

    private void stop() {
        closed = true;
        Thread thread = asking;
        if (thread != null) {
            thread.interrupt();
        }
    }

    /** Asks no more, and forgets what was counted. */
    @Override
    public synchronized void close() {
        stop();
        surroundings.metrics().forget(labels);
    }
}
