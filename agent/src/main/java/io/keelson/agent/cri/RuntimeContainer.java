package io.keelson.agent.cri;

import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.ContainerStatus;

/**
 * One run of a container, as the runtime told of it.
 *
 * @param sandboxId in which sandbox it is; that one may be gone
 * @param status all that the runtime says; times are nanoseconds since 1970, 0 for not yet
 */
public record RuntimeContainer(String sandboxId, ContainerStatus status) {
    /** The runtime's id of this run. */
    public String id() {
        return status.getId();
    }

    /** The container's name in the pod. */
    public String name() {
        String label = status.getLabelsMap().get(RuntimeLabels.CONTAINER_NAME);
        return label != null ? label : status.getMetadata().getName();
    }

    /** How many runs of this container were made before, as far as the agent knew. */
    public int attempt() {
        return status.getMetadata().getAttempt();
    }

    /** What it does. */
    public ContainerState state() {
        return status.getState();
    }

    /** Whether its process runs. */
    public boolean running() {
        return state() == ContainerState.CONTAINER_RUNNING;
    }

    /** Whether its process has ended; exit code and reason are in the status. */
    public boolean exited() {
        return state() == ContainerState.CONTAINER_EXITED;
    }
}
