package io.keelson.scheduler;

import io.keelson.controllers.objects.Pods;
import io.keelson.scheduler.SchedulerMetrics.Point;
import io.keelson.scheduler.SchedulerMetrics.Status;
import io.keelson.scheduler.decision.Reservation;
import io.keelson.scheduler.decision.ReservationException;
import io.keelson.scheduler.decision.Reserve;
import io.keelson.scheduler.groups.PodGroups;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Pods that were decided on and of which the watch has not told yet that they are on their nodes. Each is assumed to be on its
 * node from {@link #take} on; what was taken for it is given back if it is not bound. One that has to wait for others of its
 * group waits in here, and all of its group that wait are let go together, or none is. Owned by the thread that owns the state.
 *
 * <pre>
 *   take ──► assumed ──go──────────────────────────► ready ──► binding ──► bound ──► the watch tells
 *               └──wait──► waiting ──the last came──► ready        └──► refused: the pod comes back
 *                             └──too few, too late: all of the group come back
 * </pre>
 */
final class Assumptions {
    /** How long the watch may take to tell of a pod that is bound, before the API is asked. */
    private static final Duration UNCONFIRMED_MAX = Duration.ofSeconds(30);

    private final Profiles profiles;
    private final ObservedCluster cluster;
    private final Results results;
    private final PodGroups groups;
    private final Bindings bindings;
    private final Permits permits;
    private final InstantSource clock;
    private final Consumer<String> settled;
    private final Map<String, Assumed> assumed = new HashMap<>();
    /** Pods that are bound and that the watch has not told of; when to ask. The earliest comes first. */
    private final LinkedHashMap<String, Instant> unconfirmed = new LinkedHashMap<>();

    /**
     * Nothing is decided yet.
     *
     * @param settled is told of a pod whose fate the API knows: that it is gone
     * @param permits makes what says whether pods may be bound
     */
    Assumptions(
            int bindingsAtOnce,
            Profiles profiles,
            ObservedCluster cluster,
            Results results,
            Binder binder,
            Extending extending,
            PodGroups groups,
            Inbox inbox,
            InstantSource clock,
            Consumer<String> settled,
            Function<Assumptions, Permits> permits) {
        this.profiles = profiles;
        this.cluster = cluster;
        this.results = results;
        this.groups = groups;
        this.clock = clock;
        this.settled = settled;
        this.bindings = new Bindings(bindingsAtOnce, binder, extending, groups, inbox, this::isOpen, this::bound);
        this.permits = permits.apply(this);
    }

    /** Whether another pod may be decided on. */
    boolean mayTake() {
        return bindings.mayTake();
    }

    /** Whether a pod is decided on. */
    boolean contains(String uid) {
        return assumed.containsKey(uid);
    }

    /** How many pods are assumed to be on nodes, of which the watch has not told yet. */
    int count() {
        return assumed.size();
    }

    /**
     * Assumes a pod to be on a node, takes what it needs there, and has it bound, at once or with others.
     *
     * @throws ReservationException if something cannot be had; then nothing is assumed
     */
    void take(QueuedPod next, PodInfo pod, NodeState node, long startNanos) throws ReservationException {
        permits.ask(assume(next, pod, node, startNanos));
    }

    /**
     * Assumes a pod to be on a node, and takes what it needs there; for {@link Permits#ask} or {@link #forget}.
     *
     * @throws ReservationException if something cannot be had; then nothing is assumed
     */
    Assumed assume(QueuedPod next, PodInfo pod, NodeState node, long startNanos) throws ReservationException {
        List<Reservation> reservations = reserve(pod, node);
        Assumed decided = new Assumed(next, pod, node.name(), reservations, startNanos);
        cluster.assumed(pod, node.name());
        groups.assume(pod.uid());
        assumed.put(pod.uid(), decided);
        return decided;
    }

    /** A pod is not to be on its node after all, and nobody was told that it is. */
    void forget(Assumed decided) {
        String uid = decided.pod().uid();
        assumed.remove(uid);
        groups.forget(uid);
        cluster.forgotten(uid);
        decided.release();
    }

    private List<Reservation> reserve(PodInfo pod, NodeState node) throws ReservationException {
        List<Reservation> reservations = new ArrayList<>();
        long begin = System.nanoTime();
        boolean complete = false;
        boolean closely = results.looksClosely();
        try {
            for (Reserve reserve : profiles.of(pod).plugins().reserves()) {
                Reservation reservation = reserve(reserve, pod, node, closely);
                if (reservation != null) {
                    reservations.add(reservation);
                }
            }
            complete = true;
            return reservations;
        } finally {
            results.took(Point.RESERVE, complete ? Status.SUCCESS : Status.ERROR, pod, begin);
            if (!complete) {
                reservations.reversed().forEach(Reservation::release);
            }
        }
    }

    private @Nullable Reservation reserve(Reserve plugin, PodInfo pod, NodeState node, boolean closely)
            throws ReservationException {
        long begin = System.nanoTime();
        boolean well = false;
        try {
            Reservation reservation = plugin.reserve(pod, node);
            well = true;
            return reservation;
        } finally {
            if (closely) {
                results.executed(Point.RESERVE, well ? Status.SUCCESS : Status.ERROR, plugin.name(), begin);
            }
            if (!well) {
                results.missed(plugin.name());
            }
        }
    }

    /** Permits whoever has a node to be bound, or has it wait for others. */
    Permits permits() {
        return permits;
    }

    /** Has a pod bound that was assumed. */
    void bind(Assumed decided) {
        bindings.bind(decided);
    }

    /** Whether the watch has not told yet what became of a pod. */
    private boolean isOpen(Assumed decided) {
        return decided.equals(assumed.get(decided.pod().uid()));
    }

    private void bound(Assumed decided, Binder.Outcome outcome) {
        PodInfo pod = decided.pod();
        if (outcome instanceof Binder.Outcome.Bound) {
            decided.reservations().forEach(Reservation::bound);
        } else {
            decided.release();
        }
        boolean open = isOpen(decided);
        switch (outcome) {
            case Binder.Outcome.Bound _ -> {
                if (open) {
                    unconfirmed.put(pod.uid(), clock.instant().plus(UNCONFIRMED_MAX));
                }
                results.bound(decided);
            }
            case Binder.Outcome.Gone _ -> {
                if (open) {
                    settled.accept(pod.uid());
                }
            }
            case Binder.Outcome.Refused refused -> {
                if (open) {
                    notBound(decided, refused.why());
                }
            }
        }
    }

    /**
     * A pod that was assumed is not bound: others are told of its room, after it is back in the queue.
     *
     * @param back puts it there; not called if it is about to go
     */
    void undecide(Assumed decided, Runnable back) {
        String uid = decided.pod().uid();
        assumed.remove(uid);
        groups.forget(uid);
        decided.release();
        boolean ending = Pods.isTerminating(decided.queued().pod().pod());
        if (!ending) {
            back.run();
        }
        cluster.left(uid);
        if (ending) {
            settled.accept(uid);
        }
    }

    private void notBound(Assumed decided, String why) {
        String uid = decided.pod().uid();
        assumed.remove(uid);
        groups.forget(uid);
        cluster.left(uid);
        if (Pods.isTerminating(decided.queued().pod().pod())) {
            settled.accept(uid);
        } else {
            results.failed(decided.queued(), why, decided.startNanos());
        }
    }

    /** The API has the last word on a pod. Whether it was assumed. */
    boolean settle(String uid) {
        unconfirmed.remove(uid);
        permits.leave(uid);
        return assumed.remove(uid) != null;
    }

    /** Asks about pods of which the watch does not tell. */
    void turn(Instant now) {
        while (!unconfirmed.isEmpty()) {
            Map.Entry<String, Instant> first = unconfirmed.firstEntry();
            if (first.getValue().isAfter(now)) {
                return;
            }
            unconfirmed.remove(first.getKey());
            Assumed decided = assumed.get(first.getKey());
            if (decided != null) {
                bindings.look(decided, this::found);
            }
        }
    }

    /** When something is due; null if nothing is. */
    @Nullable
    Instant nextTurn() {
        Map.Entry<String, Instant> first = unconfirmed.firstEntry();
        return first == null ? null : first.getValue();
    }

    private void found(Assumed decided, Binder.Outcome outcome) {
        String uid = decided.pod().uid();
        if (!isOpen(decided)) {
            return;
        }
        switch (outcome) {
            // The watch will tell.
            case Binder.Outcome.Bound _ -> unconfirmed.put(uid, clock.instant().plus(UNCONFIRMED_MAX));
            case Binder.Outcome.Gone _ -> settled.accept(uid);
            case Binder.Outcome.Refused refused -> notBound(decided, refused.why());
        }
    }
}
