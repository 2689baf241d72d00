package io.keelson.scheduler.config;

/** Where in the course of scheduling a plugin may act; the order is that of a pod's way. */
public enum ExtensionPoint {
    /** Whether a pod may be scheduled at all yet. */
    PRE_ENQUEUE("PreEnqueuePlugin"),
    /** Which pod comes first. */
    QUEUE_SORT("QueueSortPlugin"),
    /** What is worked out once for a pod before nodes are looked at. */
    PRE_FILTER("PreFilterPlugin"),
    /** Which nodes can take a pod. */
    FILTER("FilterPlugin"),
    /** What is done for a pod that no node can take. */
    POST_FILTER("PostFilterPlugin"),
    /** What is worked out once for a pod before nodes are compared. */
    PRE_SCORE("PreScorePlugin"),
    /** Which node is better. */
    SCORE("ScorePlugin"),
    /** What is taken for a pod on its node. */
    RESERVE("ReservePlugin"),
    /** Whether a pod that has a node has to wait for others. */
    PERMIT("PermitPlugin"),
    /** What is written before a pod is bound. */
    PRE_BIND("PreBindPlugin"),
    /** How a pod is bound. */
    BIND("BindPlugin"),
    /** What is done after a pod is bound. */
    POST_BIND("PostBindPlugin");

    private final String title;

    ExtensionPoint(String title) {
        this.title = title;
    }

    /** As messages of kube-scheduler call it. */
    public String title() {
        return title;
    }
}
