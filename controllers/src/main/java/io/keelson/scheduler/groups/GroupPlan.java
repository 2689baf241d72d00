package io.keelson.scheduler.groups;

import io.keelson.scheduler.decision.Decider;
import io.keelson.scheduler.decision.Decision;
import io.keelson.scheduler.decision.Permit;
import io.keelson.scheduler.decision.Permit.Verdict;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.decision.ReservationException;
import io.keelson.scheduler.preemption.Candidate;
import io.keelson.scheduler.preemption.DefaultPreemption;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for places for the pods of a group, one after the other, each seeing those before it where they are to be. A pod for
 * which others have to go first counts as if they had gone and it were there, so that the pods after it leave that room alone.
 *
 * <pre>
 *   enough placed, nobody has to go    SCHEDULED      those that have places keep them
 *   enough placed, some have to go     PREEMPTING     nobody keeps a place; it is tried again when they have gone
 *   too few placed                     UNSCHEDULABLE  nobody keeps a place, and nobody has to go
 *   something went wrong               ERROR          nobody keeps a place
 * </pre>
 *
 * How many are enough is for {@link Permit} plugins to say. Whatever comes of it, the state of the cluster is as before but for
 * the places that are kept.
 */
public final class GroupPlan {
    private static final Logger LOG = LoggerFactory.getLogger(GroupPlan.class);

    private final Decider decider;
    private final List<Permit> permits;
    private final ClusterState state;
    private final PodGroups groups;
    private final Places places;
    private final List<Tried> tried = new ArrayList<>();
    private final List<Runnable> pretended = new ArrayList<>();

    /** What a plan does with the cluster. */
    public interface Places {
        /**
         * Puts a pod on a node and takes what it needs there.
         *
         * @throws ReservationException if that cannot be had; then nothing is done
         */
        void take(PodInfo pod, NodeState node) throws ReservationException;

        /** Undoes that. */
        void giveBack(PodInfo pod);

        /** On which node room was being made for a pod; null for nowhere. */
        @Nullable
        String nominated(PodInfo pod);

        /** Whether somebody is about to leave that node. */
        boolean isBeingMade(PodInfo pod, String node);

        /** Where room can be made for a pod. */
        DefaultPreemption.Result room(PodInfo pod, Decision.Impossible why);
    }

    /** What came of the whole. */
    public enum Outcome {
        SCHEDULED,
        PREEMPTING,
        UNSCHEDULABLE,
        ERROR
    }

    /** What came of one pod. */
    public sealed interface Tried {
        /** Which. */
        PodInfo pod();

        /** A node can take it. */
        record Placed(PodInfo pod, NodeState node, String waits) implements Tried {}

        /**
         * A node can when others have gone.
         *
         * @param candidate who has to; null if they are about to
         */
        record Displacing(
                PodInfo pod,
                String node,
                Decision.Impossible why,
                @Nullable Candidate candidate,
                String waits) implements Tried {}

        /**
         * None can.
         *
         * @param room what users read after why that is: why no room is made
         */
        record Rejected(PodInfo pod, Decision.Impossible why, String room) implements Tried {}

        /** Something went wrong; why, for users. */
        record Failed(PodInfo pod, String why) implements Tried {}
    }

    /**
     * What came of a plan.
     *
     * @param tried the pods in the order in which they were asked for; after one that failed there are no others
     */
    public record Result(Outcome outcome, List<Tried> tried) {
        public Result {
            tried = List.copyOf(tried);
        }
    }

    private GroupPlan(Decider decider, List<Permit> permits, ClusterState state, PodGroups groups, Places places) {
        this.decider = decider;
        this.permits = permits;
        this.state = state;
        this.groups = groups;
        this.places = places;
    }

    /** Looks for places for pods of one group, in this order. */
    public static Result make(
            List<PodInfo> pods,
            Decider decider,
            List<Permit> permits,
            ClusterState state,
            PodGroups groups,
            Places places) {
        return new GroupPlan(decider, permits, state, groups, places).make(pods);
    }

