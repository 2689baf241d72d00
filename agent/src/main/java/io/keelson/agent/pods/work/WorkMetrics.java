package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.pods.PodTraits;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How work on pods goes, under the kubelet's names: what was started, and how long it took from a pod's creation until all
 * its containers ran. Any thread.
 *
 * <p>It remembers a pod from when it is first seen until it has started, has ended, or is gone. One that had started before
 * an agent was there to see it counts as no start.
 */
public final class WorkMetrics {
    private static final double NANOS = 1e9;
    private static final double[] START_SECONDS = {
        0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600
    };
    private static final double[] STATUS_SECONDS = {0.01, 0.05, 0.1, 0.5, 1, 5, 10, 20, 30, 45, 60};
    private static final double[] WORK_SECONDS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    private static final String CONTAINER_TYPE = "container_type";

    private final Time time;
    private final Counter pods;
    private final Counter podErrors;
    private final Counter podsWithUsers;
    private final Counter podsWithUsersErrors;
    private final Counter containers;
    private final Counter containerErrors;
    private final Histogram toRunning;
    private final Histogram toStarted;
    private final Histogram toStartedWithoutPulls;
    private final Histogram toWorker;
    private final Histogram work;
    private final Histogram statuses;
    private final Map<String, Start> starts = new ConcurrentHashMap<>();

    /** What a worker does. */
    enum Work {
        /** Looks at a pod for the first time. */
        CREATE("create"),
        /** Looks at it since it is wanted otherwise. */
        UPDATE("update"),
        /** Looks at it since something has happened, or a time has come. */
        SYNC("sync"),
        /** Ends it. */
        KILL("kill");

        private final String label;

        Work(String label) {
            this.label = label;
        }
    }

    /**
     * How far the start of a pod is.
     *
     * @param seen when it was seen first, by the clock that only goes forward
     * @param pulls nanoseconds that its images took until now
     * @param running whether it was told to be running
     */
    private record Start(long seen, long pulls, boolean running) {}

    /** Counts in a registry. */
    public WorkMetrics(Time time, PrometheusRegistry registry) {
        this.time = time;
        pods = counter(registry, "kubelet_started_pods_total", "Pods whose sandbox was started, or tried to be");
        podErrors =
                counter(registry, "kubelet_started_pods_errors_total", "Sandboxes of pods that could not be started");
        podsWithUsers = counter(
                registry, "kubelet_started_user_namespaced_pods_total", "The same for pods with users of their own");
        podsWithUsersErrors = counter(
                registry,
                "kubelet_started_user_namespaced_pods_errors_total",
                "Sandboxes of pods with users of their own that could not be started");
        containers = counter(
                registry,
                "kubelet_started_containers_total",
                "Containers that were started, or tried to be, by their sort",
                CONTAINER_TYPE);
        containerErrors = counter(
                registry,
                "kubelet_started_containers_errors_total",
                "Containers that could not be started, by their sort and what they wait for",
                CONTAINER_TYPE,
                "code");
        toRunning = histogram(
                registry,
                "kubelet_pod_start_duration_seconds",
                "How long after they were first seen pods ran",
                START_SECONDS);
        toStarted = histogram(
                registry,
                "kubelet_pod_start_total_duration_seconds",
                "How long after their creation all containers of pods were seen to run",
                START_SECONDS);
        toStartedWithoutPulls = histogram(
                registry,
                "kubelet_pod_start_sli_duration_seconds",
                "The same without the time for images and init containers",
                START_SECONDS);
        toWorker = histogram(
                registry,
                "kubelet_pod_worker_start_duration_seconds",
                "How long after they were first seen work on pods began",
                WORK_SECONDS);
        work = histogram(
                registry,
                "kubelet_pod_worker_duration_seconds",
                "How long work on a pod took until there was no more to do at once, by what it was for",
                WORK_SECONDS,
                "operation_type");
        statuses = histogram(
                registry,
                "kubelet_pod_status_sync_duration_seconds",
                "How long after they changed statuses of pods were in the API",
                STATUS_SECONDS);
    }

    private static Counter counter(PrometheusRegistry registry, String name, String help, String... labels) {
        return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
    }

