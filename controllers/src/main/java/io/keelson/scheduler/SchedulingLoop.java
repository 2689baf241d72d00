package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import io.keelson.scheduler.SchedulerMetrics.Result;
import io.keelson.scheduler.decision.Decider;
import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.queue.SchedulingQueue;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.PodInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the one thread does that owns state and queue: it is told what happened, and makes one decision after the other.
 *
 * <p>A pod that was decided on is assumed to be on its node until the watch tells that it is, or that it is elsewhere or gone,
 * or until the API refuses the binding. A watch that is late may tell of the pod as it was before: what is on a node does not
 * become pending again by that, as in the API it cannot.
 */
final class SchedulingLoop {
    private static final Logger LOG = LoggerFactory.getLogger(SchedulingLoop.class);
    /** How long the watch may take to tell of a pod that is bound, before the API is asked. */
    private static final Duration UNCONFIRMED_MAX = Duration.ofSeconds(30);

    private static final int EACH_BINDING = 2;
    private static final int EACH_DECISION = 3;

    private final SchedulerSettings settings;
    private final Time time;
    private final Events events;
    private final SchedulerMetrics metrics;
    private final Binder binder;
    private final PodReports reports;
    private final Inbox inbox;
    private final ClusterState state = new ClusterState();
    private final SchedulingQueue queue = new SchedulingQueue(new PluginHints(DefaultPlugins.FILTERS, state));
    private final ObservedCluster cluster = new ObservedCluster(state, event -> queue.happened(event, instant()));
    private final Decider decider;
    private final Map<String, Assumed> assumed = new HashMap<>();
    /** Pods that are bound and that the watch has not told of; when to ask. The earliest comes first. */
    private final LinkedHashMap<String, Instant> unconfirmed = new LinkedHashMap<>();

    private int bindings;

    /**
     * A pod that was decided on.
     *
     * @param startNanos when the decision began, on the monotonic clock
     */
    private record Assumed(QueuedPod queued, PodInfo pod, String node, long startNanos) {}

    SchedulingLoop(
            SchedulerSettings settings,
            Context context,
            SchedulerMetrics metrics,
            Binder binder,
            PodReports reports,
            Inbox inbox) {
        this.settings = settings;
        this.time = context.time();
        this.events = context.events().from(settings.name());
        this.metrics = metrics;
        this.binder = binder;
        this.reports = reports;
        this.inbox = inbox;
        decider = new Decider(
                DefaultPlugins.FILTERS,
                DefaultPlugins.SCORES,
                settings.percentageOfNodesToScore(),
                new SplittableRandom());
    }

    private Instant instant() {
        return time.instant();
    }

    /** Does what there is to do, until it is interrupted. */
    void run() throws InterruptedException {
        while (true) {
            inbox.handle();
            Instant now = instant();
            askAboutUnconfirmed(now);
            QueuedPod next = bindings < settings.bindingsAtOnce() ? queue.take(now) : null;
            metrics.pending(queue.counts());
            if (next != null) {
                decide(next);
            } else {
                inbox.await(nextTurn(), time);
            }
        }
    }

    private @Nullable Instant nextTurn() {
        Instant pod = bindings < settings.bindingsAtOnce() ? queue.nextTurn() : null;
        Instant ask =
                unconfirmed.isEmpty() ? null : unconfirmed.values().iterator().next();
        return pod == null || (ask != null && ask.isBefore(pod)) ? ask : pod;
    }

    void node(Change<Node> change) {
        cluster.node(change);
    }

    void namespace(Change<Namespace> change) {
        cluster.namespace(change);
    }

    void pod(Change<Pod> change) {
        Pod before = change.before();
        Pod now = change.now();
        if (before != null && (now == null || !uid(before).equals(uid(now)))) {
            gone(uid(before));
        }
        if (now == null) {
            return;
        }
        if (Pods.isTerminal(now)) {
            gone(uid(now));
        } else if (Pods.node(now).isEmpty()) {
            pending(now);
        } else {
            boolean wasAssumed = settled(uid(now));
            cluster.assigned(now, wasAssumed);
        }
    }

    private static String uid(Pod pod) {
        return pod.getMetadata().getUid();
    }

    private void gone(String uid) {
        settled(uid);
        cluster.left(uid);
    }

    /** The API has the last word on a pod: nothing is to be decided on it any more. Whether it was assumed on a node. */
    private boolean settled(String uid) {
        queue.remove(uid);
        reports.forget(uid);
        unconfirmed.remove(uid);
        return assumed.remove(uid) != null;
    }

