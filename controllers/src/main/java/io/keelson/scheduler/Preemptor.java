package io.keelson.scheduler;

import io.keelson.controllers.objects.Pods;
import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.extender.Offer;
import io.keelson.scheduler.preemption.Budgets;
import io.keelson.scheduler.preemption.Candidate;
import io.keelson.scheduler.preemption.DefaultPreemption;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.SchedulingQueue;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes room for pods that no node can take, and keeps it for them until they are on a node. Who has to go is deleted beside
 * the decisions; when the last of them has left, the pod is decided on again. Owned by the thread that owns the state.
 */
final class Preemptor {
    private static final Logger LOG = LoggerFactory.getLogger(Preemptor.class);

    private final ClusterState state;
    private final SchedulingQueue queue;
    private final ObservedCluster cluster;
    private final Nominations nominations;
    private final Supplier<Budgets> budgets;
    private final Evictor evictor;
    private final Extending extending;
    private final Inbox inbox;
    private final InstantSource clock;
    private final SchedulerMetrics metrics;
    private final Predicate<String> sendBack;
    private final BiConsumer<PodInfo, Decision.Impossible> nominated;
    /** For which pods others were asked to go, and who. */
    private final Map<String, Set<String>> asked = new HashMap<>();

    /**
     * Nobody has to go yet.
     *
     * @param sendBack has a pod come back by its uid, if it waits to be bound: it need not be deleted
     * @param nominated is told for whom room is made, and why that has to be, if it is after the decision
     */
    Preemptor(
            ClusterState state,
            SchedulingQueue queue,
            ObservedCluster cluster,
            Nominations nominations,
            Supplier<Budgets> budgets,
            Evictor evictor,
            Extending extending,
            Inbox inbox,
            InstantSource clock,
            SchedulerMetrics metrics,
            Predicate<String> sendBack,
            BiConsumer<PodInfo, Decision.Impossible> nominated) {
        this.state = state;
        this.queue = queue;
        this.cluster = cluster;
        this.nominations = nominations;
        this.budgets = budgets;
        this.evictor = evictor;
        this.extending = extending;
        this.inbox = inbox;
        this.clock = clock;
        this.metrics = metrics;
        this.sendBack = sendBack;
        this.nominated = nominated;
    }

    /**
     * Makes room for a pod if that helps.
     *
     * @param profile that of the pod
     * @param why why no node can take it
     * @param held where room was being made for it; null for nowhere
     * @return what users read after why the pod is not scheduled; empty if room is made
     */
    String makeRoom(RunningProfile profile, PodInfo pod, Decision.Impossible why, @Nullable String held) {
        DefaultPreemption preemption = profile.preemption();
        if (preemption == null || why.rejections().isEmpty()) {
            return "";
        }
        metrics.preempted();
        if (held != null && isBeingMade(pod, held)) {
            nominations.hold(pod, held);
            return " preemption: not eligible due to a terminating pod on the nominated node.";
        }
        return switch (find(preemption, pod, why)) {
            case DefaultPreemption.Result.Nothing nothing -> ' ' + nothing.message();
            case DefaultPreemption.Result.Found found -> {
                if (extending.preemptFor(pod)) {
                    ask(profile, pod, why, found.candidates());
                } else {
                    makeRoom(profile, pod, found.candidate());
                }
                yield "";
            }
        };
    }

    private DefaultPreemption.Result find(DefaultPreemption preemption, PodInfo pod, Decision.Impossible why) {
        return preemption.find(pod, why, state, cluster.lowestPriority(), budgets);
    }

    /** Where room can be made for a pod, which is not done yet. */
    DefaultPreemption.Result find(RunningProfile profile, PodInfo pod, Decision.Impossible why) {
        DefaultPreemption preemption = profile.preemption();
        if (preemption == null || why.rejections().isEmpty()) {
            return new DefaultPreemption.Result.Nothing("");
        }
        metrics.preempted();
        return find(preemption, pod, why);
    }

