package io.keelson.agent.pods.plan;

import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.wire.cri.PodSandboxStatus;
import org.jspecify.annotations.Nullable;

/** One step for a pod. */
public sealed interface Action {
    /** Stops all containers and sandboxes, since a new sandbox is needed. */
    record StopPod() implements Action {}

    /**
     * Runs a sandbox.
     *
     * @param attempt how many there were before
     */
    record RunSandbox(int attempt) implements Action {}

    /**
     * Starts a container.
     *
     * @param attempt how many runs came before, as far as the runtime knows
     * @param backOff what is to be remembered of its back-off; null for the first run
     */
    record Start(
            PodContainer container, int attempt, @Nullable BackOff backOff) implements Action {}

    /** A container has to wait before it is started again. */
    record Hold(PodContainer container, String message) implements Action {}

    /**
     * Stops a run.
     *
     * @param cause whose grace period counts
     * @param restarts whether it is started again whatever it ends with, and so has not ended for those who look
     * @param message what is told as an event
     */
    record Kill(PodContainer container, RuntimeContainer run, Cause cause, boolean restarts, String message)
            implements Action {}

    /** Why a run is stopped. */
    enum Cause {
        /** Its startup probe failed. */
        STARTUP_PROBE,
        /** Its liveness probe failed. */
        LIVENESS_PROBE,
        /** Anything else. */
        OTHER
    }

    /** Tells a running container of other resources. */
    record Resize(PodContainer container, RuntimeContainer run) implements Action {}

    /** Gives the pod as a whole other resources. */
    record ResizePod(PodSandboxStatus sandbox) implements Action {}

    /**
     * Ends all containers of the pod and forgets their runs, so that they begin anew; the one that wanted it comes
     * last.
     */
    record RestartAll(RuntimeContainer trigger) implements Action {}

    /** Forgets a run that nobody needs to know of. */
    record Remove(RuntimeContainer run) implements Action {}

    /** Forgets a sandbox that ended, of whose runs none is known any more. */
    record RemoveSandbox(PodSandboxStatus sandbox) implements Action {}

    /** Nothing of it will run again: what is left of it is ended. */
    record Finish() implements Action {}

    /** It has failed as a whole, and is ended. */
    record Fail(String reason, String message) implements Action {}
}
