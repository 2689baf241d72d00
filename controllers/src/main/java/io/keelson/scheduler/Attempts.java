package io.keelson.scheduler;

import io.fabric8.kubernetes.api.model.Node;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.SchedulerMetrics.Point;
import io.keelson.scheduler.SchedulerMetrics.Status;
import io.keelson.scheduler.decision.Decider;
import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.decision.ReservationException;
import io.keelson.scheduler.extender.Extenders;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.QueuedPod;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides on the pod whose turn it is. Owned by the thread that owns the state. */
final class Attempts {
    /** How often extenders are asked in a row whose nodes others have taken meanwhile. */
    private static final int ROUNDS_MAX = 3;

    /** In the place of a filter. */
    private static final String EXTENDER = "extender";

    private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

    private final SchedulingParts parts;
    private final DefaultGroups spreading;
    private final GroupAttempts groupAttempts;
    private final Meanwhile meanwhile;

    Attempts(SchedulingParts parts, DefaultGroups spreading, GroupAttempts groupAttempts, Meanwhile meanwhile) {
        this.parts = parts;
        this.spreading = spreading;
        this.groupAttempts = groupAttempts;
        this.meanwhile = meanwhile;
    }

    /** Decides on a pod that was taken out of the queue, and on the others of its group. */
    void decide(QueuedPod next, Instant now) {
        long start = System.nanoTime();
        try {
            Key group = parts.groups().of(next.pod());
            if (group == null || !groupAttempts.decide(next, group, now, start, this::read)) {
                attempt(next, start, held -> decide(next, held, new Try(start, 1, held)));
            }
        } catch (RuntimeException e) {
            // What was taken out must not be lost.
            failed(next, start, e);
        }
    }

    private void failed(QueuedPod pod, long start, RuntimeException why) {
        LOG.error("deciding on pod {}", pod.pod().key(), why);
        // Of what is to be bound the binding tells.
        if (!parts.assumptions().contains(pod.pod().uid())) {
            parts.results().failed(pod, why.toString(), start);
        }
    }

    /**
     * One of several in a row, as extenders may take so long that others have the nodes which they kept.
     *
     * @param start when the first began
     * @param round how many there were, this one included
     * @param first on which node to look before all others; null for none
     */
    private record Try(long start, int round, @Nullable String first) {
        Try again() {
            return new Try(start, round + 1, null);
        }
    }

    private interface Step {
        /** @param held where room was being made for the pod; null for nowhere */
        void take(@Nullable String held);
    }

    private void attempt(QueuedPod next, long start, Step step) {
        PodInfo pod = next.pod();
        // The room that is kept for it is its own.
        String held = parts.nominations().forget(pod.uid());
        if (held != null) {
            parts.state().remove(pod.uid());
        }
        try {
            step.take(held);
        } catch (RuntimeException e) {
            failed(next, start, e);
        }
        if (held != null && !held.equals(parts.state().nodeOf(pod.uid()))) {
            parts.happened()
                    .accept(ClusterEvent.of(
                            ClusterEvent.Kind.POD_LEFT, pod, parts.state().node(held)));
        }
    }

    private void decide(QueuedPod next, @Nullable String held, Try now) {
        PodInfo read = read(next);
        Decider decider = parts.profiles().of(read).decider();
        Decider.Look look = decider.look(read, parts.state(), now.first());
        switch (look) {
            case Decider.Look.None none -> {
                parts.metrics().decided(System.nanoTime() - now.start());
                impossible(next, none.why(), held, now.start());
            }
            case Decider.Look.Able able
            when parts.extending().decideOn(read) -> {
                if (held != null) {
                    parts.nominations().hold(read, held);
                }
                meanwhile.begin(read.uid());
                List<Node> nodes =
                        able.nodes().stream().map(parts.extending()::whole).toList();
                parts.extending().ask(read, nodes, outcome -> answered(next, able, outcome, now));
            }
            case Decider.Look.Able able -> {
                NodeState best =
                        decider.choose(read, parts.state(), able, Map.of()).node();
                parts.metrics().decided(System.nanoTime() - now.start());
                assume(next, read, best, now.start());
            }
        }
    }

