package io.keelson.scheduler;

import io.keelson.scheduler.decision.Filter;
import io.keelson.scheduler.decision.Hinted;
import io.keelson.scheduler.decision.Plugin;
import io.keelson.scheduler.plugins.NodeDeclaredFeatures;
import io.keelson.scheduler.plugins.NodeResourcesFit;
import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.ClusterEvent.Kind;
import io.keelson.scheduler.queue.Hints;
import io.keelson.scheduler.state.AffinityTerm;
import io.keelson.scheduler.state.Amounts;
import io.keelson.scheduler.state.ClusterState;
import io.keelson.scheduler.state.NodeState;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.ResourceTable;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What can undo the rejections of the plugins. Where a filter looks at nothing but the node, an event at a node helps if the
 * filter would let the pod onto that node now. A filter that looks at other pods is asked about by its terms: whether the
 * pod that came or went is one that they mean.
 *
 * A plugin that is {@link Hinted} is asked itself.
 *
 * <p>Only the filter that rejected a pod is asked, not all: a node that this one lets pass and another not yet is a change
 * that the pod has to be looked at for, as from then on it waits for the other.
 */
final class PluginHints implements Hints {
    private static final Map<String, Set<Kind>> OF_ONE_NODE = Map.of(
            "NodeUnschedulable",
            EnumSet.of(Kind.NODE_ADDED, Kind.NODE_TAINTS),
            "NodeName",
            EnumSet.of(Kind.NODE_ADDED),
            "TaintToleration",
            EnumSet.of(Kind.NODE_ADDED, Kind.NODE_TAINTS),
            NodeDeclaredFeatures.NAME,
            EnumSet.of(Kind.NODE_ADDED, Kind.NODE_FEATURES),
            "NodeAffinity",
            EnumSet.of(Kind.NODE_ADDED, Kind.NODE_LABELS),
            "NodePorts",
            EnumSet.of(Kind.NODE_ADDED, Kind.POD_LEFT),
            "NodeResourcesFit",
            EnumSet.of(Kind.NODE_ADDED, Kind.NODE_ALLOCATABLE, Kind.POD_LEFT, Kind.POD_CHANGED, Kind.DEVICE_CLASS));
    private static final Map<String, Set<Kind>> OF_PODS = Map.of(
            "PodTopologySpread",
                    EnumSet.of(
                            Kind.NODE_ADDED,
                            Kind.NODE_DELETED,
                            Kind.NODE_LABELS,
                            Kind.NODE_TAINTS,
                            Kind.POD_ASSIGNED,
                            Kind.POD_LEFT,
                            Kind.POD_CHANGED),
            "InterPodAffinity",
                    EnumSet.of(
                            Kind.NODE_ADDED,
                            // With the last pod that it wants to be near, a pod that is one itself may be the first.
                            Kind.NODE_DELETED,
                            Kind.NODE_LABELS,
                            Kind.POD_ASSIGNED,
                            Kind.POD_LEFT,
                            Kind.POD_CHANGED,
                            Kind.NAMESPACE_LABELS));

    private final Map<String, Plugin> plugins = new HashMap<>();
    private final ClusterState cluster;

    /** For plugins, of which those that are not known here are helped by anything. */
    PluginHints(Collection<? extends Plugin> rejecting, ClusterState cluster) {
        rejecting.forEach(each -> plugins.put(each.name(), each));
        this.cluster = cluster;
    }

    @Override
    public boolean concerns(String filter, Kind kind) {
        if (plugins.get(filter) instanceof Hinted hinted) {
            return hinted.helpedBy().contains(kind);
        }
        Set<Kind> kinds = OF_ONE_NODE.containsKey(filter) ? OF_ONE_NODE.get(filter) : OF_PODS.get(filter);
        return kinds == null || kinds.contains(kind);
    }

    /** Where thousands of pods wait for room, each that leaves a node would ask for each of them. */
    @Override
    public Object asksFor(String filter, PodInfo waiting) {
        return plugins.get(filter) instanceof NodeResourcesFit
                ? waiting.requests()
                : Hints.super.asksFor(filter, waiting);
    }

    @Override
    public boolean mayHelp(String filter, PodInfo waiting, ClusterEvent event) {
        NodeState node = event.node();
        Plugin asked = plugins.get(filter);
        if (asked instanceof Hinted hinted) {
            return hinted.mayHelp(waiting, event);
        }
        if (event.kind() == Kind.DEVICE_CLASS && filter.equals("NodeResourcesFit")) {
            // It may stand for a resource that no node has, one beyond those that every node has.
            return waiting.requests().length() > ResourceTable.PODS + 1;
        }
        if (OF_ONE_NODE.containsKey(filter) && asked instanceof Filter rule) {
            // A pod that left a node that is not known made room nowhere.
            return node != null
                    && !(rule instanceof NodeResourcesFit && lacks(node, waiting.requests()))
                    && passes(rule, waiting, node);
        }
        PodInfo pod = event.pod();
        if (pod == null || event.kind() == Kind.POD_CHANGED) {
            return true;
        }
        return switch (filter) {
            case "PodTopologySpread" ->
                waiting.spread().stream().anyMatch(each -> each.required() && cluster.matches(each.pods(), pod));
            case "InterPodAffinity" ->
                mean(waiting.affinity(), pod)
                        || (event.kind() == Kind.POD_LEFT
                                && (mean(waiting.antiAffinity(), pod) || mean(pod.antiAffinity(), waiting)));
            default -> true;
        };
    }

    /**
     * Whether a node has too little of what all nodes have, which is said without a test being made.
     */
    private static boolean lacks(NodeState node, Amounts wanted) {
        for (int resource = 0; resource <= ResourceTable.PODS && resource < wanted.length(); resource++) {
            long each = wanted.get(resource);
            if (each > 0 && each > node.allocatable(resource) - node.requested(resource)) {
                return true;
            }
        }
        return false;
    }

    private boolean passes(Filter filter, PodInfo waiting, NodeState node) {
        Filter.Test test = filter.prepare(waiting, cluster);
        return test == null || test.test(node).isEmpty();
    }

    private boolean mean(List<AffinityTerm> terms, PodInfo pod) {
        return terms.stream().anyMatch(term -> cluster.matches(term.pods(), pod));
    }
}
