package io.keelson.agent.pods.launch;

/** Annotations of containers in the runtime: what has to be known to end one well whose pod is gone. */
public final class Annotations {
    /** How many runs came before. */
    public static final String RESTART_COUNT = "io.kubernetes.container.restartCount";

    /** Where it writes why it ended. */
    public static final String MESSAGE_PATH = "io.kubernetes.container.terminationMessagePath";

    /** Where that is read from: {@code File} or {@code FallbackToLogsOnError}. */
    public static final String MESSAGE_POLICY = "io.kubernetes.container.terminationMessagePolicy";

    /** The grace period of the pod's deletion, if it was being deleted. */
    public static final String DELETION_GRACE = "io.kubernetes.pod.deletionGracePeriod";

    /** The grace period of the pod. */
    public static final String GRACE = "io.kubernetes.pod.terminationGracePeriod";

    /** What is to be done before it is stopped, as JSON. */
    public static final String PRE_STOP = "io.kubernetes.container.preStopHandler";

    /** Its ports as JSON, by whose names a hook may call it. */
    public static final String PORTS = "io.kubernetes.container.ports";

    private Annotations() {}
}
