package io.keelson.proxy.rules;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Says what becomes of a packet by going through all Services, as their documentation reads. */
final class ReferenceProxy {
    private final String node;
    private final String zone;
    private final Set<String> nodeAddresses;

    ReferenceProxy(String node, String zone, Set<String> nodeAddresses) {
        this.node = node;
        this.zone = zone;
        this.nodeAddresses = nodeAddresses;
    }

    /** By which of its ways a Service's port was found. */
    private record Found(Service service, io.fabric8.kubernetes.api.model.ServicePort port, String way) {}

    Verdict verdict(Packet packet, List<Service> services, List<EndpointSlice> slices) {
        Found found = find(packet, services);
        if (found == null) {
            boolean isClusterIp = services.stream()
                    .anyMatch(service -> service.getSpec().getClusterIP().equals(packet.destination()));
            return Verdict.of(isClusterIp ? Verdict.What.REFUSED : Verdict.What.PASSED);
        }
        ServiceSpec spec = found.service().getSpec();
        if (found.way().equals("balancer") && !isAllowed(packet, spec)) {
            return Verdict.of(Verdict.What.DROPPED);
        }
        List<Endpoint> all = endpoints(found, slices);
        int port = port(found, slices);
        boolean isInternal = found.way().equals("cluster");
        boolean isLocal = isInternal
                ? "Local".equals(spec.getInternalTrafficPolicy())
                : "Local".equals(spec.getExternalTrafficPolicy());
        boolean isOnNode = packet.from() != Packet.From.OUTSIDE;
        List<Endpoint> chosen = isLocal && (isInternal || !isOnNode) ? local(all) : cluster(all);
        if (chosen.isEmpty()) {
            boolean isAny = all.stream().anyMatch(endpoint -> isReady(endpoint) || isEnding(endpoint));
            return Verdict.of(isAny ? Verdict.What.DROPPED : Verdict.What.REFUSED);
        }
        Set<String> destinations = new TreeSet<>();
        chosen.forEach(endpoint -> destinations.add(endpoint.getAddresses().getFirst() + ":" + port));
        boolean isMasqueraded;
        if (isInternal) {
            isMasqueraded = packet.from() != Packet.From.POD;
        } else {
            isMasqueraded = !isLocal || packet.from() == Packet.From.NODE;
        }
        return new Verdict(Verdict.What.LED, destinations, isMasqueraded);
    }

    private @Nullable Found find(Packet packet, List<Service> services) {
        List<Service> inOrder = new ArrayList<>(services);
        inOrder.sort(Comparator.comparing(service -> service.getMetadata().getName()));
        for (String way : List.of("cluster", "address", "node")) {
            for (Service service : inOrder) {
                List<io.fabric8.kubernetes.api.model.ServicePort> ports =
                        new ArrayList<>(service.getSpec().getPorts());
                ports.sort(Comparator.comparing(io.fabric8.kubernetes.api.model.ServicePort::getName));
                for (io.fabric8.kubernetes.api.model.ServicePort port : ports) {
                    if (port.getProtocol().equals(packet.transport().name())) {
                        String by = by(way, packet, service, port);
                        if (by != null) {
                            return new Found(service, port, by);
                        }
                    }
                }
            }
        }
        return null;
    }

    private @Nullable String by(
            String way, Packet packet, Service service, io.fabric8.kubernetes.api.model.ServicePort port) {
        ServiceSpec spec = service.getSpec();
        boolean isBalanced = spec.getType().equals("LoadBalancer");
        if (way.equals("node")) {
            boolean hasNodePort = isBalanced || spec.getType().equals("NodePort");
            return hasNodePort
                            && port.getNodePort() != null
                            && port.getNodePort() == packet.port()
                            && nodeAddresses.contains(packet.destination())
                    ? way
                    : null;
        }
        if (port.getPort() != packet.port()) {
            return null;
        }
        if (way.equals("cluster")) {
            return spec.getClusterIP().equals(packet.destination()) ? way : null;
        }
        if (spec.getExternalIPs().contains(packet.destination())) {
            return "external";
        }
        if (isBalanced) {
            for (LoadBalancerIngress ingress :
                    service.getStatus().getLoadBalancer().getIngress()) {
                if (ingress.getIp().equals(packet.destination()) && !"Proxy".equals(ingress.getIpMode())) {
                    return "balancer";
                }
            }
        }
        return null;
    }

