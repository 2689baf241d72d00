package io.keelson.scheduler;

import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.SchedulerMetrics.Result;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.queue.SchedulingQueue;
import io.keelson.scheduler.state.PodInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the queue, users and metrics what came of trying to schedule a pod. Owned by the thread that owns the state. */
final class Results {
    private static final Logger LOG = LoggerFactory.getLogger(Results.class);
    private static final int EACH_BINDING = 2;
    private static final int EACH_DECISION = 3;

    private final int verbosity;
    private final Profiles profiles;
    private final SchedulingQueue queue;
    private final Meanwhile meanwhile;
    private final Nominations nominations;
    private final PodReports reports;
    private final SchedulerMetrics metrics;
    private final InstantSource clock;

    Results(
            int verbosity,
            Profiles profiles,
            SchedulingQueue queue,
            Meanwhile meanwhile,
            Nominations nominations,
            PodReports reports,
            SchedulerMetrics metrics,
            InstantSource clock) {
        this.verbosity = verbosity;
        this.profiles = profiles;
        this.queue = queue;
        this.meanwhile = meanwhile;
        this.nominations = nominations;
        this.reports = reports;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** A node is chosen. */
    void chosen(PodInfo pod, String node) {
        if (verbosity >= EACH_DECISION) {
            LOG.info("pod {} is to be on node {}", pod.key(), node);
        }
    }

    /**
     * No node can take a pod; the queue has it back from here on. What users are told comes by {@link #notScheduled}, as
     * room may have to be made first.
     *
     * @param by which plugins rejected it
     */
    void rejected(QueuedPod pod, Set<String> by, long startNanos) {
        meanwhile.reject(pod, by, clock.instant());
        attempted(Result.UNSCHEDULABLE, pod.pod(), startNanos);
    }

    /** Why no node can take a pod. */
    void notScheduled(PodInfo pod, String message) {
        if (verbosity >= EACH_DECISION) {
            LOG.info("pod {}: {}", pod.key(), message);
        }
        tell(pod, "Unschedulable", message);
    }

    /** Something went wrong. */
    void failed(QueuedPod pod, String why, long startNanos) {
        meanwhile.end(pod.pod().uid());
        queue.fail(pod, clock.instant());
        attempted(Result.ERROR, pod.pod(), startNanos);
        tell(pod.pod(), "SchedulerError", why);
    }

    private void tell(PodInfo pod, String reason, String message) {
        profiles.of(pod).events().warning(pod.pod(), "FailedScheduling", message);
        reports.tell(pod, reason, message, OrEmpty.of(nominations.nodeOf(pod.uid())));
    }

    /** A pod is bound. */
    void bound(Assumed decided) {
        PodInfo pod = decided.pod();
        if (verbosity >= EACH_BINDING) {
            LOG.info("bound pod {} to node {}", pod.key(), decided.node());
        }
        attempted(Result.SCHEDULED, pod, decided.startNanos());
        Instant first = decided.queued().firstTried();
        if (first != null) {
            metrics.scheduled(decided.queued().attempts(), Duration.between(first, clock.instant()));
        }
        if (decided.queued().wasFlushed()) {
            metrics.scheduledAfterFlush();
        }
        String message = "Successfully assigned " + pod.key() + " to " + decided.node();
        profiles.of(pod).events().normal(pod.pod(), "Scheduled", message);
    }

    /**
     * A pod that had a node waited for others.
     *
     * @param bound whether it goes there
     */
    void waited(boolean bound, long sinceNanos) {
        metrics.waited(bound, System.nanoTime() - sinceNanos);
    }

    /** All plugins of an extension point were asked about a pod. */
    void took(SchedulerMetrics.Point point, SchedulerMetrics.Status status, PodInfo pod, long sinceNanos) {
        metrics.took(point, status, profiles.of(pod).name(), System.nanoTime() - sinceNanos);
    }

    /** Whether how long plugins take is to be told of what begins now. */
    boolean looksClosely() {
        return metrics.looksClosely();
    }

    /** A plugin took so long; told of what is looked at closely. */
    void executed(SchedulerMetrics.Point point, SchedulerMetrics.Status status, String plugin, long sinceNanos) {
        metrics.executed(point, status, plugin, System.nanoTime() - sinceNanos);
    }

    /** What a plugin takes for a pod could not be had. */
    void missed(String plugin) {
        metrics.missed(SchedulerMetrics.Point.RESERVE, plugin);
    }

    private void attempted(Result result, PodInfo pod, long startNanos) {
        metrics.attempted(result, profiles.of(pod).name(), System.nanoTime() - startNanos);
    }
}
