package io.keelson.agent.cri;

/**
 * The labels by which an agent finds its sandboxes and containers again in the runtime. They are the kubelet's, so that
 * either can go on with what the other left, and so that tools which read them work.
 */
public final class RuntimeLabels {
    /** The pod's name; on sandboxes and containers, as the next two. */
    public static final String POD_NAME = "io.kubernetes.pod.name";

    /** The pod's namespace. */
    public static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";

    /** The pod's uid. What lacks it is not an agent's. */
    public static final String POD_UID = "io.kubernetes.pod.uid";

    /** The container's name; on containers only. */
    public static final String CONTAINER_NAME = "io.kubernetes.container.name";

    private RuntimeLabels() {}
}
