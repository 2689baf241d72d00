package io.keelson.agent.pods.source;

import io.fabric8.kubernetes.api.model.Pod;

/** Whoever is told which pods are wanted. Must return at once. */
public interface PodListener {
    /** A pod is wanted, or wanted otherwise. */
    void set(Pod pod);

    /** A pod is not wanted any more. */
    void remove(Pod pod);
}
