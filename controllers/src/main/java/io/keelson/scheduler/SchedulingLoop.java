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
import io.keelson.scheduler.decision.Reservation;
import io.keelson.scheduler.decision.ReservationException;
import io.keelson.scheduler.decision.Reserve;
import io.keelson.scheduler.preemption.Budgets;
import io.keelson.scheduler.preemption.DefaultPreemption;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.queue.SchedulingQueue;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
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

    /** How many pods may wait for what was taken for them to be written, such as a volume that is made for one. */
    private static final int WRITING_MAX = 4096;

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
    private final Plugins plugins;
    private final SchedulingQueue queue;
    private final ObservedCluster cluster = new ObservedCluster(state, this::happened);
    private final Nominations nominations = new Nominations(state);
    private final Preemptor preemptor;
    private final Decider decider;
    private final Map<String, Assumed> assumed = new HashMap<>();
    /** Pods that are bound and that the watch has not told of; when to ask. The earliest comes first. */
    private final LinkedHashMap<String, Instant> unconfirmed = new LinkedHashMap<>();

    private int bindings;
    private int writing;

    /**
     * A pod that was decided on.
     *
     * @param reservations what was taken for it, in the order in which it is written
     * @param startNanos when the decision began, on the monotonic clock
     */
    private record Assumed(
            QueuedPod queued, PodInfo pod, String node, List<Reservation> reservations, long startNanos) {
        void release() {
            reservations.reversed().forEach(Reservation::release);
        }
    }

    SchedulingLoop(
            SchedulerSettings settings,
            Context context,
            SchedulerMetrics metrics,
            Binder binder,
            PodReports reports,
            Evictor evictor,
            Supplier<Budgets> budgets,
            Inbox inbox,
            Plugins plugins) {
        this.settings = settings;
        this.time = context.time();
        this.events = context.events().from(settings.name());
        this.metrics = metrics;
        this.binder = binder;
        this.reports = reports;
        this.inbox = inbox;
        this.plugins = plugins;
        queue = new SchedulingQueue(new PluginHints(plugins.filters(), state));
        RandomGenerator random = new SplittableRandom();
        decider = new Decider(plugins.filters(), plugins.scores(), settings.percentageOfNodesToScore(), random);
        preemptor = new Preemptor(
                state,
                queue,
                cluster,
                nominations,
                new DefaultPreemption(plugins.filters(), random),
                budgets,
                evictor,
                inbox,
                time);
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
            QueuedPod next = mayBind() ? queue.take(now) : null;
            metrics.pending(queue.counts());
            if (next != null) {
                decide(next);
            } else {
                inbox.await(nextTurn(), time);
            }
        }
    }

    private boolean mayBind() {
        return bindings < settings.bindingsAtOnce() && writing < WRITING_MAX;
    }

    private @Nullable Instant nextTurn() {
        Instant pod = mayBind() ? queue.nextTurn() : null;
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
        nominations.forget(uid);
        return assumed.remove(uid) != null;
    }

    private void pending(Pod pod) {
        boolean decided = assumed.containsKey(uid(pod));
        String held = nominations.nodeOf(uid(pod));
        if (!decided && held == null && state.nodeOf(uid(pod)) != null) {
            // It is older than what is known.
            return;
        }
        if (!decided && (!isMine(pod) || Pods.isTerminating(pod))) {
            gone(uid(pod));
            return;
        }
        PodInfo read;
        try {
            read = PodInfo.of(pod, state.table());
        } catch (RuntimeException e) {
            // No API server takes such a pod; when it is changed it is looked at again.
            LOG.warn("pod {} cannot be scheduled: {}", pod.getMetadata().getName(), e.getMessage());
            gone(uid(pod));
            return;
        }
        if (decided) {
            queue.put(read, instant());
            return;
        }
        if (held == null && !queue.contains(read.uid())) {
            // Another scheduler, before this one, made room for it perhaps.
            held = PodReports.nominatedNode(pod);
        }
        if (held != null && !held.isEmpty()) {
            nominations.hold(read, held);
        }
        queue.put(read, instant());
        if (SchedulingQueue.isGated(read)) {
            reports.tell(read, "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates", "");
        }
    }

    private boolean isMine(Pod pod) {
        String wanted = OrEmpty.of(pod.getSpec().getSchedulerName());
        return settings.name().equals(wanted.isEmpty() ? SchedulerSettings.DEFAULT.name() : wanted);
    }

    private void decide(QueuedPod next) {
        long start = System.nanoTime();
        PodInfo pod = next.pod();
        // The room that is kept for it is its own.
        String held = nominations.forget(pod.uid());
        if (held != null) {
            state.remove(pod.uid());
        }
        try {
            Decision decision = decider.decide(pod, state);
            metrics.decided(System.nanoTime() - start);
            switch (decision) {
                case Decision.Chosen chosen -> assume(next, chosen.node(), start);
                case Decision.Impossible impossible -> impossible(next, impossible, held, start);
            }
        } catch (RuntimeException e) {
            LOG.error("deciding on pod {}", pod.key(), e);
            failed(next, OrEmpty.of(e.getMessage()), start);
        }
        if (held != null && !held.equals(state.nodeOf(pod.uid()))) {
            happened(ClusterEvent.of(ClusterEvent.Kind.POD_LEFT, pod, state.node(held)));
        }
    }

    private void assume(QueuedPod next, NodeState chosen, long start) {
        PodInfo pod = next.pod();
        String node = chosen.name();
        if (settings.verbosity() >= EACH_DECISION) {
            LOG.info("pod {} is to be on node {}", pod.key(), node);
        }
        List<Reservation> reservations;
        try {
            reservations = reserve(pod, chosen);
        } catch (ReservationException e) {
            failed(next, OrEmpty.of(e.getMessage()), start);
            return;
        }
        Assumed decided = new Assumed(next, pod, node, reservations, start);
        cluster.assumed(pod, node);
        assumed.put(pod.uid(), decided);
        // Who waits for a volume keeps nobody else from being bound.
        if (reservations.isEmpty()) {
            bindings++;
        } else {
            writing++;
        }
        binder.bind(
                pod,
                node,
                reservations,
                () -> inbox.tell(() -> written(reservations)),
                outcome -> inbox.tell(() -> bound(decided, outcome)));
    }

    private List<Reservation> reserve(PodInfo pod, NodeState node) throws ReservationException {
        List<Reservation> reservations = new ArrayList<>();
        boolean complete = false;
        try {
            for (Reserve reserve : plugins.reserves()) {
                Reservation reservation = reserve.reserve(pod, node);
                if (reservation != null) {
                    reservations.add(reservation);
                }
            }
            complete = true;
            return reservations;
        } finally {
            if (!complete) {
                reservations.reversed().forEach(Reservation::release);
            }
        }
    }

    private void written(List<Reservation> reservations) {
        if (!reservations.isEmpty()) {
            writing--;
            bindings++;
        }
    }

    /** @param held where room was being made for the pod; null for nowhere */
    private void impossible(QueuedPod next, Decision.Impossible impossible, @Nullable String held, long start) {
        Set<String> filters = new HashSet<>();
        for (List<Rejection> each : impossible.rejections().values()) {
            each.forEach(rejection -> filters.add(rejection.filter()));
        }
        queue.reject(next, filters, instant());
        metrics.attempted(Result.UNSCHEDULABLE, settings.name(), System.nanoTime() - start);
        String message = impossible.message() + preemptor.makeRoom(next.pod(), impossible, held);
        if (settings.verbosity() >= EACH_DECISION) {
            LOG.info("pod {}: {}", next.pod().key(), message);
        }
        notScheduled(next.pod(), "Unschedulable", message);
    }

    void happened(ClusterEvent event) {
        queue.happened(event, instant());
        preemptor.happened(event);
    }

    private void notScheduled(PodInfo pod, String reason, String message) {
        events.warning(pod.pod(), "FailedScheduling", message);
        reports.tell(pod, reason, message, OrEmpty.of(nominations.nodeOf(pod.uid())));
    }

    private void failed(QueuedPod pod, String why, long start) {
        queue.fail(pod, instant());
        metrics.attempted(Result.ERROR, settings.name(), System.nanoTime() - start);
        notScheduled(pod.pod(), "SchedulerError", why);
    }

    private void bound(Assumed decided, Binder.Outcome outcome) {
        bindings--;
        PodInfo pod = decided.pod();
        if (outcome instanceof Binder.Outcome.Bound) {
            decided.reservations().forEach(Reservation::bound);
        } else {
            decided.release();
        }
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
                    notBound(decided, refused.why());
                }
            }
        }
    }

    private void notBound(Assumed decided, String why) {
        String uid = decided.pod().uid();
        assumed.remove(uid);
        cluster.left(uid);
        if (Pods.isTerminating(decided.queued().pod().pod())) {
            settled(uid);
        } else {
            failed(decided.queued(), why, decided.startNanos());
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
        switch (outcome) {
            // The watch will tell.
            case Binder.Outcome.Bound _ -> unconfirmed.put(uid, instant().plus(UNCONFIRMED_MAX));
            case Binder.Outcome.Gone _ -> gone(uid);
            case Binder.Outcome.Refused refused -> notBound(decided, refused.why());
        }
    }
}
