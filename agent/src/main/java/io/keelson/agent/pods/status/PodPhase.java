package io.keelson.agent.pods.status;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodContainer.Sort;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.pods.plan.RestartRules;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The one word for how a pod is doing, from what its containers do. */
final class PodPhase {
    private final Pod pod;
    private final Map<String, ContainerStatus> statuses;
    private int unknown;
    private int running;
    private int waiting;
    private int stopped;
    private int succeeded;
    private int restarting;
    private boolean initPending;
    private boolean initFailed;
    private boolean sidecarPending;

    private PodPhase(Pod pod, Map<String, ContainerStatus> statuses) {
        this.pod = pod;
        this.statuses = statuses;
    }

    /**
     * The phase.
     *
     * @param statuses of all containers, by name
     * @param wasInitialized whether its ordinary containers could start once
     * @param ending whether nothing of it will be started again
     */
    static String of(Pod pod, Map<String, ContainerStatus> statuses, boolean wasInitialized, boolean ending) {
        PodPhase phase = new PodPhase(pod, statuses);
        PodContainers.initial(pod).forEach(phase::countInitial);
        PodContainers.ordinary(pod).forEach(phase::countOrdinary);
        return phase.word(wasInitialized, ending);
    }

    private void countInitial(PodContainer container) {
        ContainerStatus status = statuses.get(container.name());
        ContainerState state = status == null ? null : status.getState();
        ContainerStateTerminated last = status == null || status.getLastState() == null
                ? null
                : status.getLastState().getTerminated();
        if (container.sort() == Sort.SIDECAR) {
            if (status != null && state != null && state.getRunning() != null) {
                running++;
                sidecarPending |= !Boolean.TRUE.equals(status.getStarted());
            } else if (state == null || (state.getTerminated() == null && last == null)) {
                sidecarPending = true;
                waiting++;
            }
            return;
        }
        ContainerStateTerminated ended = state == null ? null : state.getTerminated();
        if (ended == null && state != null && state.getRunning() == null) {
            ended = last;
        }
        if (ended == null) {
            initPending = true;
        } else if (ended.getExitCode() != 0) {
            boolean isFinal = !RestartRules.restarts(pod, container, ended.getExitCode());
            initFailed |= isFinal;
            initPending |= !isFinal;
        }
    }

    private void countOrdinary(PodContainer container) {
        ContainerStatus status = statuses.get(container.name());
        ContainerState state = status == null ? null : status.getState();
        if (status == null || state == null) {
            unknown++;
        } else if (state.getRunning() != null) {
            running++;
        } else if (state.getTerminated() != null) {
            countStopped(container, state.getTerminated());
        } else if (status.getLastState() != null && status.getLastState().getTerminated() != null) {
            countStopped(container, status.getLastState().getTerminated());
        } else {
            waiting++;
        }
    }

    private void countStopped(PodContainer container, ContainerStateTerminated ended) {
        stopped++;
        if (ended.getExitCode() == 0) {
            succeeded++;
        }
        if (RestartRules.restarts(pod, container, ended.getExitCode())
                || RestartRules.restartsAll(container.container(), ended.getExitCode())) {
            restarting++;
        }
    }

    private String word(boolean wasInitialized, boolean ending) {
        if (initFailed) {
            return "Failed";
        }
        if (initPending || (sidecarPending && !wasInitialized) || waiting > 0) {
            return "Pending";
        }
        if (running > 0 && unknown == 0) {
            return "Running";
        }
        if (running == 0 && stopped > 0 && unknown == 0) {
            boolean isOver = restarting == 0 || (ending && !PodTraits.isStatic(pod));
            if (isOver) {
                return stopped == succeeded ? "Succeeded" : "Failed";
            }
            return "Running";
        }
        return "Pending";
    }

    /** Whether a pod with this phase has ended. */
    static boolean isFinal(@Nullable String phase) {
        return phase != null && List.of("Succeeded", "Failed").contains(phase);
    }
}
