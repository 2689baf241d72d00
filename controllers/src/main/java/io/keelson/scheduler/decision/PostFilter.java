package io.keelson.scheduler.decision;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.scheduler.state.PodInfo;
import org.jspecify.annotations.Nullable;

/**
 * Can do something for a pod that no node can take, besides making room by preemption; the extension point PostFilter. Asked
 * of filters that are one.
 */
public interface PostFilter extends Filter {
    /**
     * What is to be written so that the pod may find a node later. Called by the thread that owns the state.
     *
     * @return null for nothing
     */
    @Nullable
    Step help(PodInfo pod, Decision.Impossible why);

    /** Something to write. */
    @FunctionalInterface
    interface Step {
        /**
         * Writes it, on a thread of its own, which is interrupted when the scheduler ends. The watches tell what came of it.
         *
         * @throws ReservationException if it cannot be written; the pod waits on
         */
        void write(KubernetesClient client) throws ReservationException, InterruptedException;
    }
}
