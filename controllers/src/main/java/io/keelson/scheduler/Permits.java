package io.keelson.scheduler;

import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.SchedulerMetrics.Point;
import io.keelson.scheduler.SchedulerMetrics.Status;
import io.keelson.scheduler.decision.Permit;
import io.keelson.scheduler.groups.PodGroup;
import io.keelson.scheduler.groups.PodGroups;
import io.keelson.scheduler.groups.WaitingPods;
import io.keelson.scheduler.queue.SchedulingQueue;
import io.keelson.scheduler.state.PodInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Has pods bound that have nodes, or has them wait for others of their groups: they keep what they have, and are let go
 * together. If one has waited too long, or too few of a group are left to come, all of it that wait come back. Owned by the
 * thread that owns the state.
 */
final class Permits {
    private final Profiles profiles;
    private final PodGroups groups;
    private final SchedulingQueue queue;
    private final Results results;
    private final InstantSource clock;
    private final Assumptions assumptions;
    private final WaitingPods<Waiting> waiting = new WaitingPods<>();

    /**
     * Who waits, and for whom.
     *
     * @param sinceNanos on the monotonic clock
     */
    private record Waiting(Assumed decided, String plugin, Permit.Verdict.Wait term, long sinceNanos) {}

    Permits(
            Profiles profiles,
            PodGroups groups,
            SchedulingQueue queue,
            Results results,
            InstantSource clock,
            Assumptions assumptions) {
        this.profiles = profiles;
        this.groups = groups;
        this.queue = queue;
        this.results = results;
        this.clock = clock;
        this.assumptions = assumptions;
    }

    /** Has a pod bound, unless it has to wait for others. */
    void ask(Assumed decided) {
        PodInfo pod = decided.pod();
        Waiting waits = null;
        Key together = null;
        long begin = System.nanoTime();
        boolean closely = results.looksClosely();
        for (Permit permit : profiles.of(pod).plugins().permits()) {
            long asked = System.nanoTime();
            Permit.Verdict verdict = permit.permit(pod);
            if (closely) {
                results.executed(Point.PERMIT, status(verdict), permit.name(), asked);
            }
            switch (verdict) {
                case Permit.Verdict.Go _ -> {}
                case Permit.Verdict.GoTogether go -> together = go.group();
                case Permit.Verdict.Wait wait -> {
                    if (waits == null || wait.atMost().compareTo(waits.term().atMost()) < 0) {
                        waits = new Waiting(decided, permit.name(), wait, System.nanoTime());
                    }
                }
                case Permit.Verdict.Refuse refuse -> {
                    results.took(Point.PERMIT, Status.UNSCHEDULABLE, pod, begin);
                    reject(decided, permit.name(), refuse.why());
                    return;
                }
            }
        }
        results.took(Point.PERMIT, waits == null ? Status.SUCCESS : Status.WAIT, pod, begin);
        if (waits != null) {
            await(waits);
            return;
        }
        results.chosen(pod, decided.node());
        assumptions.bind(decided);
        if (together != null) {
            letGo(together);
        }
    }

    private static Status status(Permit.Verdict verdict) {
        return switch (verdict) {
            case Permit.Verdict.Go _, Permit.Verdict.GoTogether _ -> Status.SUCCESS;
            case Permit.Verdict.Wait _ -> Status.WAIT;
            case Permit.Verdict.Refuse _ -> Status.UNSCHEDULABLE;
        };
    }

    private void letGo(Key group) {
        waiting.removeAll(group).forEach(each -> {
            results.waited(true, each.sinceNanos());
            ask(each.decided());
        });
    }

    private void await(Waiting waits) {
        PodInfo pod = waits.decided().pod();
        Key group = groups.of(pod);
        Instant now = clock.instant();
        Instant end = now.plus(waits.term().atMost());
        if (!waiting.add(pod.uid(), group == null ? pod.key() : group, end, waits)) {
            reject(waits.decided(), waits.plugin(), "too many pods wait for others of their groups");
        } else if (group != null) {
            // They may have been rejected before there was anybody to join.
            groups.pending(group).forEach(uid -> queue.activate(uid, now));
        }
    }

    /**
     * Something of a group is another: its pods that wait go if enough are placed by now, and come back if those that are
     * still to be decided on are too few.
     */
    void reconsider(Key group) {
        if (!waiting.anyOf(group)) {
            return;
        }
        PodGroup told = groups.find(group);
        Integer least = told == null ? null : told.minCount();
        if (told == null) {
            rejectAll(group, each -> "pod group \"" + group.name() + "\" is gone");
        } else if (least == null || groups.placed(group) >= least) {
            letGo(group);
        } else {
            long toCome =
                    groups.pending(group).stream().filter(queue::isOnItsWay).count();
            if (groups.placed(group) + toCome < least) {
                rejectAll(group, each -> each.term().why());
            }
        }
    }

    private void rejectAll(Key group, Function<Waiting, String> why) {
        List<Waiting> all = waiting.removeAll(group);
        Set<String> uids = new HashSet<>(groups.pending(group));
        all.forEach(each -> uids.add(each.decided().pod().uid()));
        all.forEach(each -> results.waited(false, each.sinceNanos()));
        queue.giveBack(uids, () -> all.forEach(each -> reject(each.decided(), each.plugin(), why.apply(each))));
    }

    private void reject(Assumed decided, String plugin, String why) {
        assumptions.undecide(decided, () -> {
            results.rejected(decided.queued(), Set.of(plugin), decided.startNanos());
            results.notScheduled(decided.pod(), "0/1 nodes are available: 1 " + why + '.');
        });
    }

    /**
     * A pod that waits has to make room for a more important one. It comes back, as nobody but this scheduler knows yet that it
     * was to be there; the others of its group wait on unless too few are left to come.
     *
     * @return false if it does not wait
     */
    boolean sendBack(String uid) {
        Waiting gone = waiting.remove(uid);
        if (gone == null) {
            return false;
        }
        results.waited(false, gone.sinceNanos());
        queue.giveBack(Set.of(uid), () -> reject(gone.decided(), PluginRegistry.PREEMPTION, "preempted"));
        queue.helped(uid, clock.instant());
        Key group = groups.of(gone.decided().pod());
        if (group != null) {
            reconsider(group);
        }
        return true;
    }

    /** The API has the last word on a pod: if it waits, it does so no more. */
    void leave(String uid) {
        Waiting gone = waiting.remove(uid);
        if (gone != null) {
            results.waited(false, gone.sinceNanos());
            gone.decided().release();
        }
    }

    /** Whether a pod waits for others. */
    boolean isWaiting(String uid) {
        return waiting.contains(uid);
    }

    /** Ends waits that have lasted too long. */
    void turn(Instant now) {
        for (Key group = waiting.due(now); group != null; group = waiting.due(now)) {
            rejectAll(group, each -> {
                Duration span = each.term().atMost();
                return "rejected due to timeout after waiting " + span.toMinutes() + 'm' + span.toSecondsPart()
                        + "s at plugin " + each.plugin();
            });
        }
    }

    /** When a wait will have lasted too long; null if nobody waits. */
    @Nullable
    Instant nextTurn() {
        return waiting.nextEnd();
    }
}
