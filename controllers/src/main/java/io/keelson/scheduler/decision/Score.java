package io.keelson.scheduler.decision;

import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One rule of which node is better for a pod; the extension points PreScore and Score. Without state of its own. */
public interface Score extends Plugin {
    /** The best that a node can be worth by one rule. */
    long BEST = 100;

    /**
     * Works out once for a pod what does not depend on the node.
     *
     * @param candidates the nodes that are compared, all of which can take the pod
     * @return null if the rule has nothing to say of the pod
     */
    @Nullable
    Rating prepare(PodInfo pod, ClusterState cluster, List<NodeState> candidates);

    /** The rule for one pod. */
    @FunctionalInterface
    interface Rating {
        /** What a node is worth, more being better; from 0 to {@link #BEST} unless {@link #normalize} makes it so. */
        long rate(NodeState node);

        /** Brings what all candidates are worth into the range from 0 to {@link #BEST}. */
        default void normalize(long[] worths) {}

        /** Makes the largest {@link #BEST} and the others in proportion; the other way round if less is better. */
        static void scale(long[] worths, boolean lessIsBetter) {
            long most = 0;
            for (long worth : worths) {
                most = Math.max(most, worth);
            }
            for (int i = 0; i < worths.length; i++) {
                long scaled = most == 0 ? 0 : BEST * worths[i] / most;
                worths[i] = lessIsBetter ? BEST - scaled : scaled;
            }
        }
    }
}
