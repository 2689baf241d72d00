package io.keelson.apiserver.admission.nodes;

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** Which labels nodes may give themselves: none by which pods are led to nodes that somebody else has to vouch for. */
final class NodeLabels {
    private static final String RESTRICTED = "node-restriction.kubernetes.io";
    private static final Set<String> SYSTEM = Set.of("kubernetes.io", "k8s.io");

    /** Labels of the system that agents set themselves. */
    private static final Set<String> OWN = Set.of(
            "kubernetes.io/hostname",
            "topology.kubernetes.io/zone",
            "topology.kubernetes.io/region",
            "failure-domain.beta.kubernetes.io/zone",
            "failure-domain.beta.kubernetes.io/region",
            "beta.kubernetes.io/instance-type",
            "node.kubernetes.io/instance-type",
            "kubernetes.io/os",
            "kubernetes.io/arch",
            "beta.kubernetes.io/os",
            "beta.kubernetes.io/arch");

    private static final Set<String> OWN_DOMAINS = Set.of("kubelet.kubernetes.io", "node.kubernetes.io");

    private NodeLabels() {}

    /** The labels that are set, changed or taken away though a node must not do that, in their order. */
    static Set<String> forbidden(Map<String, String> before, Map<String, String> after) {
        Set<String> all = new TreeSet<>(before.keySet());
        all.addAll(after.keySet());
        all.removeIf(key -> Objects.equals(before.get(key), after.get(key)) || mayChange(key));
        return all;
    }

    private static boolean mayChange(String key) {
        int slash = key.indexOf('/');
        String domain = slash < 0 ? "" : key.substring(0, slash);
        if (isOrIsBelow(domain, RESTRICTED)) {
            return false;
        }
        boolean system = SYSTEM.stream().anyMatch(one -> isOrIsBelow(domain, one));
        return !system || OWN.contains(key) || OWN_DOMAINS.stream().anyMatch(own -> isOrIsBelow(domain, own));
    }

    private static boolean isOrIsBelow(String domain, String parent) {
        return domain.equals(parent) || domain.endsWith("." + parent);
    }
}
