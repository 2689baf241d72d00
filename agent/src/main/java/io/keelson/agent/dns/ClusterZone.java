package io.keelson.agent.dns;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The zone of the cluster, as "Kubernetes DNS-Based Service Discovery" 1.1.0 describes it and CoreDNS serves it, and the
 * names of its addresses. What its names mean {@link ZoneNames} knows; here this becomes records. Nothing waits.
 */
final class ClusterZone {
    private static final String SOURCE = "kubernetes";
    private static final String SCHEME_VERSION = "1.1.0";
    private static final int SCHEME_SECONDS = 28_800;
    private static final int ALIASES_MAX = 8;

    private final ClusterNames names;
    private final DnsName zone;
    private final ZoneNames zoneNames;
    private final DnsName server;
    private final DnsName mailbox;
    private final int seconds;
    private final List<byte[]> ownAddresses;

    /**
     * The zone of a cluster.
     *
     * @param seconds how long answers may be remembered
     * @param ownAddresses where this server is reached
     */
    ClusterZone(ClusterNames names, DnsName zone, PodRecords podRecords, int seconds, List<byte[]> ownAddresses) {
        this.names = names;
        this.zone = zone;
        server = zone.below("ns", "dns");
        mailbox = zone.below("hostmaster");
        zoneNames = new ZoneNames(names, zone, server, podRecords, ownAddresses);
        this.seconds = seconds;
        this.ownAddresses = ownAddresses;
    }

    /** What is known to a question of the Internet's class. */
    Lookup lookup(Question question) {
        DnsName name = question.name();
        if (name.isWithin(zone)) {
            return inZone(question);
        }
        return question.type() == RecordType.PTR && ReverseName.zone(name) != null ? reverse(name) : Lookup.ELSEWHERE;
    }

    private Lookup inZone(Question question) {
        DnsName name = question.name();
        int type = question.type();
        if (type == RecordType.AXFR || type == RecordType.IXFR) {
            return new Lookup.Known(Answer.problem(
                    ResponseCode.REFUSED,
                    Edns.ExtendedError.PROHIBITED,
                    "the zone of the cluster is not given away as a whole",
                    SOURCE));
        }
        boolean isApex = name.equals(zone);
        if (isApex && type == RecordType.SOA) {
            return known(List.of(soa(name)), List.of());
        }
        if (isApex && type == RecordType.NS) {
            return servers(name);
        }
        List<String> labels = name.labelsBelow(zone);
        if (labels.equals(List.of("dns-version")) && type == RecordType.TXT) {
            return known(List.of(ResourceRecord.txt(name, SCHEME_SECONDS, SCHEME_VERSION)), List.of());
        }
        return answer(name, type, labels);
    }

    private Lookup answer(DnsName name, int type, List<String> labels) {
        return switch (zoneNames.meaning(labels)) {
            case NameMeaning.Nothing _ -> nothing(name);
            case NameMeaning.Empty _ -> empty(name);
            case NameMeaning.Alias alias -> alias(name, type, alias.target());
            case NameMeaning.Targets found ->
                switch (type) {
                    case RecordType.A, RecordType.AAAA -> addresses(name, type, found.targets());
                    case RecordType.SRV -> services(name, found.targets());
                    default -> empty(name);
                };
        };
    }

    private Lookup alias(DnsName name, int type, DnsName first) {
        List<ResourceRecord> aliases = new ArrayList<>();
        Set<DnsName> seen = new HashSet<>(Set.of(name));
        DnsName at = name;
        DnsName target = first;
        while (true) {
            aliases.add(ResourceRecord.cname(at, seconds, target));
            if (type == RecordType.CNAME) {
                return known(aliases, List.of());
            }
            if ((type != RecordType.A && type != RecordType.AAAA)
                    || !seen.add(target)
                    || aliases.size() > ALIASES_MAX) {
                return empty(name);
            }
            if (!target.isWithin(zone)) {
                return new Lookup.Alias(aliases, target);
            }
            if (!(zoneNames.meaning(target.labelsBelow(zone)) instanceof NameMeaning.Alias next)) {
                break;
            }
            at = target;
            target = next.target();
        }
        if (answer(target, type, target.labelsBelow(zone)) instanceof Lookup.Known(Answer last)
                && !last.answers().isEmpty()) {
            aliases.addAll(last.answers());
            return known(aliases, List.of());
        }
        return empty(name);
    }

