package io.keelson.scheduler;

import io.keelson.controllers.objects.Pods;
import io.keelson.scheduler.decision.Decision;
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
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes room for pods that no node can take, and keeps it for them until they are on a node. Who has to go is deleted beside
 * the decisions; when the last of them has left, the pod is decided on again. Owned by the thread that owns the state.
 */
final class Preemptor {
    private final ClusterState state;
    private final SchedulingQueue queue;
    private final ObservedCluster cluster;
    private final Nominations nominations;
    private final DefaultPreemption preemption;
    private final Supplier<Budgets> budgets;
    private final Evictor evictor;
    private final Inbox inbox;
    private final InstantSource clock;

    Preemptor(
            ClusterState state,
            SchedulingQueue queue,
            ObservedCluster cluster,
            Nominations nominations,
            DefaultPreemption preemption,
            Supplier<Budgets> budgets,
            Evictor evictor,
            Inbox inbox,
            InstantSource clock) {
        this.state = state;
        this.queue = queue;
        this.cluster = cluster;
        this.nominations = nominations;
        this.preemption = preemption;
        this.budgets = budgets;
        this.evictor = evictor;
        this.inbox = inbox;
        this.clock = clock;
    }

    /**
     * Makes room for a pod if that helps.
     *
     * @param why why no node can take it
     * @param held where room was being made for it; null for nowhere
     * @return what users read after why the pod is not scheduled; empty if room is made
     */
    String makeRoom(PodInfo pod, Decision.Impossible why, @Nullable String held) {
        if (why.rejections().isEmpty()) {
            return "";
        }
        if (held != null && isBeingMade(pod, held)) {
            nominations.hold(pod, held);
            return " preemption: not eligible due to a terminating pod on the nominated node.";
        }
        return switch (preemption.find(pod, why, state, cluster.lowestPriority(), budgets)) {
            case DefaultPreemption.Result.Nothing nothing -> ' ' + nothing.message();
            case DefaultPreemption.Result.Found found -> {
                makeRoom(pod, found.candidate());
                yield "";
            }
        };
    }

    private void makeRoom(PodInfo pod, Candidate candidate) {
        String node = candidate.node().name();
        List<PodInfo> victims = new ArrayList<>();
        for (PodInfo victim : candidate.victims()) {
            if (nominations.forget(victim.uid()) == null) {
                victims.add(victim);
            } else {
                // It is not there yet, and looks elsewhere.
                state.remove(victim.uid());
                queue.helped(victim.uid(), clock.instant());
            }
        }
        nominations.hold(pod, node);
        if (victims.isEmpty()) {
            queue.helped(pod.uid(), clock.instant());
        } else {
            evictor.evict(pod, node, victims, () -> inbox.tell(() -> notMade(pod.uid(), node)));
        }
    }

    private void notMade(String uid, String node) {
        if (node.equals(nominations.nodeOf(uid))) {
            nominations.forget(uid);
            cluster.left(uid);
            queue.helped(uid, clock.instant());
        }
    }

    /** Whether somebody less important is about to leave a node. */
    private boolean isBeingMade(PodInfo pod, String node) {
        NodeState there = state.node(node);
        return there != null
                && there.pods().stream()
                        .anyMatch(other -> other.priority() < pod.priority() && Pods.isTerminating(other.pod()));
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
