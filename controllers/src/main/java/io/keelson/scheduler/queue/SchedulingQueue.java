package io.keelson.scheduler.queue;

import io.fabric8.kubernetes.api.model.PodResourceClaimStatus;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.queue.QueuedPod.Place;
import io.keelson.scheduler.state.PodInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
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
 * has waited for an event for long, by default for five minutes, is tried without one.
 *
 * <p>One thread owns it. It takes a pod, decides, and rejects it before it tells of anything else that happened, so no event
 * can fall between a decision and the wait that follows it. Between taking a pod and {@link #fail} anything may happen: such
 * a pod is tried again in any case.
 */
public final class SchedulingQueue {
    private static final String OWN_GATES = "SchedulingGates";
    /** In the place of a filter, for pods that none rejected as there was no node. */
    private static final String NO_NODES = "";

    // What brings pods from one part to another that is no event of the cluster, as kube-scheduler calls it.

    /** A pod is to be scheduled. */
    public static final String ADDED = "UnschedulablePodAdd";

    /** A pod that is to be scheduled is another. */
    public static final String CHANGED = "UnschedulablePodUpdate";

    private static final String ATTEMPT_FAILED = "ScheduleAttemptFailure";
    private static final String BACKOFF_ENDED = "BackoffComplete";
    private static final String BACKOFF_CUT_SHORT = "PopFromBackoffQ";
    private static final String WAITED_TOO_LONG = "UnschedulableTimeout";
    private static final String ACTIVATED = "ForceActivate";

    private final Hints hints;
    private final Gates gates;
    private final Backoff limits;
    private final Entries entries;
    private final Map<String, QueuedPod> pods = new HashMap<>();
    private final TreeSet<QueuedPod> active = new TreeSet<>(QueuedPod.BY_PRIORITY);
    private final TreeSet<QueuedPod> backoff = new TreeSet<>(QueuedPod.BY_BACKOFF);
    private final TreeSet<QueuedPod> failed = new TreeSet<>(QueuedPod.BY_BACKOFF);
    /** Those that wait longest come first. */
    private final LinkedHashSet<QueuedPod> unschedulable = new LinkedHashSet<>();

    /** By filter, and by what they ask of it: those that ask for the same are asked about once. */
    private final Map<String, Map<Object, Set<QueuedPod>>> rejectedBy = new HashMap<>();

    private final Map<String, Set<QueuedPod>> gatedBy = new HashMap<>();
    private final Map<Rejecting, Integer> rejected = new ConcurrentHashMap<>();
    private int gated;
    private long number;
    /** Who gives back what it had, while it does. */
    private Set<String> givingBack = Set.of();

    /**
     * How many pods are where; {@code scheduler_pending_pods}.
     *
     * @param backoff those whose binding failed included
     */
    public record Counts(int active, int backoff, int unschedulable, int gated) {}

    /**
     * Who rejected pods.
     *
     * @param filter its name
     * @param scheduler which the pods ask for
     */
    public record Rejecting(String filter, String scheduler) {}

    /** An empty queue. */
    public SchedulingQueue(Hints hints) {
        this(hints, Gates.OWN, Backoff.DEFAULT);
    }

    /** The same, with other gates and backoffs. */
    public SchedulingQueue(Hints hints, Gates gates, Backoff backoff) {
        this(hints, gates, backoff, Entries.UNTOLD);
    }

    /** The same, of which somebody counts who comes where. */
    public SchedulingQueue(Hints hints, Gates gates, Backoff backoff, Entries entries) {
        this.hints = hints;
        this.gates = gates;
        this.entries = entries;
        limits = backoff;
    }

    /** A pod is to be scheduled, or there is another version of one that is. */
    public void put(PodInfo pod, Instant now) {
        QueuedPod known = pods.get(pod.uid());
        if (known == null) {
            QueuedPod added = new QueuedPod(number++, pod, now);
            pods.put(pod.uid(), added);
            enterUnlessHeld(added, Place.ACTIVE, ADDED);
            return;
        }
        PodInfo before = known.pod();
        boolean goesOnWaiting =
                known.place() == Place.UNSCHEDULABLE && gates.heldBy(pod) == null && !asksForSomethingElse(before, pod);
        if (known.place() == Place.IN_FLIGHT && asksForSomethingElse(before, pod)) {
            known.change();
        }
        if (known.place() == Place.IN_FLIGHT) {
            known.become(pod);
            return;
        }
        if (goesOnWaiting) {
            takeOffRejected(known);
            known.become(pod);
            putToRejected(known);
            return;
        }
        Place place = leave(known);
        known.become(pod);
        if (place == Place.GATED) {
            enterUnlessHeld(known, Place.ACTIVE, CHANGED);
        } else if (place == Place.UNSCHEDULABLE) {
            enterUnlessHeld(known, afterBackoff(known, now), CHANGED);
        } else {
            enterUnlessHeld(known, place, CHANGED);
        }
    }

    private void enterUnlessHeld(QueuedPod pod, Place place, String event) {
        String plugin = gates.heldBy(pod.pod());
        if (plugin == null) {
            enter(pod, place, event);
        } else {
            pod.hold(plugin);
            enter(pod, Place.GATED, event);
        }
    }

    /** Whether a pod is in the queue, and neither held by a gate nor in flight. */
    public boolean isWaiting(String uid) {
        QueuedPod pod = pods.get(uid);
        return pod != null && pod.place() != Place.GATED && pod.place() != Place.IN_FLIGHT;
    }

    /** Whether a pod is held by a gate. */
    public boolean isGated(String uid) {
        QueuedPod pod = pods.get(uid);
        return pod != null && pod.place() == Place.GATED;
    }

    /**
     * A pod that is decided on together with others when its turn has not come: it waits for its turn, its backoff or an event.
     *
     * @return null if it is gated, in flight or not there
     */
    public @Nullable QueuedPod waiting(String uid) {
        return isWaiting(uid) ? pods.get(uid) : null;
    }

    /** A pod that {@linkplain #waiting waits} is in flight from now on, as if its turn had come. */
    public void takeAlong(QueuedPod pod, Instant now) {
        if (waiting(pod.pod().uid()) == pod) {
            takeOut(pod, now);
        }
    }

    /**
     * A pod that waits for an event is tried again without one, but not before its backoff has ended: pods of a group that
     * none can take would activate each other for ever.
     */
    public void activate(String uid, Instant now) {
        QueuedPod pod = pods.get(uid);
        if (pod != null && pod.place() == Place.UNSCHEDULABLE) {
            leave(pod);
            enterUnlessHeld(pod, pod.until().isAfter(now) ? Place.FAILED : Place.ACTIVE, ACTIVATED);
        }
    }

    /** Whether a pod is being decided on, or will be though nothing happens. */
    public boolean isOnItsWay(String uid) {
        QueuedPod pod = pods.get(uid);
        return pod != null && pod.place() != Place.GATED && pod.place() != Place.UNSCHEDULABLE;
    }

    /** A pod that is in flight was read again: what is not in itself, as how it spreads, may be another. */
    public void reread(QueuedPod pod, PodInfo read) {
        if (isInFlight(pod)) {
            pod.become(read);
        }
    }

    /** Whether another decision may come of it; of the status only the claims count that were made for the pod. */
    private static boolean asksForSomethingElse(PodInfo before, PodInfo now) {
        return !before.labels().equals(now.labels())
                || !before.pod().getSpec().equals(now.pod().getSpec())
                || !claims(before).equals(claims(now));
    }

    private static List<PodResourceClaimStatus> claims(PodInfo pod) {
        PodStatus status = pod.pod().getStatus();
        return status == null ? List.of() : OrEmpty.of(status.getResourceClaimStatuses());
    }

    /** A pod need not be scheduled any more: it is gone, or on a node. Nothing happens if it is not in the queue. */
    public void remove(String uid) {
        QueuedPod gone = pods.remove(uid);
        if (gone != null) {
            leave(gone);
            countRejections(gone, -1);
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
            if (next.place() == Place.BACKOFF) {
                entries.came("active", BACKOFF_CUT_SHORT);
            }
            takeOut(next, now);
        }
        return next;
    }

    private void takeOut(QueuedPod pod, Instant now) {
        leave(pod);
        countRejections(pod, -1);
        pod.takenOut(now);
    }

    private void countRejections(QueuedPod pod, int by) {
        for (String filter : pod.rejectedBy()) {
            rejected.merge(
                    new Rejecting(filter, pod.pod().schedulerName()),
                    by,
                    (before, change) -> before + change == 0 ? null : before + change);
        }
    }

    private void comeBack(Instant now) {
        for (TreeSet<QueuedPod> waiting : List.of(backoff, failed)) {
            while (!waiting.isEmpty() && hasEnded(waiting.first().until(), limits.last(), now)) {
                QueuedPod first = waiting.first();
                leave(first);
                enter(first, Place.ACTIVE, BACKOFF_ENDED);
            }
        }
        while (!unschedulable.isEmpty()
                && hasEnded(unschedulable.getFirst().since().plus(limits.unhelped()), limits.unhelped(), now)) {
            QueuedPod first = unschedulable.getFirst();
            leave(first);
            enter(first, Place.ACTIVE, WAITED_TOO_LONG);
            first.flush();
        }
    }

    /** Whether a wait is over. One that would last longer than any may began before the clock was set back. */
    private static boolean hasEnded(Instant end, Duration longest, Instant now) {
        return !end.isAfter(now) || end.isAfter(now.plus(longest));
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
                : earlier(next, unschedulable.getFirst().since().plus(limits.unhelped()));
    }

    private static Instant earlier(@Nullable Instant one, Instant other) {
        return one == null || other.isBefore(one) ? other : one;
    }

    /**
     * No node can take a pod that was taken out. Nothing happens if it was removed meanwhile. One that asks for something else
     * by now does not wait for an event: the decision may have been on what it asked for before.
     *
     * @param filters which rejected it on one node at least; empty if there are no nodes
     */
    public void reject(QueuedPod pod, Set<String> filters, Instant now) {
        if (isInFlight(pod)) {
            pod.rejected(filters, now, limits);
            countRejections(pod, 1);
            if (pod.changed()) {
                enterUnlessHeld(pod, afterBackoff(pod, now), ATTEMPT_FAILED);
            } else {
                enter(pod, Place.UNSCHEDULABLE, ATTEMPT_FAILED);
            }
        }
    }

    /** Something went wrong with a pod that was taken out. Nothing happens if it was removed meanwhile. */
    public void fail(QueuedPod pod, Instant now) {
        if (isInFlight(pod)) {
            pod.failed(now, limits);
            enterUnlessHeld(pod, Place.FAILED, ATTEMPT_FAILED);
        }
    }

    /** Whether a pod was taken out, and is neither back nor removed. */
    public boolean isInFlight(QueuedPod pod) {
        return pods.get(pod.pod().uid()) == pod && pod.place() == Place.IN_FLIGHT;
    }

    /** Something happened: the pods that it may help come back. */
    public void happened(ClusterEvent event, Instant now) {
        Set<QueuedPod> helped = new LinkedHashSet<>();
        rejectedBy.forEach((filter, waiting) -> {
            if (filter.equals(NO_NODES)) {
                if (event.kind() == ClusterEvent.Kind.NODE_ADDED) {
                    waiting.values().forEach(helped::addAll);
                }
            } else if (hints.concerns(filter, event.kind())) {
                for (Set<QueuedPod> alike : waiting.values()) {
                    if (hints.mayHelp(filter, alike.iterator().next().pod(), event)) {
                        helped.addAll(alike);
                    }
                }
            }
        });
        for (QueuedPod each : helped) {
            if (!givingBack.contains(each.pod().uid())) {
                leave(each);
                Place place = afterBackoff(each, now);
                enterUnlessHeld(
                        each, place == Place.BACKOFF && !givingBack.isEmpty() ? Place.FAILED : place, event.label());
            }
        }
        askGates(event);
    }

    /**
     * Some pods give back what they had. What happens by that does not help these pods themselves, and others not before
     * their backoff has ended, though nothing else may be to be done: two groups that can neither have enough would take the
     * same room from each other for ever.
     *
     * @param uids of at least one
     */
    public void giveBack(Set<String> uids, Runnable happening) {
        givingBack = uids;
        try {
            happening.run();
        } finally {
            givingBack = Set.of();
        }
    }

    private void askGates(ClusterEvent event) {
        List<QueuedPod> asked = new ArrayList<>();
        gatedBy.forEach((plugin, held) -> {
            // A pod's own gates go with a change of the pod alone.
            if (!plugin.equals(OWN_GATES) && hints.concerns(plugin, event.kind())) {
                held.stream()
                        .filter(each -> hints.mayHelp(plugin, each.pod(), event))
                        .forEach(asked::add);
            }
        });
        for (QueuedPod each : asked) {
            leave(each);
            enterUnlessHeld(each, Place.ACTIVE, event.label());
        }
    }

    /** Something happened while a pod was decided on beside all others: it comes back if that may help it. */
    public void happened(QueuedPod pod, ClusterEvent event, Instant now) {
        if (pods.get(pod.pod().uid()) == pod && pod.place() == Place.UNSCHEDULABLE) {
            for (String filter : pod.rejectedBy()) {
                if (hints.concerns(filter, event.kind()) && hints.mayHelp(filter, pod.pod(), event)) {
                    helped(pod.pod().uid(), now, event.label());
                    return;
                }
            }
        }
    }

    /** Something happened that helps a pod, which waits perhaps. */
    public void helped(String uid, Instant now) {
        helped(uid, now, ACTIVATED);
    }

    private void helped(String uid, Instant now, String event) {
        QueuedPod pod = pods.get(uid);
        if (pod != null && pod.place() == Place.UNSCHEDULABLE) {
            leave(pod);
            enterUnlessHeld(pod, afterBackoff(pod, now), event);
        }
    }

    private static Place afterBackoff(QueuedPod pod, Instant now) {
        return pod.until().isAfter(now) ? Place.BACKOFF : Place.ACTIVE;
    }

    private void enter(QueuedPod pod, Place place, String event) {
        if (pod.place() != place || event.equals(ADDED)) {
            // A change that leaves a pod where it was brings nobody.
            entries.came(part(place), event);
        }
        pod.goTo(place);
        switch (place) {
            case ACTIVE -> active.add(pod);
            case BACKOFF -> backoff.add(pod);
            case FAILED -> failed.add(pod);
            case GATED -> {
                gatedBy.computeIfAbsent(pod.heldBy(), ignored -> new LinkedHashSet<>())
                        .add(pod);
                gated++;
            }
            case UNSCHEDULABLE -> {
                unschedulable.add(pod);
                putToRejected(pod);
            }
            case IN_FLIGHT -> throw new IllegalStateException("a pod gets in flight by being taken");
        }
    }

    private static String part(Place place) {
        return switch (place) {
            case ACTIVE, IN_FLIGHT -> "active";
            case BACKOFF, FAILED -> "backoff";
            case UNSCHEDULABLE, GATED -> "unschedulable";
        };
    }

    private Place leave(QueuedPod pod) {
        switch (pod.place()) {
            case ACTIVE -> active.remove(pod);
            case BACKOFF -> backoff.remove(pod);
            case FAILED -> failed.remove(pod);
            case GATED -> {
                gatedBy.computeIfPresent(pod.heldBy(), (ignored, held) -> {
                    held.remove(pod);
                    return held.isEmpty() ? null : held;
                });
                gated--;
            }
            case IN_FLIGHT -> {}
            case UNSCHEDULABLE -> {
                unschedulable.remove(pod);
                takeOffRejected(pod);
            }
        }
        return pod.place();
    }

    private void putToRejected(QueuedPod pod) {
        for (String filter : filters(pod)) {
            rejectedBy
                    .computeIfAbsent(filter, ignored -> new LinkedHashMap<>())
                    .computeIfAbsent(hints.asksFor(filter, pod.pod()), ignored -> new LinkedHashSet<>())
                    .add(pod);
        }
    }

    private void takeOffRejected(QueuedPod pod) {
        for (String filter : filters(pod)) {
            rejectedBy.computeIfPresent(filter, (ignored, waiting) -> {
                waiting.computeIfPresent(hints.asksFor(filter, pod.pod()), (asked, alike) -> {
                    alike.remove(pod);
                    return alike.isEmpty() ? null : alike;
                });
                return waiting.isEmpty() ? null : waiting;
            });
        }
    }

    private static Set<String> filters(QueuedPod pod) {
        return pod.rejectedBy().isEmpty() ? Set.of(NO_NODES) : pod.rejectedBy();
    }

    /** How many are where. */
    public Counts counts() {
        return new Counts(active.size(), backoff.size() + failed.size(), unschedulable.size(), gated);
    }

    /**
     * How many pods each filter rejected that are to be tried again, be it now; {@code scheduler_unschedulable_pods}. A pod that
     * several rejected counts for each. It changes as the queue does, and any thread may look.
     */
    public Map<Rejecting, Integer> rejected() {
        return Collections.unmodifiableMap(rejected);
    }

    /** The pods that wait to be helped, those that wait longest first. */
    public List<QueuedPod> unschedulable() {
        return new ArrayList<>(unschedulable);
    }
}
