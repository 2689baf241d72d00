package io.keelson.scheduler;

import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.SchedulerMetrics.Result;
import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.decision.ReservationException;
import io.keelson.scheduler.groups.GangScheduling;
import io.keelson.scheduler.groups.GroupPlan;
import io.keelson.scheduler.groups.GroupPlan.Tried;
import io.keelson.scheduler.groups.PodGroup;
import io.keelson.scheduler.groups.PodGroups;
import io.keelson.scheduler.preemption.DefaultPreemption;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.queue.SchedulingQueue;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides on all pods of a group that wait, when the turn of one of them comes: by a {@link GroupPlan}, of which all is done or
 * nothing. Owned by the thread that owns the state.
 */
final class GroupAttempts {
    private static final Logger LOG = LoggerFactory.getLogger(GroupAttempts.class);
    private static final String UNSCHEDULABLE = "pod group is unschedulable";
    private static final String PREEMPTING = "pod group is waiting for preemption to complete";
    private static final Comparator<QueuedPod> ORDER =
            Comparator.comparingInt((QueuedPod each) -> -each.pod().priority()).thenComparing(QueuedPod::added);

    private final Profiles profiles;
    private final PodGroups groups;
    private final ClusterState state;
    private final SchedulingQueue queue;
    private final Nominations nominations;
    private final Preemptor preemptor;
    private final Assumptions assumptions;
    private final Extending extending;
    private final Results results;
    private final GroupReports reports;
    private final SchedulerMetrics metrics;
    private final Consumer<ClusterEvent> happened;

    GroupAttempts(
            Profiles profiles,
            PodGroups groups,
            ClusterState state,
            SchedulingQueue queue,
            Nominations nominations,
            Preemptor preemptor,
            Assumptions assumptions,
            Extending extending,
            Results results,
            GroupReports reports,
            SchedulerMetrics metrics,
            Consumer<ClusterEvent> happened) {
        this.profiles = profiles;
        this.groups = groups;
        this.state = state;
        this.queue = queue;
        this.nominations = nominations;
        this.preemptor = preemptor;
        this.assumptions = assumptions;
        this.extending = extending;
        this.results = results;
        this.reports = reports;
        this.metrics = metrics;
        this.happened = happened;
    }

    /**
     * Decides on a pod that was taken out of the queue, and on the others of its group that wait.
     *
     * @param read reads a pod again, by what there is now that it depends on
     * @return false if nothing was done, as extenders have to be asked, whose answers come one by one
     */
    boolean decide(QueuedPod next, Key group, Instant now, long start, Function<QueuedPod, PodInfo> read) {
        List<QueuedPod> pods = new ArrayList<>();
        pods.add(next);
        for (String uid : groups.pending(group)) {
            QueuedPod other = queue.waiting(uid);
            if (other != null) {
                pods.add(other);
            }
        }
        if (pods.stream().anyMatch(each -> extending.decideOn(each.pod()) || extending.preemptFor(each.pod()))) {
            return false;
        }
        pods.forEach(each -> queue.takeAlong(each, now));
        pods.sort(ORDER);
        String others = differentScheduler(pods);
        if (others != null) {
            pods.forEach(each -> results.failed(each, others, start));
            told(group, profiles.of(next.pod()).name(), Result.ERROR, others, start);
            return true;
        }
        try {
            new Attempt(group, profiles.of(next.pod()), pods, start).run(read);
        } catch (RuntimeException e) {
            LOG.error("deciding on pod group {}", group, e);
            pods.stream()
                    .filter(queue::isInFlight)
                    .filter(each -> !assumptions.contains(each.pod().uid()))
                    .forEach(each -> results.failed(each, e.toString(), start));
        }
        return true;
    }

    private static @Nullable String differentScheduler(List<QueuedPod> pods) {
        String first = pods.getFirst().pod().schedulerName();
        for (QueuedPod each : pods) {
            if (!each.pod().schedulerName().equals(first)) {
                return "all pods in a single pod group should have the same .spec.schedulerName set, got: \"" + first
                        + "\" and \"" + each.pod().schedulerName() + '"';
            }
        }
        return null;
    }

    private void told(Key key, String profile, Result result, String message, long start) {
        metrics.groupAttempted(result, profile, System.nanoTime() - start);
        PodGroup group = groups.find(key);
        if (group != null) {
            String reason = switch (result) {
                case SCHEDULED -> "Scheduled";
                case ERROR -> "SchedulerError";
                case UNSCHEDULABLE, WAITING_ON_PREEMPTION -> "Unschedulable";
            };
            reports.tell(group, result == Result.SCHEDULED, reason, message);
        }
    }

    /** One of them. */
    private final class Attempt implements GroupPlan.Places {
        private final Key group;
        private final RunningProfile profile;
        private final List<QueuedPod> pods;
        private final long start;
        private final Map<String, QueuedPod> queued = new HashMap<>();
        private final Map<String, Assumed> assumed = new HashMap<>();
        /** Where room was being made. */
        private final Map<String, String> held = new LinkedHashMap<>();

