package io.keelson.scheduler.decision;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.scheduler.state.PodInfo;
import org.jspecify.annotations.Nullable;

/**
 * Can do something for a pod that no node can take, besides making room by preemption; the extension point PostFilter. Asked
 * of filters that are one.
 */
public interface PostFilter extends Filter {
    /** What can be done so that the pod may find a node later. Called by the thread that owns the state. */
    Help help(PodInfo pod, Decision.Impossible why);

    /**
     * What is done.
     *
     * @param message what the pod is told of it, in the words of kube-scheduler
     * @param step what is to be written; null for nothing
     */
    record Help(String message, @Nullable Step step) {}

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
