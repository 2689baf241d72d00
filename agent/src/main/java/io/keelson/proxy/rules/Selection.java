package io.keelson.proxy.rules;

import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/**
 * Which endpoints a port of a Service leads to.
 *
 * @param cluster for those who may be sent anywhere
 * @param local for those who are to stay on this node; empty if nobody is
 * @param isAny whether there are any at all, were it that they are not for here
 */
public record Selection(List<Endpoint> cluster, List<Endpoint> local, boolean isAny) {
    public Selection {
        cluster = List.copyOf(cluster);
        local = List.copyOf(local);
    }

    /**
     * Chooses: those that are ready, of these those that are meant for this node or its zone if for every such place some are;
     * and where none is ready, those that still answer while they end.
     */
    public static Selection of(ServicePort port, Collection<Endpoint> endpoints, NodeView node) {
        List<Endpoint> cluster = List.of();
        boolean isAny = false;
        if (port.usesCluster()) {
            List<Endpoint> ready = those(endpoints, Endpoint::isReady);
            cluster = ready.isEmpty() ? those(endpoints, Endpoint::isLastResort) : near(ready, node);
            isAny = !cluster.isEmpty();
        }
        List<Endpoint> local = List.of();
        if (port.usesLocal()) {
            isAny |= endpoints.stream().anyMatch(endpoint -> endpoint.isReady() || endpoint.isLastResort());
            List<Endpoint> here = those(endpoints, Endpoint::isLocal);
            List<Endpoint> ready = those(here, Endpoint::isReady);
            local = ready.isEmpty() ? those(here, Endpoint::isLastResort) : ready;
        }
        return new Selection(cluster, local, isAny);
    }

    private static List<Endpoint> those(Collection<Endpoint> endpoints, Predicate<Endpoint> which) {
        return endpoints.stream().filter(which).toList();
    }

    /** Hints count only if all have them and one of them is for here; those for nodes before those for zones. */
    private static List<Endpoint> near(List<Endpoint> ready, NodeView node) {
        if (ready.stream().noneMatch(endpoint -> endpoint.nodes().isEmpty())) {
            List<Endpoint> here = those(ready, endpoint -> endpoint.nodes().contains(node.name()));
            if (!here.isEmpty()) {
                return here;
            }
        }
        if (!node.zone().isEmpty()
                && ready.stream().noneMatch(endpoint -> endpoint.zones().isEmpty())) {
            List<Endpoint> here = those(ready, endpoint -> endpoint.zones().contains(node.zone()));
            if (!here.isEmpty()) {
                return here;
            }
        }
        return ready;
    }
}