    private static Histogram histogram(
            PrometheusRegistry registry, String name, String help, double[] bounds, String... labels) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .classicOnly()
                .classicUpperBounds(bounds)
                .register(registry);
    }

    /** A pod is seen for the first time. */
    void seen(Pod pod) {
        boolean isNew = pod.getStatus() == null || pod.getStatus().getStartTime() == null;
        if (isNew) {
            starts.put(pod.getMetadata().getUid(), new Start(time.nanoTime(), 0, false));
        }
    }

    /** Its worker looks at it for the first time. */
    void begun(String uid) {
        Start start = starts.get(uid);
        if (start != null) {
            toWorker.observe((time.nanoTime() - start.seen()) / NANOS);
        }
    }

    /** A worker has done all that there was to do at once. */
    void worked(Work what, long nanos) {
        work.labelValues(what.label).observe(nanos / NANOS);
    }

    /** An image of a pod is at hand, or cannot be had. */
    void pulled(String uid, long nanos) {
        var _ = starts.computeIfPresent(
                uid, (_, start) -> new Start(start.seen(), start.pulls() + nanos, start.running()));
    }

    /** The API is to have this status of a pod. */
    void told(String uid, PodStatus status) {
        Start start = starts.get(uid);
        if (start == null || start.running() || !"Running".equals(status.getPhase())) {
            return;
        }
        if (starts.replace(uid, start, new Start(start.seen(), start.pulls(), true))) {
            toRunning.observe((time.nanoTime() - start.seen()) / NANOS);
        }
    }

    /** The API tells of a pod. */
    void observed(Pod pod) {
        String uid = pod.getMetadata().getUid();
        Start start = starts.get(uid);
        if (start == null) {
            return;
        }
        if (Pods.isTerminal(pod)) {
            forget(uid);
        } else if (start.running() && !PodTraits.isStatic(pod) && runsWhole(pod) && starts.remove(uid) != null) {
            Duration since = Duration.between(Instant.parse(pod.getMetadata().getCreationTimestamp()), time.instant());
            double seconds = Math.max(0, since.toNanos() / NANOS);
            toStarted.observe(seconds);
            toStartedWithoutPulls.observe(Math.max(0, seconds - start.pulls() / NANOS - initSeconds(pod)));
        }
    }

    private static boolean runsWhole(Pod pod) {
        List<ContainerStatus> all = OrEmpty.of(pod.getStatus().getContainerStatuses());
        return !all.isEmpty()
                && all.stream()
                        .allMatch(each ->
                                each.getState() != null && each.getState().getRunning() != null);
    }

    /** How long its init containers ran, one after the other. */
    private static double initSeconds(Pod pod) {
        return OrEmpty.of(pod.getStatus().getInitContainerStatuses()).stream()
                .filter(each -> each.getState() != null && each.getState().getTerminated() != null)
                .map(each -> each.getState().getTerminated())
                .mapToDouble(ended -> between(ended.getStartedAt(), ended.getFinishedAt()))
                .sum();
    }

    private static double between(@Nullable String from, @Nullable String to) {
        return from == null || to == null
                ? 0
                : Math.max(
                        0,
                        Duration.between(Instant.parse(from), Instant.parse(to)).toNanos() / NANOS);
    }

    /** Nothing is left of a pod, or it has ended. */
    void forget(String uid) {
        starts.remove(uid);
    }

    /** The sandbox of a pod is about to be started. */
    void starts(Pod pod) {
        pods.inc();
        if (hasUsers(pod)) {
            podsWithUsers.inc();
        }
    }

    /** It could not be. */
    void failed(Pod pod) {
        podErrors.inc();
        if (hasUsers(pod)) {
            podsWithUsersErrors.inc();
        }
    }

    private static boolean hasUsers(Pod pod) {
        return Boolean.FALSE.equals(pod.getSpec().getHostUsers());
    }

    /** A container is about to be started. */
    void starts(PodContainer container) {
        containers.labelValues(type(container)).inc();
    }

    /** It could not be. */
    void failed(PodContainer container, PodProblem problem) {
        containerErrors.labelValues(type(container), problem.waitingReason()).inc();
    }

    private static String type(PodContainer container) {
        return switch (container.sort()) {
            case INIT, SIDECAR -> "init_container";
            case ORDINARY -> "container";
            case EPHEMERAL -> "ephemeral_container";
        };
    }

    /** A status that changed is in the API. */
    void synced(Duration since) {
        statuses.observe(since.toNanos() / NANOS);
    }
}