    private void answered(
            QueuedPod next, Decider.Look.Able able, Extending.Outcome<Extenders.Answer> outcome, Try now) {
        if (!parts.queue().isInFlight(next)) {
            // It is gone, or on a node.
            return;
        }
        switch (outcome) {
            case Extending.Outcome.Failed<Extenders.Answer> failed ->
                parts.results().failed(next, failed.why(), now.start());
            case Extending.Outcome.Answered<Extenders.Answer> answered ->
                attempt(next, now.start(), held -> choose(next, able, answered.answer(), held, now));
        }
    }

    private void choose(
            QueuedPod next, Decider.Look.Able able, Extenders.Answer answer, @Nullable String held, Try now) {
        if (answer.kept().isEmpty()) {
            if (now.first() == null) {
                impossible(next, rejected(able, answer), held, now.start());
            } else {
                // Of the node that was nominated: there are others.
                decide(next, held, new Try(now.start(), now.round(), null));
            }
            return;
        }
        PodInfo read = read(next);
        Decider decider = parts.profiles().of(read).decider();
        List<NodeState> kept = answer.kept().stream()
                .map(parts.state()::node)
                .filter(Objects::nonNull)
                .map(node -> Objects.requireNonNull(node, "those that are gone are left out"))
                .toList();
        List<NodeState> still = decider.stillAble(read, parts.state(), kept);
        if (!still.isEmpty()) {
            Decider.Look.Able left = new Decider.Look.Able(still, able.tried(), able.rejections());
            NodeState best =
                    decider.choose(read, parts.state(), left, answer.scores()).node();
            parts.metrics().decided(System.nanoTime() - now.start());
            assume(next, read, best, now.start());
        } else if (now.round() < ROUNDS_MAX) {
            decide(next, held, now.again());
        } else {
            parts.results().failed(next, "other pods have taken the nodes that extenders kept", now.start());
        }
    }

    private static Decision.Impossible rejected(Decider.Look.Able able, Extenders.Answer answer) {
        Map<NodeState, List<Rejection>> rejections = new LinkedHashMap<>(able.rejections());
        for (NodeState node : able.nodes()) {
            String never = answer.unresolvable().get(node.name());
            String why = never != null
                    ? never
                    : answer.failed().getOrDefault(node.name(), "node(s) were filtered out by an extender");
            rejections.put(node, List.of(new Rejection(EXTENDER, why, never == null)));
        }
        return new Decision.Impossible(rejections);
    }

    /** A pod as its profile has it spread, by the services and controllers that there are now. */
    private PodInfo read(QueuedPod next) {
        PodInfo pod = next.pod();
        PodInfo read = spreading.spread(pod, parts.profiles().of(pod).plugins().spread());
        parts.queue().reread(next, read);
        return read;
    }

    private void assume(QueuedPod next, PodInfo pod, NodeState node, long start) {
        meanwhile.end(pod.uid());
        try {
            parts.assumptions().take(next, pod, node, start);
        } catch (ReservationException e) {
            parts.results().failed(next, OrEmpty.of(e.getMessage()), start);
        }
    }

    /** @param held where room was being made for the pod; null for nowhere */
    private void impossible(QueuedPod next, Decision.Impossible impossible, @Nullable String held, long start) {
        parts.results().rejected(next, impossible.filters(), start);
        long begin = System.nanoTime();
        RunningProfile profile = parts.profiles().of(next.pod());
        String helped = parts.postFilters().help(next.pod(), impossible);
        long asked = System.nanoTime();
        String room = parts.preemptor().makeRoom(profile, next.pod(), impossible, held);
        boolean nominated = parts.nominations().nodeOf(next.pod().uid()) != null;
        Status status = nominated ? Status.SUCCESS : Status.UNSCHEDULABLE;
        if (profile.preemption() != null && parts.results().looksClosely()) {
            parts.results().executed(Point.POST_FILTER, status, PluginRegistry.PREEMPTION, asked);
        }
        parts.results().took(Point.POST_FILTER, status, next.pod(), begin);
        parts.results()
                .notScheduled(next.pod(), impossible.message() + PostFilters.text(profile, impossible, helped, room));
        Key group = parts.groups().of(next.pod());
        if (group != null) {
            parts.assumptions().permits().reconsider(group);
        }
    }
}
