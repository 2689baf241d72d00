package io.keelson.scheduler.queue;

import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.queue.QueuedPod.Place;
import io.keelson.scheduler.state.PodInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The pods that are to be scheduled, each once.
 *
 * <pre>
 *   add ──► gated ──ungated──► active ──take──► in flight ──bound──► (gone)
 *                                ▲  ▲               │  │
 *              backoff has ended │  │               │  └─fail──► failed ──backoff has ended──► active
 *                                │  └── event that helps ◄── unschedulable ◄──reject──┘
 *                             backoff ◄── the same, too early ──┘
 * </pre>
 *
 * A pod that was rejected backs off 1 s after the first time, twice that each time, at most 10 s, and so does one whose
 * binding failed, by a count of its own. The backoff after a rejection is cut short when nothing else is to be decided. Who
 * has waited for an event for five minutes is tried without one.
 *
 * <p>One thread owns it. It takes a pod, decides, and rejects it before it tells of anything else that happened, so no event
 * can fall between a decision and the wait that follows it. Between taking a pod and {@link #fail} anything may happen: such
 * a pod is tried again in any case.
 */
public final class SchedulingQueue {
    private static final Duration WAITING_MAX = Duration.ofMinutes(5);
    /** In the place of a filter, for pods that none rejected as there was no node. */
    private static final String NO_NODES = "";

    private final Hints hints;
    private final Map<String, QueuedPod> pods = new HashMap<>();
    private final TreeSet<QueuedPod> active = new TreeSet<>(QueuedPod.BY_PRIORITY);
    private final TreeSet<QueuedPod> backoff = new TreeSet<>(QueuedPod.BY_BACKOFF);
    private final TreeSet<QueuedPod> failed = new TreeSet<>(QueuedPod.BY_BACKOFF);
    /** Those that wait longest come first. */
    private final LinkedHashSet<QueuedPod> unschedulable = new LinkedHashSet<>();

    private final Map<String, Set<QueuedPod>> rejectedBy = new HashMap<>();
    private final LinkedHashSet<QueuedPod> gated = new LinkedHashSet<>();
    private long number;

    /**
     * How many pods are where; {@code scheduler_pending_pods}.
     *
     * @param backoff those whose binding failed included
     */
    public record Counts(int active, int backoff, int unschedulable, int gated) {}

    /** An empty queue. */
    public SchedulingQueue(Hints hints) {
        this.hints = hints;
    }

    /** A pod is to be scheduled, or there is another version of one that is. */
    public void put(PodInfo pod, Instant now) {
        QueuedPod known = pods.get(pod.uid());
        if (known == null) {
            QueuedPod added = new QueuedPod(number++, pod, now);
            pods.put(pod.uid(), added);
            enter(added, isGated(pod) ? Place.GATED : Place.ACTIVE);
            return;
        }
        PodInfo before = known.pod();
        boolean goesOnWaiting =
                known.place() == Place.UNSCHEDULABLE && !isGated(pod) && !asksForSomethingElse(before, pod);
        if (known.place() == Place.IN_FLIGHT || goesOnWaiting) {
            known.become(pod);
            return;
        }
        Place place = leave(known);
        known.become(pod);
        if (isGated(pod)) {
            enter(known, Place.GATED);
        } else if (place == Place.GATED) {
            enter(known, Place.ACTIVE);
        } else if (place == Place.UNSCHEDULABLE) {
            enter(known, afterBackoff(known, now));
        } else {
            enter(known, place);
        }
    }

    /** Whether something keeps a pod from being scheduled at all. */
    public static boolean isGated(PodInfo pod) {
        return !OrEmpty.of(pod.pod().getSpec().getSchedulingGates()).isEmpty();
    }

    /** Whether another decision may come of it; what is in the status has no say. */
    private static boolean asksForSomethingElse(PodInfo before, PodInfo now) {
        return !before.labels().equals(now.labels())
                || !before.pod().getSpec().equals(now.pod().getSpec());
    }

    /** A pod need not be scheduled any more: it is gone, or on a node. Nothing happens if it is not in the queue. */
    public void remove(String uid) {
        QueuedPod gone = pods.remove(uid);
        if (gone != null) {
            leave(gone);
        }
    }

    /** Whether a pod is in the queue or in flight. */
    public boolean contains(String uid) {
        return pods.containsKey(uid);
    }

    /** The pod that is to be decided on next, which is in flight from now on; null if no pod's turn has come. */
    public @Nullable QueuedPod take(Instant now) {
        comeBack(now);
        QueuedPod next = !active.isEmpty() ? active.first() : !backoff.isEmpty() ? backoff.first() : null;
        if (next != null) {
            leave(next);
            next.takenOut();
        }
        return next;
    }

    private void comeBack(Instant now) {
        for (TreeSet<QueuedPod> waiting : List.of(backoff, failed)) {
            while (!waiting.isEmpty() && !waiting.first().until().isAfter(now)) {
                QueuedPod first = waiting.first();
                leave(first);
                enter(first, Place.ACTIVE);
            }
        }
        while (!unschedulable.isEmpty()
                && !unschedulable.getFirst().since().plus(WAITING_MAX).isAfter(now)) {
            QueuedPod first = unschedulable.getFirst();
            leave(first);
            enter(first, Place.ACTIVE);
        }
    }

    /** When a pod's turn comes though nothing happens; null if for none. It may have come already. */
    public @Nullable Instant nextTurn() {
        if (!active.isEmpty()) {
            return active.first().since();
        }
        Instant next = null;
        for (TreeSet<QueuedPod> waiting : List.of(backoff, failed)) {
            next = waiting.isEmpty() ? next : earlier(next, waiting.first().until());
        }
        return unschedulable.isEmpty()
                ? next
                : earlier(next, unschedulable.getFirst().since().plus(WAITING_MAX));
    }

    private static Instant earlier(@Nullable Instant one, Instant other) {
        return one == null || other.isBefore(one) ? other : one;
    }

    /**
     * No node can take a pod that was taken out. Nothing happens if it was removed meanwhile.
     *
     * @param filters which rejected it on one node at least; empty if there are no nodes
     */
    public void reject(QueuedPod pod, Set<String> filters, Instant now) {
        if (isInFlight(pod)) {
            pod.rejected(filters, now);
            enter(pod, Place.UNSCHEDULABLE);
        }
    }

    /** Something went wrong with a pod that was taken out. Nothing happens if it was removed meanwhile. */
    public void fail(QueuedPod pod, Instant now) {
        if (isInFlight(pod)) {
            pod.failed(now);
            enter(pod, isGated(pod.pod()) ? Place.GATED : Place.FAILED);
        }
    }

    private boolean isInFlight(QueuedPod pod) {
        return pods.get(pod.pod().uid()) == pod && pod.place() == Place.IN_FLIGHT;
    }

    /** Something happened: the pods that it may help come back. */
    public void happened(ClusterEvent event, Instant now) {
        Set<QueuedPod> helped = new LinkedHashSet<>();
        rejectedBy.forEach((filter, waiting) -> {
            if (filter.equals(NO_NODES)) {
                if (event.kind() == ClusterEvent.Kind.NODE_ADDED) {
                    helped.addAll(waiting);
                }
            } else if (hints.concerns(filter, event.kind())) {
                for (QueuedPod each : waiting) {
                    if (hints.mayHelp(filter, each.pod(), event)) {
                        helped.add(each);
                    }
                }
            }
        });
        for (QueuedPod each : helped) {
            leave(each);
            enter(each, afterBackoff(each, now));
        }
    }

    /** Something happened that helps a pod, which waits perhaps. */
    public void helped(String uid, Instant now) {
        QueuedPod pod = pods.get(uid);
        if (pod != null && pod.place() == Place.UNSCHEDULABLE) {
            leave(pod);
            enter(pod, afterBackoff(pod, now));
        }
    }

    private static Place afterBackoff(QueuedPod pod, Instant now) {
        return pod.until().isAfter(now) ? Place.BACKOFF : Place.ACTIVE;
    }

    private void enter(QueuedPod pod, Place place) {
        pod.goTo(place);
        switch (place) {
            case ACTIVE -> active.add(pod);
            case BACKOFF -> backoff.add(pod);
            case FAILED -> failed.add(pod);
            case GATED -> gated.add(pod);
            case UNSCHEDULABLE -> {
                unschedulable.add(pod);
                for (String filter : filters(pod)) {
                    rejectedBy
                            .computeIfAbsent(filter, ignored -> new LinkedHashSet<>())
                            .add(pod);
                }
            }
            case IN_FLIGHT -> throw new IllegalStateException("a pod gets in flight by being taken");
        }
    }

    private Place leave(QueuedPod pod) {
        switch (pod.place()) {
            case ACTIVE -> active.remove(pod);
            case BACKOFF -> backoff.remove(pod);
            case FAILED -> failed.remove(pod);
            case GATED -> gated.remove(pod);
            case IN_FLIGHT -> {}
            case UNSCHEDULABLE -> {
                unschedulable.remove(pod);
                for (String filter : filters(pod)) {
                    rejectedBy.computeIfPresent(filter, (ignored, waiting) -> {
                        waiting.remove(pod);
                        return waiting.isEmpty() ? null : waiting;
                    });
                }
            }
        }
        return pod.place();
    }

    private static Set<String> filters(QueuedPod pod) {
        return pod.rejectedBy().isEmpty() ? Set.of(NO_NODES) : pod.rejectedBy();
    }

    /** How many are where. */
    public Counts counts() {
        return new Counts(active.size(), backoff.size() + failed.size(), unschedulable.size(), gated.size());
    }

    /** The pods that wait to be helped, those that wait longest first. */
    public List<QueuedPod> unschedulable() {
        return new ArrayList<>(unschedulable);
    }
}
