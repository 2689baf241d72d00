package io.keelson.proxy.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keelson.agent.netlink.NetlinkRequests;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.controllers.runtime.Key;
import io.keelson.proxy.rules.Destination;
import io.keelson.proxy.rules.Endpoint;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.LocalTraffic;
import io.keelson.proxy.rules.NodeView;
import io.keelson.proxy.rules.PortRules;
import io.keelson.proxy.rules.ServicePort;
import io.keelson.proxy.rules.ServicePortName;
import io.keelson.proxy.rules.TableSet;
import io.keelson.proxy.rules.Transport;
import io.keelson.proxy.testing.NetworkNamespace;
import io.keelson.proxy.testing.TestNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The program nft lists the tables, whatever is in them, and takes back what it listed. */
@Tag("root")
final class NftListingTest {
    private static final int NODE_PORT = 30080;

    private static TestNetwork network;

    @BeforeAll
    static void join() throws Exception {
        NetworkNamespace.assumePossible();
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "the package nftables is missing");
        network = new TestNetwork();
    }

    @AfterAll
    static void part() throws Exception {
        if (network != null) {
            network.close();
        }
    }

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    private static IpPrefix range(String text) {
        return Objects.requireNonNull(IpPrefix.parse(text));
    }

    private static String of(Family family, String v4, String v6) {
        return family == Family.IPV4 ? v4 : v6;
    }

    /** All ways to tell pods and node ports; each once, with the rest of what can be set. */
    private static List<TableSettings> settings(Family family) {
        LocalTraffic pods = new LocalTraffic.FromRange(range(of(family, "10.244.0.0/16", "fd00:10::/32")));
        LocalTraffic odd = new LocalTraffic.FromRange(range(of(family, "10.128.0.0/9", "fd00:10::/33")));
        LocalTraffic one = new LocalTraffic.FromRange(range(of(family, "10.244.1.2/32", "fd00:10:1::2/128")));
        List<IpPrefix> services = List.of(
                range(of(family, "10.96.0.0/12", "fd00:96::/112")), range(of(family, "10.9.8.7/32", "::7/128")));
        return List.of(
                new TableSettings(family, 14, false, pods, services, true, true),
                new TableSettings(family, 0, true, odd, List.of(), false, false),
                new TableSettings(family, 31, false, one, services, true, false),
                new TableSettings(
                        family, 5, false, new LocalTraffic.FromInterface("pod", true), List.of(), false, true),
                new TableSettings(
                        family, 6, false, new LocalTraffic.FromInterface("eth0", false), services, true, true),
                new TableSettings(family, 7, false, new LocalTraffic.Unknown(), List.of(), false, false));
    }

    private static Endpoint pod(String ip, boolean isHere) {
        return new Endpoint(
                new Destination(address(ip), TestNetwork.PORT), true, true, false, isHere, !isHere, Set.of(), Set.of());
    }

    private static List<Endpoint> pods(Family family) {
        return List.of(
                pod(of(family, "10.244.1.2", "fd00:10:1::2"), true),
                pod(of(family, "10.244.2.2", "fd00:10:2::2"), false));
    }

    /** Ports of Services that between them lead to all that a table can have in it. */
    private static List<PortRules> ports(Family family) {
        NodeView node = new NodeView("node", "", List.of(address(of(family, "192.0.2.1", "fd00:2::1"))));
        List<PortRules> all = new ArrayList<>();
        int number = 0;
        for (Transport transport : Transport.values()) {
            for (int affinity : new int[] {0, 60, 10800}) {
                for (boolean isLocal : new boolean[] {false, true}) {
                    for (int endpoints = 0; endpoints <= 2; endpoints++) {
                        number++;
                        boolean isFirst = transport == Transport.TCP && endpoints == 2 && affinity == 60 && !isLocal;
                        ServicePort port = new ServicePort(
                                new ServicePortName(Key.of("default", "web" + number), "http", transport),
                                address(of(family, "10.96.1.", "fd00:96::1:") + (isFirst ? 200 : number)),
                                80,
                                isFirst ? NODE_PORT : 31000 + number,
                                List.of(address(of(family, "198.51.100.", "2001:db8::1:") + number)),
                                List.of(address(of(family, "203.0.113.", "2001:db8::2:") + number)),
                                number % 2 == 0
                                        ? null
                                        : List.of(
                                                range(of(family, "192.0.2.2/32", "fd00:2::2/128")),
                                                range(of(family, "10.244.0.0/17", "fd00:10::/31"))),
                                affinity,
                                isLocal,
                                isLocal,
                                0);
                        // With one only, and that elsewhere, the policy Local drops.
                        List<Endpoint> some = pods(family).subList(2 - endpoints, 2);
                        all.add(PortRules.of(port, some, node));
                    }
                }
            }
        }
        return all;
    }

    /** What nft lists, but for how long elements are to stay. */
    private static String listed(NetworkNamespace namespace) throws Exception {
        return namespace.command("", "nft", "list", "ruleset").replaceAll(" expires [0-9a-z]+", "");
    }

    private static ObservedTable observed(NetworkNamespace namespace, Family family) throws Exception {
        try (NetlinkSocket socket = namespace.in(() -> new NetlinkSocket(NetlinkSocket.NETFILTER))) {
            return Objects.requireNonNull(new KernelTable(new NetlinkRequests(socket), family, NftForwarding.TABLE)
                    .observe(EnumSet.allOf(TableSet.class)));
        }
    }

    private static Set<String> reached(NetworkNamespace from, String address, int port) throws Exception {
        Set<String> reached = new TreeSet<>();
        for (int i = 0; i < 8; i++) {
            reached.add(TestNetwork.tcp(from, address, port));
        }
        return reached;
    }

    @Test
    void whatIsInTheTablesIsListedAndCanBeLoadedAgain() throws Exception {
        NetworkNamespace node = network.node();
        try (NetlinkSocket socket = node.in(() -> new NetlinkSocket(NetlinkSocket.NETFILTER))) {
            for (int i = 0; i < settings(Family.IPV4).size(); i++) {
                List<NftForwarding> both = new ArrayList<>();
                for (Family family : Family.values()) {
                    NftForwarding forwarding =
                            new NftForwarding(socket, settings(family).get(i));
                    List<IpAddress> node1 = List.of(address(of(family, "192.0.2.1", "fd00:2::1")));
                    forwarding.apply(ports(family), List.of(), node1);
                    both.add(forwarding);
                }
                String keptAt = TestNetwork.tcp(network.client(), "10.96.1.200", 80);
                assertTrue(keptAt.startsWith("pod"), keptAt);
                assertLoadable(node);
                for (NftForwarding forwarding : both) {
                    assertFalse(forwarding.check());
                    forwarding.remove();
                }
            }
        }
    }

    private static void assertLoadable(NetworkNamespace node) throws Exception {
        String listed = listed(node);
        for (TableSet set : TableSet.values()) {
            assertTrue(listed.contains(" " + set.label() + " {"), set.label());
        }
        JsonNode json = new ObjectMapper().readTree(node.command("", "nft", "-j", "list", "ruleset"));
        assertTrue(json.get("nftables").size() > 100, json.toString());
        for (String family : List.of("ip", "ip6")) {
            String table = node.command("", "nft", "list", "table", family, NftForwarding.TABLE);
            assertTrue(table.startsWith("table " + family + " keelson-proxy {"), table);
        }
        try (NetworkNamespace fresh = new NetworkNamespace("listing")) {
            fresh.command(node.command("", "nft", "list", "ruleset"), "nft", "-f", "-");
            assertEquals(listed, listed(fresh));
            for (Family family : Family.values()) {
                ObservedTable loaded = observed(fresh, family);
                assertTrue(Differences.hasShape(loaded, family));
                ObservedTable written = observed(node, family);
                assertEquals(written.elements(), loaded.elements());
                assertEquals(written.chains().keySet(), loaded.chains().keySet());
            }
        }
    }

    @Test
    void whatWasLoadedLeadsPacketsTheSameWayAndIsTakenOver() throws Exception {
        NetworkNamespace node = network.node();
        try (NetlinkSocket socket = node.in(() -> new NetlinkSocket(NetlinkSocket.NETFILTER))) {
            for (Family family : Family.values()) {
                String clusterIp = of(family, "10.96.1.200", "fd00:96::1:200");
                String address = of(family, "192.0.2.1", "fd00:2::1");
                TableSettings settings = settings(family).getFirst();
                NftForwarding forwarding = new NftForwarding(socket, settings);
                forwarding.apply(ports(family), List.of(), List.of());
                Set<String> kept = reached(network.client(), clusterIp, 80);
                assertEquals(1, kept.size());
                String listed = node.command("", "nft", "list", "ruleset");
                node.command("flush ruleset\n" + listed, "nft", "-f", "-");
                assertEquals(kept, reached(network.client(), clusterIp, 80));
                assertEquals(kept, reached(network.client(), address, NODE_PORT));
                assertEquals(
                        TestNetwork.SILENCE,
                        TestNetwork.tcp(network.client(), of(family, "10.96.2.1", "fd00:96::2:1"), 80));
                // Whoever writes the table from then on makes its rules its own, and forgets no client.
                NftForwarding next = new NftForwarding(socket, settings);
                next.apply(ports(family), List.of(), List.of());
                assertEquals(kept, reached(network.client(), clusterIp, 80));
                assertFalse(next.check());
                Set<String> chains =
                        new HashSet<>(observed(node, family).chains().keySet());
                assertEquals(
                        3,
                        chains.stream()
                                .filter(chain -> chain.matches("(cluster|local)-[12]"))
                                .count());
                next.remove();
            }
        }
    }
}
