package io.keelson.scheduler.decision;

import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One rule of which nodes can take a pod; the extension points PreFilter and Filter. Without state of its own. */
public interface Filter extends Plugin {
    /**
     * The names of the only nodes that a pod can go to by what it says itself, so that no others have to be looked at.
     *
     * @return null if it may be any
     */
    default @Nullable Set<String> onlyNodes(PodInfo pod) {
        return null;
    }

    /**
     * Why no node can take a pod, whatever the nodes are, as when something that it names is not there.
     *
     * @return null if some node may take it
     */
    default @Nullable Rejection rejectEverywhere(PodInfo pod, ClusterState cluster) {
        return null;
    }

    /**
     * Works out once for a pod what does not depend on the node. Good until the cluster changes.
     *
     * @return null if the rule has nothing to say of the pod
     */
    @Nullable
    Test prepare(PodInfo pod, ClusterState cluster);

    /**
     * Whether its tests look at no pods but those of the node that they are asked about, as it is when they are asked: then
     * they stay good when pods come or go, and may be asked about a node that is in no cluster.
     */
    default boolean looksOnlyAtNode() {
        return false;
    }

    /** The rule for one pod. */
    @FunctionalInterface
    interface Test {
        /** Why a node cannot take the pod; empty if it can. */
        List<Rejection> test(NodeState node);
    }
}
