package io.keelson.scheduler.decision;

import io.fabric8.kubernetes.client.KubernetesClient;

/**
 * What was taken for a pod. First {@link #write}, then the pod is bound; after that exactly one of {@link #bound} and {@link
 * #release} is called, and {@code release} alone if something failed before.
 */
public interface Reservation {
    /** The name of the plugin that took it. */
    String plugin();

    /**
     * Tells the API what has to be there before the pod is bound, and waits until it is. On a thread of its own, which is
     * interrupted when the scheduler ends.
     *
     * @throws ReservationException saying for users why it cannot be; then the pod is not bound, and tried again
     */
    void write(KubernetesClient client) throws ReservationException, InterruptedException;

    /** The pod is bound. Called by the thread that owns the state. */
    void bound();

    /** The pod does not go there: gives back what was taken. Called by the thread that owns the state. */
    void release();
}