    private Result make(List<PodInfo> pods) {
        boolean enough = false;
        boolean displacing = false;
        boolean failed = false;
        Outcome outcome = Outcome.ERROR;
        try {
            for (int i = 0; i < pods.size() && !failed; i++) {
                Tried now = tryOne(pods.get(i));
                tried.add(now);
                failed = now instanceof Tried.Failed;
                displacing |= now instanceof Tried.Displacing;
                enough |= (now instanceof Tried.Placed placed && placed.waits().isEmpty())
                        || (now instanceof Tried.Displacing other
                                && other.waits().isEmpty());
            }
            if (!failed) {
                outcome = !enough ? Outcome.UNSCHEDULABLE : displacing ? Outcome.PREEMPTING : Outcome.SCHEDULED;
            }
            return new Result(outcome, tried);
        } finally {
            pretended.reversed().forEach(Runnable::run);
            if (outcome != Outcome.SCHEDULED) {
                tried.reversed().forEach(each -> {
                    if (each instanceof Tried.Placed placed) {
                        places.giveBack(placed.pod());
                    }
                });
            }
        }
    }

    private Tried tryOne(PodInfo pod) {
        try {
            return switch (decider.look(pod, state, places.nominated(pod))) {
                case Decider.Look.Able able ->
                    place(pod, decider.choose(pod, state, able, Map.of()).node());
                case Decider.Look.None none -> displace(pod, none.why());
            };
        } catch (ReservationException e) {
            return new Tried.Failed(pod, Objects.requireNonNullElse(e.getMessage(), e.toString()));
        } catch (RuntimeException e) {
            LOG.error("deciding on pod {}", pod.key(), e);
            return new Tried.Failed(pod, e.toString());
        }
    }

    private Tried place(PodInfo pod, NodeState node) throws ReservationException {
        places.take(pod, node);
        boolean kept = false;
        try {
            StringBuilder waits = new StringBuilder();
            Rejection refused = permit(pod, waits);
            kept = refused == null;
            return refused == null
                    ? new Tried.Placed(pod, node, waits.toString())
                    : new Tried.Rejected(pod, new Decision.Impossible(Map.of(node, List.of(refused))), "");
        } finally {
            if (!kept) {
                places.giveBack(pod);
            }
        }
    }

    /** Asks whether a pod may be bound; why it has to wait is added, why it must not be is returned. */
    private @Nullable Rejection permit(PodInfo pod, StringBuilder waits) {
        for (Permit permit : permits) {
            switch (permit.permit(pod)) {
                case Verdict.Wait wait ->
                    waits.append(waits.isEmpty() ? "" : ", ").append(wait.why());
                case Verdict.Refuse refuse -> {
                    return new Rejection(permit.name(), refuse.why(), false);
                }
                case Verdict.Go _, Verdict.GoTogether _ -> {}
            }
        }
        return null;
    }

    private Tried displace(PodInfo pod, Decision.Impossible why) {
        String nominated = places.nominated(pod);
        if (nominated != null && places.isBeingMade(pod, nominated)) {
            return pretend(pod, nominated, why, null);
        }
        return switch (places.room(pod, why)) {
            case DefaultPreemption.Result.Nothing nothing ->
                new Tried.Rejected(pod, why, nothing.message().isEmpty() ? "" : ' ' + nothing.message());
            case DefaultPreemption.Result.Found found ->
                pretend(pod, found.candidate().node().name(), why, found.candidate());
        };
    }

    private Tried pretend(PodInfo pod, String node, Decision.Impossible why, @Nullable Candidate candidate) {
        if (candidate != null) {
            for (PodInfo victim : candidate.victims()) {
                state.remove(victim.uid());
                pretended.add(() -> state.put(victim, node));
            }
        }
        state.put(pod, node);
        groups.assume(pod.uid());
        pretended.add(() -> {
            groups.forget(pod.uid());
            state.remove(pod.uid());
        });
        StringBuilder waits = new StringBuilder();
        Rejection refused = permit(pod, waits);
        return refused == null
                ? new Tried.Displacing(pod, node, why, candidate, waits.toString())
                : new Tried.Rejected(pod, why, "");
    }
}
