package io.keelson.scheduler;

import io.keelson.scheduler.decision.DecisionWatch;
import io.keelson.scheduler.extender.Prioritizing;
import io.keelson.scheduler.queue.HintWatch;
import io.keelson.scheduler.queue.SchedulingQueue;
import io.keelson.scheduler.volumes.VolumeBinding;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/** What a scheduler counts, under the names of kube-scheduler. Any thread. */
public final class SchedulerMetrics {
    private static final double NANOS = 1e9;
    private static final int BUCKETS = 15;
    private static final String BINDING = "binding";
    private static final String PRIORITIZING = "prioritizing_extender";

    /** From so many attempts on they are one label. */
    private static final int ATTEMPTS_MAX = 15;

    /** Of so many decisions one is looked at closely, as with kube-scheduler. */
    private static final int CLOSELY_ONE_IN = 10;

    private final Counter attempts;
    private final Histogram attemptSeconds;
    private final Histogram algorithmSeconds;
    private final Histogram attemptsOfPod;
    private final Histogram podSeconds;
    private final Histogram permitSeconds;
    private final Counter preemptions;
    private final Histogram victims;
    private final Counter groupAttempts;
    private final Histogram groupAttemptSeconds;
    private final Histogram groupAlgorithmSeconds;
    private final Counter incoming;
    private final Histogram pointSeconds;
    private final Counter evaluations;
    private final Histogram evictionSeconds;
    private final Counter evictions;
    private final PluginTimes pluginTimes;
    private final Histogram hintSeconds;
    private final Histogram eventSeconds;
    private final Gauge tasks;
    private final Counter volumeErrors;
    private final Counter claimCreations;
    private volatile Map<String, Integer> inFlight = Map.of();
    private volatile Cached cached = new Cached(0, 0, 0);
    private final Counter afterFlush;
    private volatile SchedulingQueue.Counts pending = new SchedulingQueue.Counts(0, 0, 0, 0);
    private volatile Map<SchedulingQueue.Rejecting, Integer> rejected = Map.of();

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

    /** How much is known; {@code scheduler_cache_size}. */
    record Cached(int nodes, int pods, int assumed) {}

    /** What plugins are asked beside the decision itself. */
    enum Point {
        POST_FILTER("PostFilter"),
        RESERVE("Reserve"),
        PERMIT("Permit"),
        PRE_BIND("PreBind"),
        BIND("Bind");

        private final String label;

        Point(String label) {
            this.label = label;
        }
    }

    /** What came of that. */
    enum Status {
        SUCCESS("Success"),
        WAIT("Wait"),
        UNSCHEDULABLE("Unschedulable"),
        ERROR("Error");

        private final String label;

        Status(String label) {
            this.label = label;
        }
    }

    /** Counts in a registry. */
    public SchedulerMetrics(PrometheusRegistry registry) {
        this(registry, () -> ThreadLocalRandom.current().nextInt(CLOSELY_ONE_IN) == 0);
    }

