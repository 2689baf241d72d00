package io.keelson.agent.network;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * The text of the table of the built-in network: ports of the node that lead to pods, and the node's address in place of a pod's
 * where packets leave the cluster. All that comes and goes are elements of maps and sets, so that a change is one small
 * transaction however many there are.
 */
final class NftRules {
    private static final String TABLE = "inet keelson-network";

    /** Changes nothing, and fails if the table is not there, or not whole. */
    static final String PRESENCE = "flush set " + TABLE + " presence\n";

    private NftRules() {}

    /**
     * A port of the node that leads to a pod.
     *
     * @param hostAddress empty for all of the node's
     */
    record PortElement(String protocol, String hostAddress, int hostPort, IpAddress pod, int podPort) {
        private String map() {
            return (pod.isV6() ? "ports6" : "ports4") + (hostAddress.isEmpty() ? "" : "_at");
        }

        private String key() {
            return (hostAddress.isEmpty() ? "" : hostAddress + " . ") + protocol + " . " + hostPort;
        }

        private String element() {
            return key() + " : " + pod + " . " + podPort;
        }

        private String hairpin() {
            return pod + " . " + pod;
        }

        private String hairpinSet() {
            return pod.isV6() ? "hairpin6" : "hairpin4";
        }
    }

    /** The ports of a sandbox: for each of its addresses those that can lead to it. */
    static List<PortElement> elements(List<SandboxAttachment.PortMap> ports, List<IpAddress> addresses) {
        List<PortElement> elements = new ArrayList<>();
        for (SandboxAttachment.PortMap port : ports) {
            IpAddress host = IpAddress.parse(port.hostIp());
            boolean isAny = Set.of("0.0.0.0", "::").contains(String.valueOf(host));
            for (IpAddress address : addresses) {
                if (host == null || host.isV6() == address.isV6()) {
                    elements.add(new PortElement(
                            port.protocol(),
                            host == null || isAny ? "" : host.toString(),
                            port.hostPort(),
                            address,
                            port.containerPort()));
                }
            }
        }
        return elements;
    }

    /** The whole table, in place of what there is of it. */
    static String table(
            String bridge,
            Collection<IpPrefix> ownPods,
            Collection<IpPrefix> clusterPods,
            Collection<PortElement> ports) {
        StringBuilder text = new StringBuilder();
        text.append("add table ")
                .append(TABLE)
                .append("\ndelete table ")
                .append(TABLE)
                .append('\n');
        text.append("table ").append(TABLE).append(" {\n");
        text.append("  set presence { type inet_service; }\n");
        for (String family : List.of("4", "6")) {
            boolean isV6 = family.equals("6");
            String address = isV6 ? "ipv6_addr" : "ipv4_addr";
            text.append("  set own")
                    .append(family)
                    .append(" { type ")
                    .append(address)
                    .append("; flags interval; auto-merge; }\n");
            text.append("  set cluster")
                    .append(family)
                    .append(" { type ")
                    .append(address)
                    .append("; flags interval; auto-merge; }\n");
            text.append("  set hairpin")
                    .append(family)
                    .append(" { type ")
                    .append(address)
                    .append(" . ")
                    .append(address)
                    .append("; }\n");
            String target = " : " + address + " . inet_service; }\n";
            text.append("  map ports")
                    .append(family)
                    .append(" { type inet_proto . inet_service")
                    .append(target);
            text.append("  map ports")
                    .append(family)
                    .append("_at { type ")
                    .append(address)
                    .append(" . inet_proto . inet_service")
                    .append(target);
        }
        text.append(chains(bridge)).append("}\n");
        addPrefixes(text, "own", ownPods);
        addPrefixes(text, "cluster", clusterPods);
        text.append(add(ports));
        return text.toString();
    }

    /** As the node's loopback addresses lead to pods, pods could reach what listens there: nobody but the node does. */
    private static String chains(String bridge) {
        return """
                  chain coming { type filter hook prerouting priority raw; policy accept;
                    iifname "BRIDGE" ip daddr 127.0.0.0/8 drop
                  }
                  chain prerouting { type nat hook prerouting priority dstnat; policy accept;
                    fib daddr type local jump ports
                  }
                  chain output { type nat hook output priority -100; policy accept;
                    fib daddr type local jump ports
                  }
                  chain ports {
                    dnat ip to ip daddr . meta l4proto . th dport map @ports4_at
                    dnat ip6 to ip6 daddr . meta l4proto . th dport map @ports6_at
                    meta nfproto ipv4 dnat ip to meta l4proto . th dport map @ports4
                    meta nfproto ipv6 dnat ip6 to meta l4proto . th dport map @ports6
                  }
                  chain postrouting { type nat hook postrouting priority srcnat; policy accept;
                    ip saddr . ip daddr @hairpin4 masquerade
                    ip6 saddr . ip6 daddr @hairpin6 masquerade
                    oifname "BRIDGE" ip saddr 127.0.0.0/8 masquerade
                    oifname "BRIDGE" accept
                    ip daddr 224.0.0.0/4 accept
                    ip6 daddr ff00::/8 accept
                    ip saddr @own4 ip daddr != @cluster4 masquerade
                    ip6 saddr @own6 ip6 daddr != @cluster6 masquerade
                  }
                """.replace("BRIDGE", bridge);
    }

    private static void addPrefixes(StringBuilder text, String set, Collection<IpPrefix> prefixes) {
        for (IpPrefix prefix : prefixes) {
            text.append("add element ")
                    .append(TABLE)
                    .append(' ')
                    .append(set)
                    .append(prefix.first().isV6() ? '6' : '4')
                    .append(" { ")
                    .append(prefix)
                    .append(" }\n");
        }
    }

    /** Another set of ranges that are the cluster's pods'. */
    static String clusterPods(Collection<IpPrefix> prefixes) {
        StringBuilder text = new StringBuilder();
        text.append("flush set ").append(TABLE).append(" cluster4\n");
        text.append("flush set ").append(TABLE).append(" cluster6\n");
        addPrefixes(text, "cluster", prefixes);
        return text.toString();
    }

    /** Ports that come. */
    static String add(Collection<PortElement> ports) {
        StringBuilder text = new StringBuilder();
        for (PortElement port : ports) {
            line(text, "add", port.map(), port.element());
            line(text, "add", port.hairpinSet(), port.hairpin());
        }
        return text.toString();
    }

    /** Ports that go; all of them have to be there. */
    static String remove(Collection<PortElement> ports) {
        StringBuilder text = new StringBuilder();
        List<String> hairpins = new ArrayList<>();
        for (PortElement port : ports) {
            line(text, "delete", port.map(), port.key());
            if (!hairpins.contains(port.hairpin())) {
                line(text, "delete", port.hairpinSet(), port.hairpin());
                hairpins.add(port.hairpin());
            }
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String verb, String set, String element) {
        text.append(verb)
                .append(" element ")
                .append(TABLE)
                .append(' ')
                .append(set)
                .append(" { ")
                .append(element)
                .append(" }\n");
    }
}
