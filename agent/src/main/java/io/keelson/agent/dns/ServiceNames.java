package io.keelson.agent.dns;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.OrEmpty;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a Service has under its name.
 *
 * @param kind which records it has
 * @param addresses of the Service itself, 4 or 16 octets each
 * @param ports of the Service itself
 * @param endpoints those that are ready, or that are told of before they are
 * @param external the name that it stands for; empty if it stands for none
 */
record ServiceNames(
        String namespace,
        String name,
        Kind kind,
        List<byte[]> addresses,
        List<Port> ports,
        List<Target> endpoints,
        String external) {
    private static final String NONE = "None";

    /** Which records a Service has. */
    enum Kind {
        /** Those of its cluster addresses. */
        CLUSTER_ADDRESS,
        /** Those of its endpoints. */
        HEADLESS,
        /** An alias. */
        EXTERNAL
    }

    /**
     * A port.
     *
     * @param name in lower case; empty if it has none
     * @param protocol in lower case
     */
    record Port(String name, String protocol, int number) {}

    /**
     * An endpoint.
     *
     * @param hostname its own, or made from the address
     * @param isNamed whether it is its own
     * @param address 4 or 16 octets
     */
    record Target(String hostname, boolean isNamed, byte[] address, List<Port> ports) {}

    /** What a Service and its slices say. */
    static ServiceNames of(Service service, List<EndpointSlice> slices) {
        ServiceSpec spec = service.getSpec();
        Kind kind = kind(spec);
        List<byte[]> addresses = new ArrayList<>();
        for (String text : clusterAddresses(spec)) {
            byte[] address = octets(text);
            if (address != null) {
                addresses.add(address);
            }
        }
        List<Port> ports = new ArrayList<>();
        for (ServicePort port : OrEmpty.of(spec.getPorts())) {
            ports.add(port(port.getName(), port.getProtocol(), port.getPort()));
        }
        return new ServiceNames(
                service.getMetadata().getNamespace(),
                service.getMetadata().getName(),
                kind,
                List.copyOf(addresses),
                List.copyOf(ports),
                targets(slices),
                kind == Kind.EXTERNAL ? OrEmpty.of(spec.getExternalName()) : "");
    }

    private static Kind kind(ServiceSpec spec) {
        if ("ExternalName".equals(spec.getType())) {
            return Kind.EXTERNAL;
        }
        return NONE.equals(spec.getClusterIP()) ? Kind.HEADLESS : Kind.CLUSTER_ADDRESS;
    }

    /** The addresses of a Service that has some, as texts. */
    static Set<String> clusterAddresses(ServiceSpec spec) {
        Set<String> addresses = new LinkedHashSet<>(OrEmpty.of(spec.getClusterIPs()));
        if (addresses.isEmpty()) {
            addresses.add(OrEmpty.of(spec.getClusterIP()));
        }
        addresses.remove(NONE);
        addresses.remove("");
        return addresses;
    }

    private static Port port(@Nullable String name, @Nullable String protocol, @Nullable Integer number) {
        return new Port(
                OrEmpty.of(name).toLowerCase(Locale.ROOT),
                protocol == null ? "tcp" : protocol.toLowerCase(Locale.ROOT),
                OrEmpty.of(number));
    }

    /** The endpoints of all slices, each once: while they are redistributed one may stand in two. */
    private static List<Target> targets(List<EndpointSlice> slices) {
        Map<List<String>, Target> targets = new LinkedHashMap<>();
        for (EndpointSlice slice : slices) {
            List<Port> ports = new ArrayList<>();
            for (EndpointPort port : OrEmpty.of(slice.getPorts())) {
                ports.add(port(port.getName(), port.getProtocol(), port.getPort()));
            }
            for (Endpoint endpoint : OrEmpty.of(slice.getEndpoints())) {
                if (isReady(endpoint)) {
                    add(targets, endpoint, ports);
                }
            }
        }
        return List.copyOf(targets.values());
    }

    private static void add(Map<List<String>, Target> targets, Endpoint endpoint, List<Port> ports) {
        String own = OrEmpty.of(endpoint.getHostname()).toLowerCase(Locale.ROOT);
        for (String text : OrEmpty.of(endpoint.getAddresses())) {
            byte[] address = octets(text);
            if (address == null) {
                continue;
            }
            String hostname = own.isEmpty() ? hostname(address) : own;
            targets.merge(
                    List.of(hostname, text),
                    new Target(hostname, !own.isEmpty(), address, List.copyOf(ports)),
                    ServiceNames::joined);
        }
    }

    private static Target joined(Target one, Target other) {
        Set<Port> ports = new LinkedHashSet<>(one.ports());
        ports.addAll(other.ports());
        return new Target(one.hostname(), one.isNamed(), one.address(), List.copyOf(ports));
    }

    /** Readiness that is not known is taken for readiness; who publishes those that are not ready says that they are. */
    private static boolean isReady(Endpoint endpoint) {
        return endpoint.getConditions() == null
                || endpoint.getConditions().getReady() == null
                || endpoint.getConditions().getReady();
    }

    private static String hostname(byte[] address) {
        return text(address).replace('.', '-').replace(':', '-');
    }

    /** An address as the API writes it. */
    static String text(byte[] address) {
        IpAddress parsed = IpAddress.parse(unscoped(address));
        return parsed == null ? "" : parsed.toString();
    }

    private static String unscoped(byte[] address) {
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address of " + address.length + " octets", e);
        }
    }

    /** The octets of an address; null if the text is none. */
    static byte @Nullable [] octets(@Nullable String text) {
        IpAddress address = IpAddress.parse(text);
        return address == null
                ? null
                : InetAddress.ofLiteral(address.toString()).getAddress();
    }
}
