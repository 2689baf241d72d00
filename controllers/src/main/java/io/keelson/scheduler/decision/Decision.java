package io.keelson.scheduler.decision;

import io.keelson.scheduler.state.NodeState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What came of looking for a node. */
public sealed interface Decision {
    /**
     * A node.
     *
     * @param tried how many nodes were looked at
     * @param able how many of them could take the pod
     */
    record Chosen(NodeState node, int tried, int able) implements Decision {}

    /**
     * None can take the pod.
     *
     * @param rejections why not, by node
     * @param everywhere why no node can, whatever the nodes are; null if it is for each node's own reasons
     */
    record Impossible(
            Map<NodeState, List<Rejection>> rejections,
            @Nullable Rejection everywhere) implements Decision {
        /** For each node's own reasons. */
        public Impossible(Map<NodeState, List<Rejection>> rejections) {
            this(rejections, null);
        }

        /** For a reason that is none of the nodes'. */
        static Impossible everywhere(List<NodeState> nodes, Rejection reason) {
            Map<NodeState, List<Rejection>> rejections = new LinkedHashMap<>();
            List<Rejection> each = List.of(reason);
            nodes.forEach(node -> rejections.put(node, each));
            return new Impossible(rejections, reason);
        }

        /** The names of the filters that rejected the pod on one node at least; empty if there are no nodes. */
        public Set<String> filters() {
            Set<String> filters = new HashSet<>();
            counts().keySet().forEach(each -> each.forEach(rejection -> filters.add(rejection.filter())));
            return filters;
        }

        /** For how many nodes each list stands: in a full cluster thousands have the same one. */
        private IdentityHashMap<List<Rejection>, Integer> counts() {
            IdentityHashMap<List<Rejection>, Integer> counts = new IdentityHashMap<>();
            rejections.values().forEach(each -> counts.merge(each, 1, Integer::sum));
            return counts;
        }

        /** As kube-scheduler says it: {@code 0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.} */
        public String message() {
            if (rejections.isEmpty()) {
                return "no nodes available to schedule pods";
            }
            if (everywhere != null) {
                return "0/" + rejections.size() + " nodes are available: " + everywhere.reason() + ".";
            }
            Map<String, Integer> reasons = new TreeMap<>();
            counts().forEach((each, count) ->
                    each.forEach(rejection -> reasons.merge(rejection.reason(), count, Integer::sum)));
            List<String> texts = new ArrayList<>();
            reasons.forEach((reason, count) -> texts.add(count + " " + reason));
            texts.sort(null);
            return "0/" + rejections.size() + " nodes are available: " + String.join(", ", texts) + ".";
        }
    }
}