    private void ask(RunningProfile profile, PodInfo pod, Decision.Impossible why, List<Candidate> candidates) {
        List<Offer> offers = new ArrayList<>();
        for (Candidate each : candidates) {
            Set<String> there = new HashSet<>();
            each.node().pods().forEach(other -> there.add(other.uid()));
            offers.add(new Offer(each.node().name(), each.victims(), each.violations(), there));
        }
        extending.preempt(pod, offers, outcome -> {
            switch (outcome) {
                case Extending.Outcome.Failed<Map<String, Set<String>>> failed ->
                    LOG.info("no room is made for pod {}: {}", pod.key(), failed.why());
                case Extending.Outcome.Answered<Map<String, Set<String>>> answered ->
                    agreed(profile, pod, why, candidates, answered.answer());
            }
        });
    }

    /** What extenders agreed to is done if it is as it was: the pod waits, the node and who is to go are there. */
    private void agreed(
            RunningProfile profile,
            PodInfo pod,
            Decision.Impossible why,
            List<Candidate> candidates,
            Map<String, Set<String>> agreed) {
        if (!queue.isWaiting(pod.uid()) || nominations.nodeOf(pod.uid()) != null) {
            return;
        }
        List<Candidate> left = new ArrayList<>();
        for (Candidate each : candidates) {
            Set<String> uids = agreed.get(each.node().name());
            NodeState node = state.node(each.node().name());
            if (uids != null && node != null) {
                List<PodInfo> victims = node.pods().stream()
                        .filter(other -> uids.contains(other.uid()) && other.priority() < pod.priority())
                        .toList();
                if (victims.size() == uids.size() && !victims.isEmpty()) {
                    left.add(new Candidate(node, victims, each.violations()));
                }
            }
        }
        left.sort(Candidate.BY_LOSS);
        if (!left.isEmpty()) {
            makeRoom(profile, pod, left.getFirst());
            nominated.accept(pod, why);
        }
    }

    /** Makes room for a pod on a node, and keeps it for it. */
    void makeRoom(RunningProfile profile, PodInfo pod, Candidate candidate) {
        metrics.displaced(candidate.victims().size());
        String node = candidate.node().name();
        List<PodInfo> victims = new ArrayList<>();
        for (PodInfo victim : candidate.victims()) {
            if (nominations.forget(victim.uid()) != null) {
                // It is not there yet, and looks elsewhere.
                state.remove(victim.uid());
                queue.helped(victim.uid(), clock.instant());
            } else if (!sendBack.test(victim.uid()) && node.equals(state.nodeOf(victim.uid()))) {
                // It is there, and did not come back with another of its group.
                victims.add(victim);
            }
        }
        nominations.hold(pod, node);
        if (victims.isEmpty()) {
            queue.helped(pod.uid(), clock.instant());
            return;
        }
        asked.put(pod.uid(), victims.stream().map(PodInfo::uid).collect(Collectors.toUnmodifiableSet()));
        evictor.evict(profile, pod, node, victims, () -> inbox.tell(() -> notMade(pod.uid(), node)));
    }

    private void notMade(String uid, String node) {
        if (node.equals(nominations.nodeOf(uid))) {
            asked.remove(uid);
            nominations.forget(uid);
            cluster.left(uid);
            queue.helped(uid, clock.instant());
        }
    }

    /** A pod is on a node, or gone: nobody has to go for it any more. */
    void forget(String uid) {
        asked.remove(uid);
    }

    /**
     * Whether somebody less important is about to leave a node. Who was asked to go is, before the watch tells of it: who is
     * asked first may have left when the last is asked, and that is not yet room enough.
     */
    boolean isBeingMade(PodInfo pod, String node) {
        NodeState there = state.node(node);
        if (there == null) {
            return false;
        }
        Set<String> leaving = asked.getOrDefault(pod.uid(), Set.of());
        return there.pods().stream()
                .anyMatch(other -> leaving.contains(other.uid())
                        || (other.priority() < pod.priority() && Pods.isTerminating(other.pod())));
    }

    /**
     * Something happened. Whoever room is kept for on that node is decided on again when nobody is about to leave any more:
     * filters that look at the node see that room taken, so they do not tell.
     */
    void happened(ClusterEvent event) {
        NodeState node = event.node();
        if (node == null || event.kind() == ClusterEvent.Kind.POD_ASSIGNED) {
            return;
        }
        Instant now = clock.instant();
        for (String uid : nominations.on(node.name())) {
            PodInfo pod = state.pod(uid);
            if (pod != null && !isBeingMade(pod, node.name())) {
                queue.helped(uid, now);
            }
        }
    }
}