    /** @param closely whether what begins now is looked at closely: how long each plugin takes */
    SchedulerMetrics(PrometheusRegistry registry, BooleanSupplier closely) {
        pluginTimes = new PluginTimes(registry, closely);
        hintSeconds = PluginTimes.histogram("scheduler_queueing_hint_execution_duration_seconds")
                .help("How long a plugin took to say whether an event may help a pod")
                .labelNames("plugin", "event", "hint")
                .register(registry);
        eventSeconds = histogram("scheduler_event_handling_duration_seconds", 0.0001, 12)
                .help("How long it took to handle what happened in the cluster")
                .labelNames("event")
                .register(registry);
        tasks = Gauge.builder()
                .name("scheduler_goroutines")
                .help("Tasks beside the decisions that are under way")
                .labelNames("operation")
                .register(registry);
        volumeErrors = Counter.builder()
                .name("scheduler_volume_scheduling_stage_error_total")
                .help("How often the volumes of a pod could not be had, by how far it was")
                .labelNames("operation")
                .register(registry);
        claimCreations = Counter.builder()
                .name("scheduler_resourceclaim_creates_total")
                .help("How often the API was asked to make a claim for a pod's extended resources")
                .labelNames("status")
                .register(registry);
        GaugeWithCallback.builder()
                .name("scheduler_inflight_events")
                .help("What happened while decisions waited for others, kept for these, and how many of them wait")
                .labelNames("event")
                .callback(callback -> inFlight.forEach((event, count) -> callback.call(count, event)))
                .register(registry);
        attempts = Counter.builder()
                .name("scheduler_schedule_attempts_total")
                .help("Tries to schedule a pod, by what came of them")
                .labelNames("result", "profile")
                .register(registry);
        attemptSeconds = histogram("scheduler_scheduling_attempt_duration_seconds", 0.001, BUCKETS)
                .help("How long it took to try, the binding included")
                .labelNames("result", "profile")
                .register(registry);
        algorithmSeconds = histogram("scheduler_scheduling_algorithm_duration_seconds", 0.001, BUCKETS)
                .help("How long it took to choose a node")
                .register(registry);
        attemptsOfPod = histogram("scheduler_pod_scheduling_attempts", 1, 5)
                .help("How often a pod was tried until it was bound")
                .register(registry);
        podSeconds = histogram("scheduler_pod_scheduling_sli_duration_seconds", 0.01, 20)
                .help("How long it took from the first try of a pod until it was bound, by how often it was tried")
                .labelNames("attempts")
                .register(registry);
        permitSeconds = histogram("scheduler_permit_wait_duration_seconds", 0.001, BUCKETS)
                .help("How long pods that had nodes waited for others, by what came of it")
                .labelNames("result")
                .register(registry);
        preemptions = Counter.builder()
                .name("scheduler_preemption_attempts_total")
                .help("Tries to make room for a pod")
                .register(registry);
        victims = histogram("scheduler_preemption_victims", 1, 7)
                .help("How many pods have to go for one")
                .register(registry);
        groupAttempts = Counter.builder()
                .name("scheduler_podgroup_schedule_attempts_total")
                .help("Tries to schedule a group of pods, by what came of them")
                .labelNames("result", "profile")
                .register(registry);
        groupAttemptSeconds = histogram("scheduler_podgroup_scheduling_attempt_duration_seconds", 0.001, BUCKETS)
                .help("How long it took to try a group of pods")
                .labelNames("result", "profile")
                .register(registry);
        groupAlgorithmSeconds = histogram("scheduler_podgroup_scheduling_algorithm_duration_seconds", 0.001, BUCKETS)
                .help("How long it took to choose nodes for a group of pods")
                .register(registry);
        incoming = Counter.builder()
                .name("scheduler_queue_incoming_pods_total")
                .help("Pods that came into a part of the queue, by what brought them")
                .labelNames("queue", "event")
                .register(registry);
        pointSeconds = histogram("scheduler_framework_extension_point_duration_seconds", 0.0001, 12)
                .help("How long all plugins of an extension point took, by what came of it")
                .labelNames("extension_point", "status", "profile")
                .register(registry);
        evaluations = Counter.builder()
                .name("scheduler_plugin_evaluation_total")
                .help("How often a plugin was asked: for a pod, or for a node that might take it")
                .labelNames("plugin", "extension_point", "profile")
                .register(registry);
        evictionSeconds = histogram("scheduler_preemption_goroutines_duration_seconds", 0.01, 20)
                .help("How long it took to ask the pods to go for which there is to be another")
                .labelNames("result")
                .register(registry);
        evictions = Counter.builder()
                .name("scheduler_preemption_goroutines_execution_total")
                .help("How often pods were asked to go for another")
                .labelNames("result")
                .register(registry);
        GaugeWithCallback.builder()
                .name("scheduler_cache_size")
                .help("What the scheduler knows: nodes, pods on nodes, and pods among them whose binding it awaits")
                .labelNames("type")
                .callback(callback -> {
                    Cached now = cached;
                    callback.call(now.nodes(), "nodes");
                    callback.call(now.pods(), "pods");
                    callback.call(now.assumed(), "assumed_pods");
                })
                .register(registry);
        afterFlush = Counter.builder()
                .name("scheduler_pod_scheduled_after_flush_total")
                .help("Pods that were bound after they had waited for an event for too long, and none had come")
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
        GaugeWithCallback.builder()
                .name("scheduler_unschedulable_pods")
                .help("Pods that a plugin rejected; those that several rejected count for each")
                .labelNames("plugin", "profile")
                .callback(
                        callback -> rejected.forEach((who, pods) -> callback.call(pods, who.filter(), who.scheduler())))
                .register(registry);
    }

    /** With so many bounds, each twice the one before. */
    private static Histogram.Builder histogram(String name, double first, int count) {
        double[] bounds = new double[count];
        for (int i = 0; i < count; i++) {
            bounds[i] = Math.scalb(first, i);
        }
        return Histogram.builder().name(name).classicOnly().classicUpperBounds(bounds);
    }

    void attempted(Result result, String profile, long nanos) {
        attempts.labelValues(result.label(), profile).inc();
        attemptSeconds.labelValues(result.label(), profile).observe(nanos / NANOS);
    }

