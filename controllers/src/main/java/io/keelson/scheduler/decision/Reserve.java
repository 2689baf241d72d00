package io.keelson.scheduler.decision;

import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import org.jspecify.annotations.Nullable;

/** Takes for a pod what it needs on its node besides what the node itself gives; the extension points Reserve and PreBind. */
public interface Reserve extends Plugin {
    /**
     * Takes it, as soon as the node is chosen, so that the next decision counts it. Called by the thread that owns the state.
     *
     * @return what was taken; null if the pod needs nothing of the kind
     * @throws ReservationException if it cannot be had any more; then nothing is taken, and the pod is tried again
     */
    @Nullable
    Reservation reserve(PodInfo pod, NodeState node) throws ReservationException;
}