    private boolean isAllowed(Packet packet, ServiceSpec spec) {
        List<String> ranges = spec.getLoadBalancerSourceRanges();
        if (ranges.isEmpty()) {
            return true;
        }
        boolean isNodeIn = nodeAddresses.stream().anyMatch(address -> isIn(ranges, address));
        return isIn(ranges, packet.source()) || (isNodeIn && packet.source().equals(packet.destination()));
    }

    private static boolean isIn(List<String> ranges, String address) {
        return ranges.stream()
                .anyMatch(range -> Objects.requireNonNull(IpPrefix.parse(range))
                        .contains(Objects.requireNonNull(IpAddress.parse(address))));
    }

    private static boolean isOf(EndpointPort port, Found found) {
        return port.getName().equals(found.port().getName())
                && port.getProtocol().equals(found.port().getProtocol());
    }

    private static List<Endpoint> endpoints(Found found, List<EndpointSlice> slices) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (EndpointSlice slice : slices) {
            String service = slice.getMetadata().getLabels().get("kubernetes.io/service-name");
            if (found.service().getMetadata().getName().equals(service)
                    && slice.getPorts().stream().anyMatch(port -> isOf(port, found))) {
                endpoints.addAll(slice.getEndpoints());
            }
        }
        return endpoints;
    }

    private static int port(Found found, List<EndpointSlice> slices) {
        return slices.stream()
                .filter(slice -> found.service()
                        .getMetadata()
                        .getName()
                        .equals(slice.getMetadata().getLabels().get("kubernetes.io/service-name")))
                .flatMap(slice -> slice.getPorts().stream())
                .filter(port -> isOf(port, found))
                .mapToInt(EndpointPort::getPort)
                .findFirst()
                .orElse(0);
    }

    private static boolean isReady(Endpoint endpoint) {
        return !Boolean.FALSE.equals(endpoint.getConditions().getReady());
    }

    private static boolean isEnding(Endpoint endpoint) {
        return !Boolean.FALSE.equals(endpoint.getConditions().getServing())
                && Boolean.TRUE.equals(endpoint.getConditions().getTerminating());
    }

    private List<Endpoint> local(List<Endpoint> all) {
        List<Endpoint> here = all.stream()
                .filter(endpoint -> node.equals(endpoint.getNodeName()))
                .toList();
        List<Endpoint> ready = here.stream().filter(ReferenceProxy::isReady).toList();
        return ready.isEmpty() ? here.stream().filter(ReferenceProxy::isEnding).toList() : ready;
    }

    private List<Endpoint> cluster(List<Endpoint> all) {
        List<Endpoint> ready = all.stream().filter(ReferenceProxy::isReady).toList();
        if (ready.isEmpty()) {
            return all.stream().filter(ReferenceProxy::isEnding).toList();
        }
        for (boolean isByNode : new boolean[] {true, false}) {
            String here = isByNode ? node : zone;
            boolean haveAllHints = true;
            List<Endpoint> meant = new ArrayList<>();
            for (Endpoint endpoint : ready) {
                Set<String> hints = new HashSet<>();
                if (endpoint.getHints() != null && isByNode) {
                    endpoint.getHints().getForNodes().forEach(hint -> hints.add(hint.getName()));
                } else if (endpoint.getHints() != null) {
                    endpoint.getHints().getForZones().forEach(hint -> hints.add(hint.getName()));
                }
                haveAllHints &= !hints.isEmpty();
                if (hints.contains(here)) {
                    meant.add(endpoint);
                }
            }
            if (haveAllHints && !meant.isEmpty()) {
                return meant;
            }
        }
        return ready;
    }
}
