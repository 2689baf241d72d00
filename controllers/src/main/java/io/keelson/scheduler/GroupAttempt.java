package io.keelson.scheduler;

import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.SchedulerMetrics.Result;
import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.decision.ReservationException;
import io.keelson.scheduler.groups.GangScheduling;
import io.keelson.scheduler.groups.GroupPlan;
import io.keelson.scheduler.groups.GroupPlan.Tried;
import io.keelson.scheduler.preemption.DefaultPreemption;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes a {@link GroupPlan} for the pods of a group that wait, and carries it out. Of one use. */
final class GroupAttempt implements GroupPlan.Places {
    private static final String UNSCHEDULABLE = "pod group is unschedulable";
    private static final String PREEMPTING = "pod group is waiting for preemption to complete";

    private final SchedulingParts parts;
    private final GroupResults groupResults;
    private final Key group;
    private final RunningProfile profile;
    private final List<QueuedPod> pods;
    private final long start;
    private final Map<String, QueuedPod> queued = new HashMap<>();
    private final Map<String, Assumed> assumed = new HashMap<>();
    /** Where room was being made. */
    private final Map<String, String> held = new LinkedHashMap<>();

    /**
     * Of pods that are in flight.
     *
     * @param start when it began, on the monotonic clock
     */
    GroupAttempt(
            SchedulingParts parts,
            GroupResults groupResults,
            Key group,
            RunningProfile profile,
            List<QueuedPod> pods,
            long start) {
        this.parts = parts;
        this.groupResults = groupResults;
        this.group = group;
        this.profile = profile;
        this.pods = List.copyOf(pods);
        this.start = start;
    }

    /** @param read reads a pod again, by what there is now that it depends on */
    void run(Function<QueuedPod, PodInfo> read) {
        List<PodInfo> infos = new ArrayList<>();
        for (QueuedPod each : pods) {
            PodInfo info = read.apply(each);
            infos.add(info);
            queued.put(info.uid(), each);
            String node = parts.nominations().forget(info.uid());
            if (node != null) {
                held.put(info.uid(), node);
                parts.state().remove(info.uid());
            }
        }
        GroupPlan.Result plan = GroupPlan.make(
                infos, profile.decider(), profile.plugins().permits(), parts.state(), parts.groups(), this);
        parts.metrics().groupDecided(System.nanoTime() - start);
        switch (plan.outcome()) {
            case SCHEDULED -> scheduled(plan.tried());
            case PREEMPTING -> preempting(plan.tried());
            case UNSCHEDULABLE -> unschedulable(plan.tried());
            case ERROR -> failed(plan.tried());
        }
        held.forEach((uid, node) -> {
            PodInfo pod = pod(uid).pod();
            if (!node.equals(parts.state().nodeOf(uid))) {
                parts.happened()
                        .accept(ClusterEvent.of(
                                ClusterEvent.Kind.POD_LEFT, pod, parts.state().node(node)));
            }
        });
    }

    private QueuedPod pod(String uid) {
        return Objects.requireNonNull(queued.get(uid), "only its own pods are tried");
    }

    @Override
    public void take(PodInfo pod, NodeState node) throws ReservationException {
        assumed.put(pod.uid(), parts.assumptions().assume(pod(pod.uid()), pod, node, start));
    }

    @Override
    public void giveBack(PodInfo pod) {
        parts.assumptions().forget(taken(pod));
    }

    private Assumed taken(PodInfo pod) {
        return Objects.requireNonNull(assumed.remove(pod.uid()), "it was taken");
    }

    @Override
    public @Nullable String nominated(PodInfo pod) {
        return held.get(pod.uid());
    }

    @Override
    public boolean isBeingMade(PodInfo pod, String node) {
        return parts.preemptor().isBeingMade(pod, node);
    }

    @Override
    public DefaultPreemption.Result room(PodInfo pod, Decision.Impossible why) {
        return parts.preemptor().find(profile, pod, why);
    }

    private void scheduled(List<Tried> tried) {
        List<Assumed> placed = new ArrayList<>();
        for (Tried each : tried) {
            if (each instanceof Tried.Placed one) {
                placed.add(taken(one.pod()));
            } else {
                alone(each);
            }
        }
        placed.forEach(parts.assumptions().permits()::ask);
        groupResults.tried(group, profile.name(), Result.SCHEDULED, "", start);
    }

    private void preempting(List<Tried> tried) {
        for (Tried each : tried) {
            switch (each) {
                case Tried.Placed placed -> {
                    parts.nominations().hold(placed.pod(), placed.node().name());
                    rejected(placed.pod(), UNSCHEDULABLE + ", " + PREEMPTING);
                }
                case Tried.Displacing displacing -> displace(displacing);
                case Tried.Rejected _, Tried.Failed _ -> alone(each);
            }
        }
        groupResults.tried(
                group, profile.name(), Result.WAITING_ON_PREEMPTION, UNSCHEDULABLE + ", " + PREEMPTING, start);
    }

    private void displace(Tried.Displacing displacing) {
        PodInfo pod = displacing.pod();
        parts.results().rejected(pod(pod.uid()), displacing.why().filters(), start);
        String room = "";
        if (displacing.candidate() == null) {
            parts.nominations().hold(pod, displacing.node());
            room = " preemption: not eligible due to a terminating pod on the nominated node.";
        } else {
            parts.preemptor().makeRoom(profile, pod, displacing.candidate());
        }
        parts.results().notScheduled(pod, displacing.why().message() + room);
    }

    private void unschedulable(List<Tried> tried) {
        for (Tried each : tried) {
            switch (each) {
                case Tried.Placed placed -> rejected(placed.pod(), waits(placed.waits()));
                case Tried.Displacing displacing -> rejected(displacing.pod(), waits(displacing.waits()));
                case Tried.Rejected _, Tried.Failed _ -> alone(each);
            }
        }
        groupResults.tried(group, profile.name(), Result.UNSCHEDULABLE, UNSCHEDULABLE, start);
        parts.assumptions().permits().reconsider(group);
    }

    private static String waits(String why) {
        return why.isEmpty() ? UNSCHEDULABLE : UNSCHEDULABLE + ", " + why;
    }

    private void failed(List<Tried> tried) {
        String message = UNSCHEDULABLE;
        Set<String> told = new HashSet<>();
        for (Tried each : tried) {
            if (each instanceof Tried.Failed failed) {
                message = "failed to schedule other pod from a pod group: " + failed.why();
                parts.results().failed(pod(failed.pod().uid()), failed.why(), start);
                told.add(failed.pod().uid());
            }
        }
        for (QueuedPod each : pods) {
            if (!told.contains(each.pod().uid())) {
                parts.results().failed(each, message, start);
            }
        }
        groupResults.tried(group, profile.name(), Result.ERROR, message, start);
    }

    private void rejected(PodInfo pod, String message) {
        parts.results().rejected(pod(pod.uid()), Set.of(GangScheduling.NAME), start);
        parts.results().notScheduled(pod, message);
    }

    /** A pod that no node can take, whatever becomes of the others. */
    private void alone(Tried each) {
        if (each instanceof Tried.Rejected rejected) {
            PodInfo pod = rejected.pod();
            parts.results().rejected(pod(pod.uid()), rejected.why().filters(), start);
            String helped = parts.postFilters().help(pod, rejected.why());
            String after = PostFilters.text(profile, rejected.why(), helped, rejected.room());
            parts.results().notScheduled(pod, rejected.why().message() + after);
        }
    }
}
