package io.keelson.cloud.service;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Change;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The nodes that load balancers send traffic to: those that are not excluded by a label, are not being deleted, and are
 * not about to be removed by the cluster autoscaler. Whether a node is ready is no matter: load balancers look at that
 * themselves.
 *
 * @param nodes in the order of their names
 * @param identities for each node by its name, what it is to a load balancer
 */
record Backends(List<Node> nodes, Map<String, Identity> identities) {
    /** Keeps traffic from a node, unless its value is false. */
    static final String EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers";

    private static final String ABOUT_TO_BE_REMOVED = "ToBeDeletedByClusterAutoscaler";
    private static final Set<String> FALSE = Set.of("0", "f", "F", "false", "FALSE", "False");
    private static final int NAMED_MAX = 20;

    /**
     * What a node is to a load balancer. The original looks at provider ids alone, as the clouds that it knows find
     * machines by them; one that sends to addresses would miss those that a node gets after it has been created.
     */
    record Identity(String providerId, List<NodeAddress> addresses) {
        private static Identity of(Node node) {
            return new Identity(
                    node.getSpec() == null ? "" : OrEmpty.of(node.getSpec().getProviderID()),
                    node.getStatus() == null
                            ? List.of()
                            : OrEmpty.of(node.getStatus().getAddresses()));
        }
    }

    Backends {
        nodes = List.copyOf(nodes);
        identities = Map.copyOf(identities);
    }

    /** Those of all nodes of a cluster that take traffic. */
    static Backends among(List<Node> all) {
        List<Node> nodes = new ArrayList<>();
        Map<String, Identity> identities = new HashMap<>();
        for (Node node : all) {
            if (takesTraffic(node)) {
                nodes.add(node);
                identities.put(node.getMetadata().getName(), Identity.of(node));
            }
        }
        nodes.sort(Comparator.comparing(node -> node.getMetadata().getName()));
        return new Backends(nodes, identities);
    }

    private static boolean takesTraffic(Node node) {
        return node.getMetadata().getDeletionTimestamp() == null
                && isIncluded(node)
                && (node.getSpec() == null
                        || OrEmpty.of(node.getSpec().getTaints()).stream()
                                .noneMatch(taint -> ABOUT_TO_BE_REMOVED.equals(taint.getKey())));
    }

    private static boolean isIncluded(Node node) {
        String excluded = OrEmpty.of(node.getMetadata().getLabels()).get(EXCLUDED);
        return excluded == null || FALSE.contains(excluded);
    }

    /** Whether a change of a node makes other backends of it, at the next look at the latest. */
    static boolean isOther(Change<Node> change) {
        Node before = change.before();
        Node now = change.now();
        return before == null
                || now == null
                || takesTraffic(before) != takesTraffic(now)
                || !Identity.of(before).equals(Identity.of(now));
    }

    /**
     * Whether all load balancers have to be told of a change of a node at once. A taint of the autoscaler alone is no
     * reason: connections to a node that is about to go may end in peace.
     */
    static boolean isUrgent(Change<Node> change) {
        Node before = change.before();
        Node now = change.now();
        return before == null
                || now == null
                || isIncluded(before) != isIncluded(now)
                || !Identity.of(before).equals(Identity.of(now));
    }

    /** Their names as an event has them: twenty at most. */
    String names() {
        Set<String> names = new TreeSet<>();
        nodes.stream()
                .limit(NAMED_MAX)
                .forEach(node -> names.add(node.getMetadata().getName()));
        String more = nodes.size() > NAMED_MAX ? " <" + (nodes.size() - NAMED_MAX) + " more>" : "";
        return '[' + String.join(" ", names) + more + ']';
    }
}
