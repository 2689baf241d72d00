package io.keelson.scheduler.plugins;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
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
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A pod goes only to nodes that its node selector and required node affinity mean; those it prefers are worth more. */
public final class NodeAffinity implements Filter, Score {
    private static final String NAME = "NodeAffinity";
    private static final List<Rejection> NOT_MEANT =
            List.of(new Rejection(NAME, "node(s) didn't match Pod's node affinity/selector", false));
    private static final List<Rejection> NOT_ENFORCED =
            List.of(new Rejection(NAME, "node(s) didn't match scheduler-enforced node affinity", false));

    private final @Nullable NodeSelector enforced;
    private final List<PreferredSchedulingTerm> preferredByAll;

    /** By what pods say. */
    public NodeAffinity() {
        this(null);
    }

    /** The same, and by what a profile asks for all its pods; null for nothing. */
    public NodeAffinity(io.fabric8.kubernetes.api.model.@Nullable NodeAffinity added) {
        enforced = added == null ? null : added.getRequiredDuringSchedulingIgnoredDuringExecution();
        preferredByAll = added == null
                ? List.of()
                : List.copyOf(OrEmpty.of(added.getPreferredDuringSchedulingIgnoredDuringExecution()));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean looksOnlyAtNode() {
        return true;
    }

    @Override
    public @Nullable Test prepare(PodInfo pod, ClusterState cluster) {
        PodSpec spec = pod.pod().getSpec();
        NodeSelector all = enforced;
        if (all == null) {
            return asksForNodes(spec)
                    ? node -> NodeChoice.matches(spec, node.name(), node.labels()) ? List.of() : NOT_MEANT
                    : null;
        }
        return node -> {
            if (!NodeChoice.matches(all, node.name(), node.labels())) {
                return NOT_ENFORCED;
            }
            return NodeChoice.matches(spec, node.name(), node.labels()) ? List.of() : NOT_MEANT;
        };
    }

    @Override
    public @Nullable Set<String> onlyNodes(PodInfo pod) {
        Affinity affinity = pod.pod().getSpec().getAffinity();
        NodeSelector required = affinity == null || affinity.getNodeAffinity() == null
                ? null
                : affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
        if (required == null || OrEmpty.of(required.getNodeSelectorTerms()).isEmpty()) {
            return null;
        }
        Set<String> any = new LinkedHashSet<>();
        for (NodeSelectorTerm term : required.getNodeSelectorTerms()) {
            Set<String> named = named(term);
            if (named == null) {
                return null;
            }
            any.addAll(named);
        }
        return any;
    }

    /** The nodes that a term names; null if it names none, for then it may mean any. */
    private static @Nullable Set<String> named(NodeSelectorTerm term) {
        Set<String> all = null;
        for (NodeSelectorRequirement field : OrEmpty.of(term.getMatchFields())) {
            if ("metadata.name".equals(field.getKey()) && "In".equals(field.getOperator())) {
                Set<String> values = new LinkedHashSet<>(OrEmpty.of(field.getValues()));
                if (all != null) {
                    values.retainAll(all);
                }
                all = values;
            }
        }
        return all;
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
        List<PreferredSchedulingTerm> preferred = new ArrayList<>(preferredByAll);
        if (affinity != null && affinity.getNodeAffinity() != null) {
            preferred.addAll(
                    OrEmpty.of(affinity.getNodeAffinity().getPreferredDuringSchedulingIgnoredDuringExecution()));
        }
        if (preferred.isEmpty()) {
            return null;
        }
        return new Rating() {
            @Override
            public long rate(NodeState node) {
                long weights = 0;
                for (PreferredSchedulingTerm term : preferred) {
                    if (NodeChoice.matches(term.getPreference(), node.name(), node.labels())) {
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
