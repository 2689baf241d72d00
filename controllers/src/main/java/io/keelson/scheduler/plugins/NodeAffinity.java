package io.keelson.scheduler.plugins;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PreferredSchedulingTerm;
import io.keelson.controllers.objects.NodeChoice;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Rejection;
import io.keelson.scheduler.decision.Score;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pod goes only to nodes that its node selector and required node affinity mean; those it prefers are worth more. */
public final class NodeAffinity implements Filter, Score {
    private static final String NAME = "NodeAffinity";
    private static final List<Rejection> NOT_MEANT =
            List.of(new Rejection(NAME, "node(s) didn't match Pod's node affinity/selector", false));

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public @Nullable Test prepare(PodInfo pod, ClusterState cluster) {
        PodSpec spec = pod.pod().getSpec();
        return asksForNodes(spec) ? node -> NodeChoice.matches(spec, node.node()) ? List.of() : NOT_MEANT : null;
    }

    /** Whether a pod does not take just any node. */
    static boolean asksForNodes(PodSpec spec) {
        Affinity affinity = spec.getAffinity();
        return !OrEmpty.of(spec.getNodeSelector()).isEmpty()
                || (affinity != null
                        && affinity.getNodeAffinity() != null
                        && affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution() != null);
    }

    @Override
    public @Nullable Rating prepare(PodInfo pod, ClusterState cluster, List<NodeState> candidates) {
        Affinity affinity = pod.pod().getSpec().getAffinity();
        List<PreferredSchedulingTerm> preferred = affinity == null || affinity.getNodeAffinity() == null
                ? List.of()
                : OrEmpty.of(affinity.getNodeAffinity().getPreferredDuringSchedulingIgnoredDuringExecution());
        if (preferred.isEmpty()) {
            return null;
        }
        return new Rating() {
            @Override
            public long rate(NodeState node) {
                long weights = 0;
                for (PreferredSchedulingTerm term : preferred) {
                    if (NodeChoice.matches(term.getPreference(), node.node())) {
                        weights += OrEmpty.of(term.getWeight());
                    }
                }
                return weights;
            }

            @Override
            public void normalize(long[] worths) {
                Rating.scale(worths, false);
            }
        };
    }
}
