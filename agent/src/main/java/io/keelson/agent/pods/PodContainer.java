package io.keelson.agent.pods;

import io.fabric8.kubernetes.api.model.Container;

/**
 * A container of a pod, whatever its sort.
 *
 * @param sort which of the pod's lists it is in
 * @param container what it is; an ephemeral one as its common part
 * @param target the container whose processes an ephemeral one is to see; empty for none
 */
public record PodContainer(Sort sort, Container container, String target) {
    /** What part a container has in its pod's life. */
    public enum Sort {
        /** Has to end well before the next one starts. */
        INIT,
        /** An init container that is started in its turn and runs as long as the pod does. */
        SIDECAR,
        /** What the pod is for. */
        ORDINARY,
        /** Put into a running pod to look into it; never started again. */
        EPHEMERAL
    }

    /** Where it is in its pod, {@code spec.initContainers{fetch}} for example. */
    public String fieldPath() {
        String list = switch (sort) {
            case INIT, SIDECAR -> "initContainers";
            case ORDINARY -> "containers";
            case EPHEMERAL -> "ephemeralContainers";
        };
        return "spec." + list + '{' + name() + '}';
    }

    /** Its name. */
    public String name() {
        return container.getName();
    }
}