    private void pending(Pod pod) {
        boolean decided = assumed.containsKey(uid(pod));
        if (!decided && state.nodeOf(uid(pod)) != null) {
            // It is older than what is known.
            return;
        }
        if (!decided && (!isMine(pod) || Pods.isTerminating(pod))) {
            settled(uid(pod));
            return;
        }
        PodInfo read;
        try {
            read = PodInfo.of(pod, state.table());
        } catch (RuntimeException e) {
            // No API server takes such a pod; when it is changed it is looked at again.
            LOG.warn("pod {} cannot be scheduled: {}", pod.getMetadata().getName(), e.getMessage());
            queue.remove(uid(pod));
            return;
        }
        if (!decided || queue.contains(read.uid())) {
            queue.put(read, instant());
        }
        if (!decided && SchedulingQueue.isGated(read)) {
            reports.tell(read, "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates");
        }
    }

    private boolean isMine(Pod pod) {
        String wanted = OrEmpty.of(pod.getSpec().getSchedulerName());
        return settings.name().equals(wanted.isEmpty() ? SchedulerSettings.DEFAULT.name() : wanted);
    }

    private void decide(QueuedPod next) {
        long start = System.nanoTime();
        Decision decision;
        try {
            decision = decider.decide(next.pod(), state);
        } catch (RuntimeException e) {
            LOG.error("deciding on pod {}", next.pod().key(), e);
            failed(next, String.valueOf(e.getMessage()), start);
            return;
        }
        metrics.decided(System.nanoTime() - start);
        if (settings.verbosity() >= EACH_DECISION) {
            LOG.info(
                    "{}: {}",
                    next.pod().key(),
                    decision instanceof Decision.Impossible none ? none.message() : "decided");
        }
        switch (decision) {
            case Decision.Chosen chosen -> assume(next, chosen.node().name(), start);
            case Decision.Impossible impossible -> impossible(next, impossible, start);
        }
    }

    private void assume(QueuedPod next, String node, long start) {
        Assumed decided = new Assumed(next, next.pod(), node, start);
        state.put(decided.pod(), node);
        assumed.put(decided.pod().uid(), decided);
        bindings++;
        binder.bind(decided.pod(), node, outcome -> inbox.tell(() -> bound(decided, outcome)));
    }

    private void impossible(QueuedPod next, Decision.Impossible impossible, long start) {
        Set<String> filters = new HashSet<>();
        for (List<Rejection> each : impossible.rejections().values()) {
            each.forEach(rejection -> filters.add(rejection.filter()));
        }
        queue.reject(next, filters, instant());
        metrics.attempted(Result.UNSCHEDULABLE, settings.name(), System.nanoTime() - start);
        notScheduled(next.pod(), "Unschedulable", impossible.message());
    }

    private void notScheduled(PodInfo pod, String reason, String message) {
        events.warning(pod.pod(), "FailedScheduling", message);
        reports.tell(pod, reason, message);
    }

    private void failed(QueuedPod pod, String why, long start) {
        queue.fail(pod, instant());
        metrics.attempted(Result.ERROR, settings.name(), System.nanoTime() - start);
        notScheduled(pod.pod(), "SchedulerError", why);
    }

    private void bound(Assumed decided, Binder.Outcome outcome) {
        bindings--;
        PodInfo pod = decided.pod();
        // Otherwise the watch was faster, and told what became of it.
        boolean open = decided.equals(assumed.get(pod.uid()));
        switch (outcome) {
            case Binder.Outcome.Bound _ -> {
                if (open) {
                    unconfirmed.put(pod.uid(), instant().plus(UNCONFIRMED_MAX));
                }
                if (settings.verbosity() >= EACH_BINDING) {
                    LOG.info("bound pod {} to node {}", pod.key(), decided.node());
                }
                metrics.attempted(Result.SCHEDULED, settings.name(), System.nanoTime() - decided.startNanos());
                events.normal(pod.pod(), "Scheduled", "Successfully assigned " + pod.key() + " to " + decided.node());
            }
            case Binder.Outcome.Gone _ -> {
                if (open) {
                    gone(pod.uid());
                }
            }
            case Binder.Outcome.Refused refused -> {
                if (open) {
                    assumed.remove(pod.uid());
                    cluster.left(pod.uid());
                    if (Pods.isTerminating(decided.queued().pod().pod())) {
                        settled(pod.uid());
                    } else {
                        failed(decided.queued(), "binding rejected: " + refused.why(), decided.startNanos());
                    }
                }
            }
        }
    }

    private void askAboutUnconfirmed(Instant now) {
        while (!unconfirmed.isEmpty()) {
            Map.Entry<String, Instant> first = unconfirmed.firstEntry();
            if (first.getValue().isAfter(now)) {
                return;
            }
            unconfirmed.remove(first.getKey());
            Assumed decided = assumed.get(first.getKey());
            if (decided != null) {
                binder.look(decided.pod(), decided.node(), outcome -> inbox.tell(() -> found(decided, outcome)));
            }
        }
    }

    private void found(Assumed decided, Binder.Outcome outcome) {
        String uid = decided.pod().uid();
        if (!decided.equals(assumed.get(uid))) {
            return;
        }
        if (outcome instanceof Binder.Outcome.Bound) {
            // The watch will tell.
            unconfirmed.put(uid, instant().plus(UNCONFIRMED_MAX));
        } else {
            gone(uid);
        }
    }
}
