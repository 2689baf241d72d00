package io.keelson.dist.up.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether packets can be led to pods and Services, and whether the cluster's ports are free. */
final class NetworkJudge {
    private NetworkJudge() {}

    static List<Finding> judge(Facts.Network network, boolean isRoot, boolean hasPlugins) {
        List<Finding> findings = new ArrayList<>();
        findings.add(tables(network, isRoot));
        findings.add(forwarding(network, isRoot));
        findings.add(bridges(network, hasPlugins));
        findings.add(loopback(network));
        network.ports().forEach(port -> findings.add(port(port)));
        return findings;
    }

    private static Finding tables(Facts.Network network, boolean isRoot) {
        String four = network.tables().get("ip");
        String six = network.tables().getOrDefault("ip6", "");
        if (four == null) {
            return Finding.limited(
                    "nftables", "not tried", isRoot ? "no network namespace can be made here" : "run this as root");
        }
        if (!four.isEmpty()) {
            return Finding.limited(
                    "nftables",
                    "the kernel takes no rules with address translation (" + four + ")",
                    "Services are led to pods by the proxy itself, which is slower and without node ports, and the built-in"
                            + " network of pods needs them: take a kernel with CONFIG_NF_TABLES and CONFIG_NFT_NAT");
        }
        return six.isEmpty()
                ? Finding.ok("nftables", "rules with address translation, IPv4 and IPv6")
                : Finding.limited("nftables", "for IPv4 only (" + six + ")", "Services and pods have no IPv6");
    }

    private static Finding forwarding(Facts.Network network, boolean isRoot) {
        String is = network.switches().get("ipv4/ip_forward");
        if ("1".equals(is)) {
            return Finding.ok("net.ipv4.ip_forward", "1");
        }
        return isRoot
                ? Finding.ok("net.ipv4.ip_forward", (is == null ? "not there" : is) + ", is set when pods need it")
                : Finding.limited(
                        "net.ipv4.ip_forward", is == null ? "not there" : is, "sysctl -w net.ipv4.ip_forward=1");
    }

    private static Finding bridges(Facts.Network network, boolean hasPlugins) {
        String name = "bridge-nf-call";
        String is = network.switches().get("bridge/bridge-nf-call-iptables");
        if ("1".equals(is) || !hasPlugins) {
            return Finding.ok(
                    name,
                    is == null
                            ? "not there, and the built-in network needs it not"
                            : is + ", and the built-in network is right with both");
        }
        return Finding.limited(
                name,
                is == null ? "the module br_netfilter is not loaded" : "net.bridge.bridge-nf-call-iptables is " + is,
                "network plugins are configured: with those that make a bridge, pods of one node do not reach each other by"
                        + " Services; modprobe br_netfilter; sysctl -w net.bridge.bridge-nf-call-iptables=1");
    }

    private static Finding loopback(Facts.Network network) {
        String is = network.switches().get("ipv4/conf/all/route_localnet");
        return Optional.ofNullable(is)
                .map(value -> Finding.ok(
                        "route_localnet",
                        value.equals("1") ? "1" : value + ", is set when node ports are served at 127.0.0.1"))
                .orElse(Finding.limited("route_localnet", "not there", "node ports do not answer at 127.0.0.1"));
    }

    private static Finding port(Facts.Port port) {
        String thing = "port " + port.number() + "/" + port.protocol();
        if (port.user().isEmpty()) {
            return Finding.ok(thing, "free at " + port.address() + ", for " + port.use());
        }
        if (port.isOurs()) {
            return Finding.ok(thing, "the cluster that runs has it, for " + port.use());
        }
        String state = port.place() + " is taken by " + port.user() + ", and is for " + port.use();
        String advice = port.use().equals(Facts.Port.API)
                ? "end that, or take another one: keelson up --secure-port"
                : "end that first";
        return port.isNeeded() ? Finding.missing(thing, state, advice) : Finding.limited(thing, state, advice);
    }
}
