package io.keelson.scheduler.state;

/**
 * One constraint on how pods spread over domains, the nodes with equal values of a label.
 *
 * @param pods which pods are counted
 * @param topologyKey the label
 * @param maxSkew by how many pods a domain may have more than the one that has the fewest
 * @param minDomains with fewer domains than this, the fewest is taken to be 0
 * @param required whether a node that breaks it is out; otherwise it is only worth less
 * @param honorsNodeAffinity whether only nodes that the pod asks for are domains and counted
 * @param honorsTaints whether only nodes whose taints the pod tolerates are
 * @param countsSelf whether the pod that has the constraint would be counted where it goes
 */
public record SpreadConstraint(
        PodMatcher pods,
        String topologyKey,
        int maxSkew,
        int minDomains,
        boolean required,
        boolean honorsNodeAffinity,
        boolean honorsTaints,
        boolean countsSelf) {}