    private Lookup addresses(DnsName name, int type, List<NameMeaning.Target> targets) {
        int octets = type == RecordType.A ? 4 : 16;
        Set<ResourceRecord> records = new LinkedHashSet<>();
        for (NameMeaning.Target target : targets) {
            if (target.address().length == octets) {
                records.add(ResourceRecord.address(name, seconds, target.address()));
            }
        }
        return records.isEmpty() ? empty(name) : known(List.copyOf(records), List.of());
    }

    private Lookup services(DnsName name, List<NameMeaning.Target> targets) {
        int weight = Math.max(1, 100 / Math.max(1, targets.size()));
        Set<ResourceRecord> records = new LinkedHashSet<>();
        Set<ResourceRecord> additional = new LinkedHashSet<>();
        for (NameMeaning.Target target : targets) {
            if (target.port() != null) {
                records.add(ResourceRecord.srv(name, seconds, weight, target.port(), target.name()));
                additional.add(ResourceRecord.address(target.name(), seconds, target.address()));
            }
        }
        return records.isEmpty() ? empty(name) : known(List.copyOf(records), List.copyOf(additional));
    }

    private Lookup servers(DnsName apex) {
        List<DnsName> servers = new ArrayList<>();
        Set<ResourceRecord> additional = new LinkedHashSet<>();
        for (byte[] address : ownAddresses) {
            DnsName known = server;
            for (ServiceNames service : names.withClusterAddress(ServiceNames.text(address))) {
                known = zone.below(service.name(), service.namespace(), "svc");
            }
            if (!servers.contains(known)) {
                servers.add(known);
            }
            additional.add(ResourceRecord.address(known, seconds, address));
        }
        return known(
                servers.stream()
                        .map(each -> ResourceRecord.ns(apex, seconds, each))
                        .toList(),
                List.copyOf(additional));
    }

    private Lookup reverse(DnsName name) {
        byte[] address = ReverseName.address(name);
        if (address == null) {
            return Lookup.ELSEWHERE;
        }
        String text = ServiceNames.text(address);
        List<ResourceRecord> records = new ArrayList<>();
        for (ServiceNames service : names.withClusterAddress(text)) {
            DnsName target = zone.below(service.name(), service.namespace(), "svc");
            return known(List.of(ResourceRecord.ptr(name, seconds, target)), List.of());
        }
        for (ServiceNames service : names.withNamedEndpoint(text)) {
            for (ServiceNames.Target target : service.endpoints()) {
                if (target.isNamed() && Arrays.equals(target.address(), address)) {
                    records.add(ResourceRecord.ptr(
                            name, seconds, zone.below(target.hostname(), service.name(), service.namespace(), "svc")));
                }
            }
        }
        return records.isEmpty() ? Lookup.ELSEWHERE : known(records, List.of());
    }

    private ResourceRecord soa(DnsName name) {
        return ResourceRecord.soa(name.suffix(zone), seconds, server, mailbox, names.serial(), seconds);
    }

    private static Lookup known(List<ResourceRecord> answers, List<ResourceRecord> additionals) {
        return new Lookup.Known(Answer.own(answers, additionals, SOURCE));
    }

    private Lookup empty(DnsName name) {
        return new Lookup.Known(Answer.nothing(ResponseCode.NOERROR, soa(name), SOURCE));
    }

    private Lookup nothing(DnsName name) {
        if (!names.isComplete()) {
            return new Lookup.Known(Answer.problem(
                    ResponseCode.SERVFAIL,
                    Edns.ExtendedError.NOT_READY,
                    "the Services of the cluster have not been read from its API yet",
                    SOURCE));
        }
        return new Lookup.Known(Answer.nothing(ResponseCode.NXDOMAIN, soa(name), SOURCE));
    }
}
