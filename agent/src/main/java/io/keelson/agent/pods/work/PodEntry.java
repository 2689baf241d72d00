package io.keelson.agent.pods.work;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.cri.RuntimePod;
import io.keelson.agent.pods.PodAdmission.Refusal;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.status.StatusView.Verdict;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Lets a pod in, and gives it what it asks for of the node. One thread's. */
final class PodEntry {
    private final WorkRooms rooms;
    private final PodState state;
    private final Supplier<Collection<Pod>> others;

    /**
     * Of one pod.
     *
     * @param others the pods that have something of the node, without this one
     */
    PodEntry(WorkRooms rooms, PodState state, Supplier<Collection<Pod>> others) {
        this.rooms = rooms;
        this.state = state;
        this.others = others;
    }

    /**
     * Lets it in, if the node has what it asks for. One that was let in before a restart, or runs, is in.
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
        return true;
    }

    private Optional<Refusal> refusal(Pod pod) throws InterruptedException {
        // One at a time: two must not both get what is left.
        synchronized (rooms.allocations()) {
            Optional<Refusal> refusal = rooms.admission().refusal(pod, others.get());
            if (refusal.isEmpty()) {
                refusal = rooms.placement().take(pod);
            }
            if (refusal.isPresent()) {
                return refusal;
            }
            rooms.allocations().reserve(pod);
        }
        return rooms.placement().complete(pod);
    }

    /** Gives it what it asks for now, if the node has that; returns why not, if not. */
    List<PodCondition> consider() {
        Allocations.Decision decision = rooms.allocations().consider(state.pod(), others, state.actuated());
        state.allocated(decision.pod());
        return decision.pending().map(List::of).orElse(List.of());
    }
}
