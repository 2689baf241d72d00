package io.keelson.agent.cri;

import io.keelson.agent.wire.cri.PodSandboxState;
import io.keelson.agent.wire.cri.PodSandboxStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the runtime has of one pod. All of it comes from one look: each sandbox and container was as told here at some
 * moment between the look's begin and its end.
 *
 * @param uid the pod's
 * @param namespace the pod's, as its sandboxes and containers are labelled; empty if it has none
 * @param name the pod's; empty if it has neither sandbox nor container
 * @param sandboxes all of them, the newest first
 * @param containers all runs of all its containers, the newest first, also those whose sandbox is gone
 * @param since when the look began, by {@link io.keelson.controllers.runtime.Time#steady}
 */
public record RuntimePod(
        String uid,
        String namespace,
        String name,
        List<PodSandboxStatus> sandboxes,
        List<RuntimeContainer> containers,
        Instant since) {

    /** Keeps copies. */
    public RuntimePod {
        sandboxes = List.copyOf(sandboxes);
        containers = List.copyOf(containers);
    }

    /** A pod of which the runtime has nothing. */
    public static RuntimePod none(String uid, Instant since) {
        return new RuntimePod(uid, "", "", List.of(), List.of(), since);
    }

    /** Whether the runtime has nothing of it. */
    public boolean isEmpty() {
        return sandboxes.isEmpty() && containers.isEmpty();
    }

    /** The newest sandbox, if it is ready. */
    public Optional<PodSandboxStatus> readySandbox() {
        return sandboxes.stream().findFirst().filter(newest -> newest.getState() == PodSandboxState.SANDBOX_READY);
    }

    /** The newest run of a container, whatever it does. */
    public Optional<RuntimeContainer> newest(String container) {
        return containers.stream().filter(run -> run.name().equals(container)).findFirst();
    }

    /** A run by the runtime's id. */
    public Optional<RuntimeContainer> container(String id) {
        return containers.stream().filter(run -> run.id().equals(id)).findFirst();
    }

    /** Whether a process of it, or a sandbox, is still there to be stopped. */
    public boolean active() {
        return containers.stream().anyMatch(RuntimeContainer::running)
                || sandboxes.stream().anyMatch(sandbox -> sandbox.getState() == PodSandboxState.SANDBOX_READY);
    }

    /** Whether both tell the same, whenever they were looked at. */
    public boolean sameAs(RuntimePod other) {
        return uid.equals(other.uid) && sandboxes.equals(other.sandboxes) && containers.equals(other.containers);
    }
}
