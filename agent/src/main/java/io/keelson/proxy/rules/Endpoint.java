package io.keelson.proxy.rules;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHints;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.ForNode;
import io.fabric8.kubernetes.api.model.discovery.v1.ForZone;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a port of a Service may lead to.
 *
 * @param destination where
 * @param isLocal whether it is known to be of this node
 * @param isElsewhere whether it is known to be of another node
 * @param zones for which it is meant; empty for all
 * @param nodes for which it is meant; empty for all
 */
public record Endpoint(
        Destination destination,
        boolean isReady,
        boolean isServing,
        boolean isTerminating,
        boolean isLocal,
        boolean isElsewhere,
        Set<String> zones,
        Set<String> nodes) {
    /** The label that says whose a slice is. */
    public static final String SERVICE_LABEL = "kubernetes.io/service-name";

    private static final int PORT_MAX = 65535;

    public Endpoint {
        zones = Set.copyOf(zones);
        nodes = Set.copyOf(nodes);
    }

    /** The endpoints of a slice by the port of the Service that they are of; what makes no sense is left out. */
    public static Map<ServicePortName, List<Endpoint>> of(EndpointSlice slice, Key service, String node) {
        Map<ServicePortName, List<Endpoint>> byPort = new HashMap<>();
        for (EndpointPort port : OrEmpty.of(slice.getPorts())) {
            Transport transport = Transport.parse(port.getProtocol());
            Integer number = port.getPort();
            if (transport == null || number == null || number < 1 || number > PORT_MAX) {
                continue;
            }
            List<Endpoint> endpoints = new ArrayList<>();
            for (io.fabric8.kubernetes.api.model.discovery.v1.Endpoint endpoint : OrEmpty.of(slice.getEndpoints())) {
                List<String> addresses = OrEmpty.of(endpoint.getAddresses());
                IpAddress address = addresses.isEmpty() ? null : IpAddress.parse(addresses.getFirst());
                if (address != null && Family.of(address).toString().equals(slice.getAddressType())) {
                    endpoints.add(of(endpoint, new Destination(address, number), node));
                }
            }
            byPort.put(new ServicePortName(service, OrEmpty.of(port.getName()), transport), List.copyOf(endpoints));
        }
        return byPort;
    }

    private static Endpoint of(
            io.fabric8.kubernetes.api.model.discovery.v1.Endpoint endpoint, Destination destination, String node) {
        EndpointConditions conditions = endpoint.getConditions();
        EndpointHints hints = endpoint.getHints();
        Set<String> zones = new TreeSet<>();
        Set<String> nodes = new TreeSet<>();
        if (hints != null) {
            for (ForZone zone : OrEmpty.of(hints.getForZones())) {
                zones.add(OrEmpty.of(zone.getName()));
            }
            for (ForNode named : OrEmpty.of(hints.getForNodes())) {
                nodes.add(OrEmpty.of(named.getName()));
            }
        }
        String on = OrEmpty.of(endpoint.getNodeName());
        return new Endpoint(
                destination,
                conditions == null || !Boolean.FALSE.equals(conditions.getReady()),
                conditions == null || !Boolean.FALSE.equals(conditions.getServing()),
                conditions != null && Boolean.TRUE.equals(conditions.getTerminating()),
                !on.isEmpty() && on.equals(node),
                !on.isEmpty() && !on.equals(node),
                zones,
                nodes);
    }

    /** Whether it still answers while it ends, which is better than none. */
    boolean isLastResort() {
        return isServing && isTerminating;
    }
}
