package io.keelson.agent.dns;

import java.util.ArrayList;
import java.util.List;

/**
 * The names of the cluster's zone. There are no wildcards.
 *
 * <pre>
 *   web.default.svc                     addresses of the Service, or of its endpoints; its alias
 *   10-1-0-7.web.default.svc            one endpoint, by its hostname
 *   _http._tcp.web.default.svc          a port
 *   10-1-0-7.default.pod                a pod
 *   dns-version, ns.dns                 the version of this scheme; this server
 * </pre>
 */
final class ZoneNames {
    private final ClusterNames names;
    private final DnsName zone;
    private final DnsName server;
    private final PodRecords podRecords;
    private final List<byte[]> ownAddresses;

    /**
     * Those of a cluster.
     *
     * @param server the name of this server
     * @param ownAddresses where it is reached
     */
    ZoneNames(ClusterNames names, DnsName zone, DnsName server, PodRecords podRecords, List<byte[]> ownAddresses) {
        this.names = names;
        this.zone = zone;
        this.server = server;
        this.podRecords = podRecords;
        this.ownAddresses = ownAddresses;
    }

    /** What a name stands for, by its labels below the zone, in lower case. */
    NameMeaning meaning(List<String> labels) {
        int size = labels.size();
        if (size == 0) {
            return new NameMeaning.Empty();
        }
        if (labels.equals(List.of("dns-version"))) {
            return new NameMeaning.Empty();
        }
        if (labels.equals(List.of("ns", "dns"))) {
            return ownNames();
        }
        String kind = labels.getLast();
        boolean isPod = kind.equals("pod");
        if ((!isPod && !kind.equals("svc")) || size > 5) {
            return new NameMeaning.Nothing();
        }
        if (isPod && podRecords == PodRecords.DISABLED && size > 1) {
            return new NameMeaning.Nothing();
        }
        if (size <= 2) {
            return new NameMeaning.Empty();
        }
        String namespace = labels.get(size - 2);
        String name = labels.get(size - 3);
        if (isPod) {
            return pod(namespace, name);
        }
        ServiceNames service = names.service(namespace, name);
        return service == null ? new NameMeaning.Nothing() : service(service, labels);
    }

    private NameMeaning ownNames() {
        List<NameMeaning.Target> targets = new ArrayList<>();
        for (byte[] address : ownAddresses) {
            targets.add(new NameMeaning.Target(server, address, null));
        }
        return new NameMeaning.Targets(targets);
    }

    private NameMeaning pod(String namespace, String label) {
        boolean isDotted = label.chars().filter(c -> c == '-').count() == 3 && !label.contains("--");
        byte[] address = ServiceNames.octets(label.replace('-', isDotted ? '.' : ':'));
        if (address == null
                || (podRecords == PodRecords.VERIFIED && !names.hasPod(namespace, ServiceNames.text(address)))) {
            return new NameMeaning.Nothing();
        }
        return new NameMeaning.Targets(List.of(new NameMeaning.Target(zone, address, null)));
    }

    private NameMeaning service(ServiceNames service, List<String> labels) {
        boolean ofEndpoint = labels.size() == 4;
        String endpoint = ofEndpoint ? labels.getFirst() : "";
        String port = labels.size() == 5 ? withoutUnderscore(labels.get(0)) : "";
        String protocol = labels.size() == 5 ? withoutUnderscore(labels.get(1)) : "";
        if (service.kind() == ServiceNames.Kind.EXTERNAL) {
            return labels.size() > 3 ? new NameMeaning.Nothing() : external(service);
        }
        DnsName name = zone.below(service.name(), service.namespace(), "svc");
        List<NameMeaning.Target> targets = new ArrayList<>();
        if (service.kind() == ServiceNames.Kind.HEADLESS || ofEndpoint) {
            for (ServiceNames.Target target : service.endpoints()) {
                if (!ofEndpoint || target.hostname().equals(endpoint)) {
                    add(targets, name, target, port, protocol);
                }
            }
        } else {
            for (ServiceNames.Port own : service.ports()) {
                if (matches(own, port, protocol)) {
                    service.addresses()
                            .forEach(address -> targets.add(new NameMeaning.Target(name, address, own.number())));
                }
            }
        }
        return targets.isEmpty() ? new NameMeaning.Nothing() : new NameMeaning.Targets(targets);
    }

    private static void add(
            List<NameMeaning.Target> targets,
            DnsName service,
            ServiceNames.Target target,
            String port,
            String protocol) {
        DnsName name;
        try {
            name = service.below(target.hostname());
        } catch (IllegalArgumentException e) {
            // A hostname of which no name can be made has no record.
            return;
        }
        for (ServiceNames.Port own : target.ports()) {
            if (matches(own, port, protocol)) {
                targets.add(new NameMeaning.Target(name, target.address(), own.number()));
            }
        }
        if (target.ports().isEmpty() && port.isEmpty() && protocol.isEmpty()) {
            targets.add(new NameMeaning.Target(name, target.address(), null));
        }
    }

    private static boolean matches(ServiceNames.Port own, String port, String protocol) {
        return (port.isEmpty() || own.name().equals(port))
                && (protocol.isEmpty() || own.protocol().equals(protocol));
    }

    private static String withoutUnderscore(String label) {
        return label.startsWith("_") ? label.substring(1) : label;
    }

    private static NameMeaning external(ServiceNames service) {
        try {
            return service.external().isEmpty() || ServiceNames.octets(service.external()) != null
                    ? new NameMeaning.Nothing()
                    : new NameMeaning.Alias(DnsName.parse(service.external()));
        } catch (IllegalArgumentException e) {
            // The API lets names through that are longer than names of the domain system can be.
            return new NameMeaning.Nothing();
        }
    }
}
