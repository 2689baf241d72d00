package io.keelson.scheduler.queue;

import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in the cluster and that pods may have waited for. It is told after the state of the cluster has it.
 *
 * @param node where; null if it is not known, or if it is about none
 * @param pod whom it is about, as it was last; null if it is about none
 */
public record ClusterEvent(
        Kind kind, @Nullable NodeState node, @Nullable PodInfo pod) {

    /** What can happen. */
    public enum Kind {
        /** There is another node. */
        NODE_ADDED,
        /** A node is gone. */
        NODE_DELETED,
        /** A node has more or less to give. */
        NODE_ALLOCATABLE,
        /** A node has other labels. */
        NODE_LABELS,
        /** A node has other taints, or is cordoned or not any more. */
        NODE_TAINTS,
        /** A pod is on a node. */
        POD_ASSIGNED,
        /** A pod is on its node no more: it is deleted, it has ended, or its binding failed. */
        POD_LEFT,
        /** A pod on a node has other labels or requests, or somebody has asked for its deletion. */
        POD_CHANGED,
        /** A namespace has other labels. */
        NAMESPACE_LABELS
    }

    /** Of a node. */
    public static ClusterEvent of(Kind kind, NodeState node) {
        return new ClusterEvent(kind, node, null);
    }

    /** Of a pod on a node. */
    public static ClusterEvent of(Kind kind, PodInfo pod, @Nullable NodeState node) {
        return new ClusterEvent(kind, node, pod);
    }
}
