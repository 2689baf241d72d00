package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;

/** Puts a pod under rules of the network before its containers start. Called by the thread of the pod. */
public interface PodGuard {
    /** Lets all pods be. */
    PodGuard NONE = (pod, addresses) -> {};

    /**
     * Returns when the rules hold, or when they cannot be had within a limit of its own. Right when repeated.
     *
     * @param addresses of its sandbox, its first one first; not empty
     */
    void protect(Pod pod, List<String> addresses) throws InterruptedException;

    /** What ran in a pod has ended for good, and the addresses of its sandbox are its no more. Right when repeated. */
    default void release(Pod pod) {}
}
