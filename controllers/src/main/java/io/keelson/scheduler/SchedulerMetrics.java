package io.keelson.scheduler;

import io.keelson.scheduler.queue.SchedulingQueue;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What a scheduler counts, under the names of kube-scheduler. Any thread. */
public final class SchedulerMetrics {
    private static final double NANOS = 1e9;
    private static final int BUCKETS = 15;

    private final Counter attempts;
    private final Histogram attemptSeconds;
    private final Histogram algorithmSeconds;
    private final Counter groupAttempts;
    private final Histogram groupAttemptSeconds;
    private final Histogram groupAlgorithmSeconds;
    private volatile SchedulingQueue.Counts pending = new SchedulingQueue.Counts(0, 0, 0, 0);

    /** What came of trying to schedule a pod, or a group of pods. */
    enum Result {
        SCHEDULED,
        UNSCHEDULABLE,
        /** Of groups alone: it is tried again when others have gone. */
        WAITING_ON_PREEMPTION,
        ERROR;

        private String label() {
            return switch (this) {
                case SCHEDULED -> "scheduled";
                case UNSCHEDULABLE -> "unschedulable";
                case WAITING_ON_PREEMPTION -> "waiting_on_preemption";
                case ERROR -> "error";
            };
        }
    }

    /** Counts in a registry. */
    public SchedulerMetrics(PrometheusRegistry registry) {
        attempts = Counter.builder()
                .name("scheduler_schedule_attempts_total")
                .help("Tries to schedule a pod, by what came of them")
                .labelNames("result", "profile")
                .register(registry);
        attemptSeconds = Histogram.builder()
                .name("scheduler_scheduling_attempt_duration_seconds")
                .help("How long it took to try, the binding included")
                .labelNames("result", "profile")
                .classicOnly()
                .classicUpperBounds(bounds())
                .register(registry);
        algorithmSeconds = Histogram.builder()
                .name("scheduler_scheduling_algorithm_duration_seconds")
                .help("How long it took to choose a node")
                .classicOnly()
                .classicUpperBounds(bounds())
                .register(registry);
        groupAttempts = Counter.builder()
                .name("scheduler_podgroup_schedule_attempts_total")
                .help("Tries to schedule a group of pods, by what came of them")
                .labelNames("result", "profile")
                .register(registry);
        groupAttemptSeconds = Histogram.builder()
                .name("scheduler_podgroup_scheduling_attempt_duration_seconds")
                .help("How long it took to try a group of pods")
                .labelNames("result", "profile")
                .classicOnly()
                .classicUpperBounds(bounds())
                .register(registry);
        groupAlgorithmSeconds = Histogram.builder()
                .name("scheduler_podgroup_scheduling_algorithm_duration_seconds")
                .help("How long it took to choose nodes for a group of pods")
                .classicOnly()
                .classicUpperBounds(bounds())
                .register(registry);
        GaugeWithCallback.builder()
                .name("scheduler_pending_pods")
                .help("Pods that wait, by the part of the queue that they are in")
                .labelNames("queue")
                .callback(callback -> {
                    SchedulingQueue.Counts now = pending;
                    callback.call(now.active(), "active");
                    callback.call(now.backoff(), "backoff");
                    callback.call(now.unschedulable(), "unschedulable");
                    callback.call(now.gated(), "gated");
                })
                .register(registry);
    }

    /** From a millisecond on, each twice the one before. */
    private static double[] bounds() {
        double[] bounds = new double[BUCKETS];
        double bound = 0.001;
        for (int i = 0; i < BUCKETS; i++) {
            bounds[i] = bound;
            bound *= 2;
        }
        return bounds;
    }

    void attempted(Result result, String profile, long nanos) {
        attempts.labelValues(result.label(), profile).inc();
        attemptSeconds.labelValues(result.label(), profile).observe(nanos / NANOS);
    }

    void decided(long nanos) {
        algorithmSeconds.observe(nanos / NANOS);
    }

    void groupAttempted(Result result, String profile, long nanos) {
        groupAttempts.labelValues(result.label(), profile).inc();
        groupAttemptSeconds.labelValues(result.label(), profile).observe(nanos / NANOS);
    }

    void groupDecided(long nanos) {
        groupAlgorithmSeconds.observe(nanos / NANOS);
    }

    void pending(SchedulingQueue.Counts counts) {
        pending = counts;
    }

    /** How many pods wait. */
    public SchedulingQueue.Counts pending() {
        return pending;
    }
}