    /**
     * A pod is bound.
     *
     * @param attempts how often it was tried
     * @param since the first of these
     */
    void scheduled(int attempts, Duration since) {
        attemptsOfPod.observe(attempts);
        String label = attempts >= ATTEMPTS_MAX ? ATTEMPTS_MAX + "+" : Integer.toString(attempts);
        // The clock may jump.
        podSeconds.labelValues(label).observe(Math.max(0, since.toNanos() / NANOS));
    }

    /** A pod is bound that would wait still if only events brought it back. */
    void scheduledAfterFlush() {
        afterFlush.inc();
    }

    /** Who is told of the decisions of a profile. */
    DecisionWatch decisions(String profile) {
        return new DecisionWatch() {
            @Override
            public void took(Step step, Outcome outcome, long nanos) {
                pointSeconds.labelValues(step.label(), outcome.label(), profile).observe(nanos / NANOS);
            }

            @Override
            public void asked(Step step, String plugin, int times) {
                evaluations.labelValues(plugin, step.label(), profile).inc(times);
            }

            @Override
            public boolean looksClosely() {
                return pluginTimes.looksClosely();
            }

            @Override
            public void executed(Step step, String plugin, Outcome outcome, long nanos) {
                pluginTimes.executed(plugin, step.label(), outcome.label(), nanos);
            }
        };
    }

    /** All plugins of an extension point were asked. */
    void took(Point point, Status status, String profile, long nanos) {
        pointSeconds.labelValues(point.label, status.label, profile).observe(nanos / NANOS);
    }

    /** Whether how long plugins take is to be told of what begins now. */
    boolean looksClosely() {
        return pluginTimes.looksClosely();
    }

    /** A plugin took so long; told of what is looked at closely. */
    void executed(Point point, Status status, String plugin, long nanos) {
        pluginTimes.executed(plugin, point.label, status.label, nanos);
    }

    /** What a plugin takes for a pod, or has written, could not be had. */
    void missed(Point point, String plugin) {
        if (plugin.equals(VolumeBinding.NAME)) {
            volumeErrors.labelValues(point == Point.RESERVE ? "assume" : "bind").inc();
        }
    }

    /** Who is told by one thread how long plugins take to say whether an event helps. */
    HintWatch hints() {
        return new HintTimes(hintSeconds);
    }

    /** An event was handled. */
    void handled(String event, long nanos) {
        eventSeconds.labelValues(event).observe(nanos / NANOS);
    }

    /** The API was asked to make a claim. */
    void claimCreated(boolean well) {
        claimCreations.labelValues(well ? "success" : "failure").inc();
    }

    /** A pod begins to be bound. */
    void binding() {
        tasks.labelValues(BINDING).inc();
    }

    /** That has ended, well or not. */
    void bindingEnded() {
        tasks.labelValues(BINDING).dec();
    }

    /** Who is told of extenders that compare nodes. */
    Prioritizing prioritizing() {
        return new Prioritizing() {
            @Override
            public void begins() {
                tasks.labelValues(PRIORITIZING).inc();
            }

            @Override
            public void ended() {
                tasks.labelValues(PRIORITIZING).dec();
            }
        };
    }

    /** How much is kept of what happened for decisions that wait, from now on; any thread may look at it. */
    void inFlight(Map<String, Integer> counts) {
        inFlight = counts;
    }

    /** Pods were asked to go, or could not be. */
    void evicted(boolean well, long nanos) {
        String result = well ? "success" : "error";
        evictions.labelValues(result).inc();
        evictionSeconds.labelValues(result).observe(nanos / NANOS);
    }

    /** So much is known now. */
    void cached(Cached counts) {
        cached = counts;
    }

    /** A pod came into a part of the queue. */
    void came(String part, String event) {
        incoming.labelValues(part, event).inc();
    }

    /** A pod has waited to be bound. */
    void waited(boolean bound, long nanos) {
        permitSeconds.labelValues(bound ? "Success" : "Unschedulable").observe(nanos / NANOS);
    }

    /** Room was looked for. */
    void preempted() {
        preemptions.inc();
    }

    /** Room is made, for which so many have to go. */
    void displaced(int pods) {
        victims.observe(pods);
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

    /** Whose pods were rejected by whom, from now on; any thread may look at it. */
    void rejected(Map<SchedulingQueue.Rejecting, Integer> counts) {
        rejected = counts;
    }

    void pending(SchedulingQueue.Counts counts) {
        pending = counts;
    }

    /** How many pods wait. */
    public SchedulingQueue.Counts pending() {
        return pending;
    }
}
