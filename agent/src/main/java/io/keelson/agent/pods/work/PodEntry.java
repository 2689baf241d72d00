package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.pods.PodAdmission.Refusal;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.status.StatusView.Verdict;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Lets a pod in, and gives it what it asks for of the node. One thread's. */
final class PodEntry {
    /** As long as an API that is there takes to tell of a node's pods, and as short as one that is not can be done without. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final WorkRooms rooms;
    private final PodState state;
    private final Supplier<Collection<Pod>> others;
    private final BooleanSupplier hasUntold;
    private final Preemptor preemptor;
    private OptionalLong asked = OptionalLong.empty();

    /** Ends pods for the sake of another one. */
    @FunctionalInterface
    interface Preemptor {
        /**
         * Returns when nothing of them runs any more, or it takes too long.
         *
         * @param resource what was lacking first
         */
        void preempt(List<Pod> victims, String resource) throws InterruptedException;
    }

    /**
     * Of one pod.
     *
     * @param others the pods that have something of the node, without this one
     * @param hasUntold whether there may be others that nobody has told of yet
     */
    PodEntry(
            WorkRooms rooms,
            PodState state,
            Supplier<Collection<Pod>> others,
            BooleanSupplier hasUntold,
            Preemptor preemptor) {
        this.rooms = rooms;
        this.state = state;
        this.others = others;
        this.hasUntold = hasUntold;
        this.preemptor = preemptor;
    }

    /**
     * How long it should wait at most before it is let in. A static pod is there before the API has told of others, and would
     * get what those have. The API may be away, though, or be this very pod: then it comes in without.
     *
     * @return zero for not at all
     */
    Duration patience(RuntimePod runtime) {
        Pod pod = state.pod();
        boolean isNew = runtime.isEmpty()
                && !rooms.allocations().isKnown(pod.getMetadata().getUid());
        if (!isNew || !PodTraits.isStatic(pod) || !hasUntold.getAsBoolean()) {
            return Duration.ZERO;
        }
        long now = rooms.time().nanoTime();
        if (asked.isEmpty()) {
            asked = OptionalLong.of(now);
        }
        Duration left = PATIENCE.minusNanos(now - asked.getAsLong());
        return left.isNegative() ? Duration.ZERO : left;
    }

    /**
     * Lets it in, if the node has what it asks for. For one that the node cannot do without, others make room. One that was
     * let in before a restart, or runs, is in.
     *
     * @return whether it is in; if not, it has been told, and its state says why
     */
    boolean letIn(RuntimePod runtime) throws InterruptedException {
        Pod pod = state.pod();
        String uid = pod.getMetadata().getUid();
        if (!rooms.allocations().isKnown(uid)) {
            Optional<Refusal> refusal = runtime.isEmpty() ? refusal(pod) : Optional.empty();
            if (refusal.isPresent()) {
                String message = refusal.get().message();
                rooms.events().warning(pod, refusal.get().reason(), message);
                state.judged(new Verdict(refusal.get().reason(), "Pod was rejected: " + message, "", true));
                return false;
            }
            rooms.allocations().admit(pod);
        }
        // Runs were told what their containers were given, unless it is noted that they were not.
        Map<String, ResourceRequirements> told = rooms.allocations().running(uid);
        Pod given = rooms.allocations().current(pod);
        PodContainers.all(given)
                .forEach(container -> runtime.newest(container.name())
                        .filter(RuntimeContainer::running)
                        .ifPresent(run -> {
                            ResourceRequirements resources =
                                    container.container().getResources();
                            state.actuated(
                                    run.id(),
                                    told.getOrDefault(
                                            run.id(), resources == null ? new ResourceRequirements() : resources));
                        }));
        runtime.readySandbox().ifPresent(sandbox -> {
            ResourceRequirements whole = given.getSpec().getResources();
            state.actuated(
                    sandbox.getId(),
                    told.getOrDefault(sandbox.getId(), whole == null ? new ResourceRequirements() : whole));
        });
        return true;
    }

    private Optional<Refusal> refusal(Pod pod) throws InterruptedException {
        List<Pod> victims = List.of();
        List<NodeFit.Lack> lacks;
        // One at a time: two must not both get what is left.
        synchronized (rooms.allocations()) {
            Collection<Pod> there = others.get();
            Optional<Refusal> refusal = rooms.admission().refusal(pod, there);
            if (refusal.isPresent()) {
                return refusal;
            }
            NodeFit.Look look = rooms.fit().look(pod, there);
            lacks = look.lacks();
            if (PodTraits.isCritical(pod) && !lacks.isEmpty()) {
                if (look.other().isPresent()) {
                    return look.other();
                }
                try {
                    victims = Preemption.victims(pod, there, missing(lacks));
                } catch (IllegalStateException e) {
                    return Optional.of(new Refusal(
                            "UnexpectedAdmissionError",
                            "Unexpected error while attempting to recover from admission failure: preemption: error"
                                    + " finding a set of pods to preempt: " + e.getMessage()));
                }
            } else if (look.refusal().isPresent()) {
                return look.refusal();
            }
            // What becomes free is for this one, and nobody else gets in meanwhile.
            rooms.allocations().reserve(pod);
        }
        if (!victims.isEmpty()) {
            preemptor.preempt(victims, lacks.getFirst().resource());
        }
        synchronized (rooms.allocations()) {
            Optional<Refusal> refusal = rooms.placement().take(pod);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return rooms.placement().complete(pod);
    }

    private static Map<String, Long> missing(List<NodeFit.Lack> lacks) {
        Map<String, Long> missing = new LinkedHashMap<>();
        lacks.forEach(lack -> missing.put(lack.resource(), lack.missing()));
        return missing;
    }

    /** Gives it what it asks for now, if the node has that; returns why not, if not. */
    List<PodCondition> consider() {
        Allocations.Decision decision = rooms.allocations().consider(state.pod(), others, state.actuated());
        state.allocated(decision.pod());
        return decision.pending().map(List::of).orElse(List.of());
    }
}
