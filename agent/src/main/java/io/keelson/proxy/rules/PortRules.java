package io.keelson.proxy.rules;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel, or whoever forwards packets instead, is to do for a port of a Service in one family.
 *
 * @param frontends each once
 * @param cluster where packets go that may be sent anywhere, each destination once
 * @param local where packets go that stay on this node, each destination once
 * @param affinitySeconds how long a client keeps its destination; 0 if it does not
 * @param hairpin addresses among them that may be on this node: a packet from one to itself needs another source
 * @param clusterIp the Service's own address
 * @param serving all that UDP packets of those who were sent there before may still be sent to; empty for other protocols
 */
public record PortRules(
        ServicePortName name,
        List<FrontendRule> frontends,
        List<Destination> cluster,
        List<Destination> local,
        int affinitySeconds,
        Set<IpAddress> hairpin,
        IpAddress clusterIp,
        Set<Destination> serving) {
    public PortRules {
        frontends = List.copyOf(frontends);
        cluster = List.copyOf(cluster);
        local = List.copyOf(local);
        hairpin = Set.copyOf(hairpin);
        serving = Set.copyOf(serving);
    }

    /** The rules of a port with these endpoints, seen from this node. Of an endpoint that is there twice one counts. */
    public static PortRules of(ServicePort port, Collection<Endpoint> endpoints, NodeView node) {
        Selection selection = Selection.of(port, endpoints, node);
        List<Destination> cluster = destinations(selection.cluster());
        List<Destination> local = destinations(selection.local());
        Set<IpAddress> hairpin = new HashSet<>();
        for (List<Endpoint> chosen : List.of(selection.cluster(), selection.local())) {
            for (Endpoint endpoint : chosen) {
                if (!endpoint.isElsewhere()) {
                    hairpin.add(endpoint.destination().address());
                }
            }
        }
        boolean isAny = selection.isAny();
        Denial internalDenial = denial(port.internalLocal() ? local : cluster, isAny);
        Denial externalDenial = denial(port.externalLocal() ? local : cluster, isAny);
        Treatment internal = port.internalLocal() ? Treatment.INTERNAL_LOCAL : Treatment.INTERNAL;
        Treatment external = port.externalLocal() ? Treatment.EXTERNAL_LOCAL : Treatment.EXTERNAL;
        List<FrontendRule> frontends = new ArrayList<>();
        Set<Frontend> known = new HashSet<>();
        add(frontends, known, frontend(port, port.clusterIp()), internal, internalDenial, null);
        for (IpAddress address : port.externalIps()) {
            add(frontends, known, frontend(port, address), external, externalDenial, null);
        }
        for (IpAddress address : port.ingressIps()) {
            add(frontends, known, frontend(port, address), external, externalDenial, sources(port, address, node));
        }
        if (port.nodePort() != 0) {
            Frontend anyAddress = new Frontend(null, port.name().transport(), port.nodePort());
            add(frontends, known, anyAddress, external, externalDenial, null);
        }
        return new PortRules(
                port.name(),
                frontends,
                cluster,
                local,
                port.affinitySeconds(),
                hairpin,
                port.clusterIp(),
                serving(port, endpoints));
    }

    private static Set<Destination> serving(ServicePort port, Collection<Endpoint> endpoints) {
        Set<Destination> serving = new HashSet<>();
        if (port.name().transport() == Transport.UDP) {
            for (Endpoint endpoint : endpoints) {
                if (endpoint.isReady() || endpoint.isServing()) {
                    serving.add(endpoint.destination());
                }
            }
        }
        return serving;
    }

    private static Frontend frontend(ServicePort port, IpAddress address) {
        return new Frontend(address, port.name().transport(), port.port());
    }

    private static void add(
            List<FrontendRule> frontends,
            Set<Frontend> known,
            Frontend frontend,
            Treatment treatment,
            Denial denial,
            @Nullable List<IpPrefix> sources) {
        if (known.add(frontend)) {
            frontends.add(new FrontendRule(frontend, treatment, denial, sources));
        }
    }

    private static Denial denial(List<Destination> destinations, boolean isAny) {
        if (!destinations.isEmpty()) {
            return Denial.NONE;
        }
        return isAny ? Denial.DROP : Denial.REJECT;
    }

    /**
     * A balancer's address may be one of the node's, too; what the node sends there has that address as its source, and is let
     * in if the node is.
     */
    private static @Nullable List<IpPrefix> sources(ServicePort port, IpAddress ingress, NodeView node) {
        List<IpPrefix> ranges = port.sourceRanges();
        if (ranges == null) {
            return null;
        }
        List<IpPrefix> sources = new ArrayList<>(distinct(ranges));
        IpPrefix itself = new IpPrefix(ingress, Family.of(ingress).addressBytes() * 8);
        boolean isNodeIn = node.addresses().stream()
                .anyMatch(address -> ranges.stream().anyMatch(range -> range.contains(address)));
        if (isNodeIn && sources.stream().noneMatch(range -> range.contains(ingress))) {
            sources.add(itself);
        }
        return sources;
    }

    /** Without those that lie in others: the kernel takes no overlaps. */
    private static List<IpPrefix> distinct(List<IpPrefix> ranges) {
        Set<IpPrefix> distinct = new LinkedHashSet<>(ranges);
        return distinct.stream()
                .filter(range -> distinct.stream().noneMatch(other -> !other.equals(range) && other.contains(range)))
                .toList();
    }

    /** In a certain order, so that the same endpoints give the same rules. */
    private static List<Destination> destinations(List<Endpoint> endpoints) {
        return endpoints.stream().map(Endpoint::destination).distinct().sorted().toList();
    }
}