        private Attempt(Key group, RunningProfile profile, List<QueuedPod> pods, long start) {
            this.group = group;
            this.profile = profile;
            this.pods = pods;
            this.start = start;
        }

        private void run(Function<QueuedPod, PodInfo> read) {
            List<PodInfo> infos = new ArrayList<>();
            for (QueuedPod each : pods) {
                PodInfo info = read.apply(each);
                infos.add(info);
                queued.put(info.uid(), each);
                String node = nominations.forget(info.uid());
                if (node != null) {
                    held.put(info.uid(), node);
                    state.remove(info.uid());
                }
            }
            GroupPlan.Result plan =
                    GroupPlan.make(infos, profile.decider(), profile.plugins().permits(), state, groups, this);
            metrics.groupDecided(System.nanoTime() - start);
            switch (plan.outcome()) {
                case SCHEDULED -> scheduled(plan.tried());
                case PREEMPTING -> preempting(plan.tried());
                case UNSCHEDULABLE -> unschedulable(plan.tried());
                case ERROR -> failed(plan.tried());
            }
            held.forEach((uid, node) -> {
                PodInfo pod = pod(uid).pod();
                if (!node.equals(state.nodeOf(uid))) {
                    happened.accept(ClusterEvent.of(ClusterEvent.Kind.POD_LEFT, pod, state.node(node)));
                }
            });
        }

        private QueuedPod pod(String uid) {
            return Objects.requireNonNull(queued.get(uid), "only its own pods are tried");
        }

        @Override
        public void take(PodInfo pod, NodeState node) throws ReservationException {
            assumed.put(pod.uid(), assumptions.assume(pod(pod.uid()), pod, node, start));
        }

        @Override
        public void giveBack(PodInfo pod) {
            assumptions.forget(taken(pod));
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
            return preemptor.isBeingMade(pod, node);
        }

        @Override
        public DefaultPreemption.Result room(PodInfo pod, Decision.Impossible why) {
            return preemptor.find(profile, pod, why);
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
            placed.forEach(assumptions.permits()::ask);
            told(group, profile.name(), Result.SCHEDULED, "", start);
        }

        private void preempting(List<Tried> tried) {
            for (Tried each : tried) {
                switch (each) {
                    case Tried.Placed placed -> {
                        nominations.hold(placed.pod(), placed.node().name());
                        rejected(placed.pod(), UNSCHEDULABLE + ", " + PREEMPTING);
                    }
                    case Tried.Displacing displacing -> displace(displacing);
                    case Tried.Rejected _, Tried.Failed _ -> alone(each);
                }
            }
            told(group, profile.name(), Result.WAITING_ON_PREEMPTION, UNSCHEDULABLE + ", " + PREEMPTING, start);
        }

        private void displace(Tried.Displacing displacing) {
            PodInfo pod = displacing.pod();
            results.rejected(pod(pod.uid()), filters(displacing.why()), start);
            String room = "";
            if (displacing.candidate() == null) {
                nominations.hold(pod, displacing.node());
                room = " preemption: not eligible due to a terminating pod on the nominated node.";
            } else {
                preemptor.makeRoom(profile, pod, displacing.candidate());
            }
            results.notScheduled(pod, displacing.why().message() + room);
        }

        private void unschedulable(List<Tried> tried) {
            for (Tried each : tried) {
                switch (each) {
                    case Tried.Placed placed -> rejected(placed.pod(), waits(placed.waits()));
                    case Tried.Displacing displacing -> rejected(displacing.pod(), waits(displacing.waits()));
                    case Tried.Rejected _, Tried.Failed _ -> alone(each);
                }
            }
            told(group, profile.name(), Result.UNSCHEDULABLE, UNSCHEDULABLE, start);
            assumptions.permits().reconsider(group);
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
                    results.failed(pod(failed.pod().uid()), failed.why(), start);
                    told.add(failed.pod().uid());
                }
            }
            for (QueuedPod each : pods) {
                if (!told.contains(each.pod().uid())) {
                    results.failed(each, message, start);
                }
            }
            told(group, profile.name(), Result.ERROR, message, start);
        }

        private void rejected(PodInfo pod, String message) {
            results.rejected(pod(pod.uid()), Set.of(GangScheduling.NAME), start);
            results.notScheduled(pod, message);
        }

        /** A pod that no node can take, whatever becomes of the others. */
        private void alone(Tried each) {
            if (each instanceof Tried.Rejected rejected) {
                PodInfo pod = rejected.pod();
                results.rejected(pod(pod.uid()), filters(rejected.why()), start);
                assumptions.help(pod, rejected.why());
                results.notScheduled(pod, rejected.why().message() + rejected.room());
            }
        }

        private static Set<String> filters(Decision.Impossible why) {
            Set<String> filters = new HashSet<>();
            why.rejections().values().forEach(each -> each.forEach(rejection -> filters.add(rejection.filter())));
            return filters;
        }
    }
}
