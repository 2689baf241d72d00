package io.keelson.proxy.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.netlink.NetlinkException;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Packets between namespaces of the test, through a node whose kernel has the rules. */
@Tag("root")
final class NftForwardingTest {
    private static final String CLUSTER_IP = "10.96.0.10";
    private static final String OUTSIDE = "203.0.113.7";
    private static final int NODE_PORT = 30080;

    private static TestNetwork network;
    private NetlinkSocket socket;
    private NftForwarding forwarding;

    @BeforeAll
    static void join() throws Exception {
        NetworkNamespace.assumePossible();
        network = new TestNetwork();
    }

    @AfterAll
    static void part() throws Exception {
        if (network != null) {
            network.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        socket = network.node().in(() -> new NetlinkSocket(NetlinkSocket.NETFILTER));
        forwarding = new NftForwarding(socket, settings());
    }

    @AfterEach
    void close() throws NetlinkException {
        forwarding.remove();
        socket.close();
    }

    private static TableSettings settings() {
        return new TableSettings(
                Family.IPV4,
                14,
                false,
                new LocalTraffic.FromRange(range("10.244.0.0/16")),
                List.of(range("10.96.0.0/16")),
                false,
                false);
    }

    private static IpPrefix range(String text) {
        return Objects.requireNonNull(IpPrefix.parse(text));
    }

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    /** A port of a Service with all that one can have; tests take away what they do not want. */
    private static final class Port {
        private int affinitySeconds;
        private boolean internalLocal;
        private boolean externalLocal;
        private @Nullable List<IpPrefix> sources;
        private Transport transport = Transport.TCP;
        private String name = "web";
        private List<IpAddress> external = List.of();
        private String clusterIp = CLUSTER_IP;

        PortRules rules(Endpoint... endpoints) {
            ServicePort port = new ServicePort(
                    new ServicePortName(Key.of("default", name), "http", transport),
                    address(clusterIp),
                    80,
                    name.equals("web") ? NODE_PORT : 0,
                    external,
                    name.equals("web") ? List.of(address(OUTSIDE)) : List.of(),
                    sources,
                    affinitySeconds,
                    internalLocal,
                    externalLocal,
                    0);
            return PortRules.of(
                    port, Arrays.asList(endpoints), new NodeView("node", "", List.of(address("192.0.2.1"))));
        }
    }

    private static Endpoint pod(String ip, boolean isHere) {
        return new Endpoint(
                new Destination(address(ip), TestNetwork.PORT), true, true, false, isHere, !isHere, Set.of(), Set.of());
    }

    private static Endpoint first() {
        return pod("10.244.1.2", true);
    }

    private static Endpoint second() {
        return pod("10.244.2.2", true);
    }

    private void apply(PortRules... rules) throws NetlinkException {
        forwarding.apply(Arrays.asList(rules), List.of(), List.of(address("192.0.2.1")));
    }

    private static Set<String> reached(NetworkNamespace from, String address, int port) throws Exception {
        Set<String> reached = new TreeSet<>();
        for (int i = 0; i < 24; i++) {
            reached.add(TestNetwork.tcp(from, address, port));
        }
        return reached;
    }

    @Test
    void aClusterIpLeadsToEachOfItsEndpointsAndPodsAreSeenAsThemselves() throws Exception {
        apply(new Port().rules(first(), second()));
        Set<String> seen = reached(network.secondPod(), CLUSTER_IP, 80);
        assertTrue(seen.contains("pod1 10.244.2.2"), seen.toString());
        // To itself it goes by the node, which is the source then.
        assertTrue(seen.contains("pod2 10.244.2.1"), seen.toString());
        assertEquals(2, seen.size());
    }

    @Test
    void nodePortsAndOutsideAddressesLeadOnWithTheNodesAddressAsTheSource() throws Exception {
        apply(new Port().rules(first()));
        assertEquals("pod1 10.244.1.1", TestNetwork.tcp(network.client(), "192.0.2.1", NODE_PORT));
        assertEquals("pod1 10.244.1.1", TestNetwork.tcp(network.client(), OUTSIDE, 80));
        assertEquals("pod1 10.244.1.1", TestNetwork.tcp(network.client(), CLUSTER_IP, 80));
        // An address of the node that is not one of those that node ports are served at.
        assertEquals(TestNetwork.REFUSED, TestNetwork.tcp(network.client(), "10.244.1.1", NODE_PORT));
        // The node itself.
        assertEquals("pod1 10.244.1.1", TestNetwork.tcp(network.node(), CLUSTER_IP, 80));
        assertEquals("pod1 10.244.1.1", TestNetwork.tcp(network.node(), "192.0.2.1", NODE_PORT));
    }

    @Test
    void thePolicyLocalKeepsTheSourceAndDropsWhereNoEndpointIs() throws Exception {
        Port port = new Port();
        port.externalLocal = true;
        apply(port.rules(first(), pod("10.244.2.2", false)));
        assertEquals(Set.of("pod1 192.0.2.2"), reached(network.client(), OUTSIDE, 80));
        assertEquals(Set.of("pod1 192.0.2.2"), reached(network.client(), "192.0.2.1", NODE_PORT));
        // Who is here already may be sent anywhere.
        assertEquals(Set.of("pod1 10.244.1.1", "pod2 10.244.2.1"), reached(network.node(), "192.0.2.1", NODE_PORT));
        assertTrue(reached(network.firstPod(), OUTSIDE, 80).contains("pod2 10.244.1.2"));
        apply(port.rules(pod("10.244.2.2", false)));
        assertEquals(TestNetwork.SILENCE, TestNetwork.tcp(network.client(), OUTSIDE, 80));
        assertEquals(TestNetwork.SILENCE, TestNetwork.tcp(network.client(), "192.0.2.1", NODE_PORT));
        assertEquals("pod2 10.244.1.2", TestNetwork.tcp(network.firstPod(), OUTSIDE, 80));
        port.internalLocal = true;
        apply(port.rules(pod("10.244.2.2", false)));
        assertEquals(TestNetwork.SILENCE, TestNetwork.tcp(network.firstPod(), CLUSTER_IP, 80));
    }

    @Test
    void whereThereAreNoEndpointsNorPortsItIsRefused() throws Exception {
        apply(new Port().rules());
        assertEquals(TestNetwork.REFUSED, TestNetwork.tcp(network.client(), CLUSTER_IP, 80));
        assertEquals(TestNetwork.REFUSED, TestNetwork.tcp(network.node(), CLUSTER_IP, 80));
        assertEquals(TestNetwork.REFUSED, TestNetwork.tcp(network.client(), "192.0.2.1", NODE_PORT));
        assertEquals(TestNetwork.REFUSED, TestNetwork.tcp(network.client(), CLUSTER_IP, 81));
        assertEquals(TestNetwork.SILENCE, TestNetwork.tcp(network.client(), "10.96.0.11", 80));
        apply(new Port().rules(first()));
        assertEquals("pod1 10.244.1.1", TestNetwork.tcp(network.client(), CLUSTER_IP, 80));
    }

    @Test
    void onlyAllowedSourcesReachALoadBalancersAddress() throws Exception {
        Port port = new Port();
        port.sources = List.of(range("198.51.100.0/24"), range("10.244.1.0/24"));
        apply(port.rules(second()));
        assertEquals(TestNetwork.SILENCE, TestNetwork.tcp(network.client(), OUTSIDE, 80));
        assertEquals("pod2 10.244.2.1", TestNetwork.tcp(network.firstPod(), OUTSIDE, 80));
        assertEquals("pod2 10.244.2.1", TestNetwork.tcp(network.client(), CLUSTER_IP, 80));
        port.sources = List.of(range("198.51.100.0/24"), range("192.0.2.2/32"));
        apply(port.rules(second()));
        assertEquals("pod2 10.244.2.1", TestNetwork.tcp(network.client(), OUTSIDE, 80));
        assertEquals(TestNetwork.SILENCE, TestNetwork.tcp(network.firstPod(), OUTSIDE, 80));
    }

    @Test
    void aClientKeepsItsEndpointUntilThatIsGone() throws Exception {
        Port port = new Port();
        port.affinitySeconds = 60;
        apply(port.rules(first(), second()));
        Set<String> seen = reached(network.client(), CLUSTER_IP, 80);
        assertEquals(1, seen.size(), seen.toString());
        boolean isFirst = seen.iterator().next().startsWith("pod1");
        // By another way it comes to the same.
        assertEquals(seen, reached(network.client(), "192.0.2.1", NODE_PORT));
        apply(port.rules(isFirst ? second() : first()));
        Set<String> moved = reached(network.client(), CLUSTER_IP, 80);
        assertEquals(1, moved.size(), moved.toString());
        assertFalse(moved.equals(seen));
        // It stays there when the other one is back.
        apply(port.rules(first(), second()));
        assertEquals(moved, reached(network.client(), CLUSTER_IP, 80));
        // A proxy that starts anew remembers.
        forwarding = new NftForwarding(socket, settings());
        apply(port.rules(first(), second()));
        assertEquals(moved, reached(network.client(), CLUSTER_IP, 80));
    }

    @Test
    void aClientIsForgottenWhenItsTimeIsOver() throws Exception {
        Port port = new Port();
        port.affinitySeconds = 1;
        apply(port.rules(first(), second()));
        Set<String> seen = reached(network.client(), CLUSTER_IP, 80);
        assertEquals(1, seen.size(), seen.toString());
        // Then it is anybody's turn: the other one's soon.
        for (int tries = 1; seen.contains(TestNetwork.tcp(network.client(), CLUSTER_IP, 80)); tries++) {
            assertTrue(tries < 30, "it is kept for ever");
            Thread.sleep(1200);
        }
    }

    @Test
    void whatSomebodyElseChangesIsPutRight() throws Exception {
        PortRules rules = new Port().rules(first(), second());
        apply(rules);
        assertFalse(forwarding.check());
        String table = listing();
        for (String harm : List.of(
                "flush ruleset",
                "flush table ip keelson-proxy",
                "flush map ip keelson-proxy cluster-endpoints",
                "flush chain ip keelson-proxy services",
                "delete table ip keelson-proxy",
                "add element ip keelson-proxy cluster-ips { 1.2.3.4 }",
                "add chain ip keelson-proxy strange",
                "add rule ip keelson-proxy services counter drop",
                "add table ip keelson-proxy; delete table ip keelson-proxy; add table ip keelson-proxy;"
                        + " add map ip keelson-proxy frontends { type ipv4_addr : mark; }")) {
            network.node().command(harm + "\n", "nft", "-f", "-");
            assertTrue(forwarding.check(), harm);
            assertFalse(forwarding.check(), harm);
            assertEquals(table, listing(), harm);
        }
        // A table of somebody else matters to nobody.
        network.node().command("add table ip other\n", "nft", "-f", "-");
        assertFalse(forwarding.check());
        network.node().command("delete table ip other\n", "nft", "-f", "-");
        // A change finds it, too, and is made.
        network.node().command("flush ruleset\n", "nft", "-f", "-");
        apply(new Port().rules(first()));
        assertEquals(Set.of("pod1 10.244.1.1"), reached(network.client(), CLUSTER_IP, 80));
    }

    @Test
    void whatOthersTouchIsFoundByListening() throws Exception {
        AtomicInteger told = new AtomicInteger();
        NetlinkSocket listening = network.node().in(() -> new NetlinkSocket(NetlinkSocket.NETFILTER));
        try (TableWatch watch =
                new TableWatch(listening, Set.of(socket.port()), NftForwarding.TABLE, told::incrementAndGet)) {
            forwarding.watchedBy(watch);
            apply(new Port().rules(first(), second()));
            assertFalse(forwarding.check());
            String table = listing();
            // Tables of others, one of the same name among them, are of no interest.
            nft("add table ip other", "add table inet keelson-proxy", "delete table inet keelson-proxy");
            assertFalse(forwarding.check());
            assertEquals(0, told.get());
            apply(new Port().rules(first()));
            apply(new Port().rules(first(), second()));
            for (String harm : List.of(
                    "flush ruleset",
                    "flush table ip keelson-proxy",
                    "flush map ip keelson-proxy frontends",
                    "add element ip keelson-proxy cluster-ips { 1.2.3.4 }",
                    "add rule ip keelson-proxy services counter drop",
                    "add chain ip keelson-proxy strange",
                    "add set ip keelson-proxy strange { type mark; }",
                    "delete table ip keelson-proxy")) {
                int before = told.get();
                nft("add table ip other2", harm, "add table ip other3");
                assertTrue(forwarding.check(), harm);
                assertFalse(forwarding.check(), harm);
                assertEquals(table, listing(), harm);
                assertTrue(told.get() > before, harm);
            }
            // Large transactions are not listened to; what comes after them is.
            List<PortRules> many = new ArrayList<>();
            for (int i = 0; i < 4000; i++) {
                Port port = new Port();
                port.name = "many" + i;
                port.clusterIp = "10.96." + (100 + (i >> 8)) + "." + (i & 0xff);
                many.add(port.rules(first(), second()));
            }
            forwarding.apply(many, List.of(), null);
            assertFalse(forwarding.check());
            nft("add table ip other4");
            assertFalse(forwarding.check());
            nft("delete element ip keelson-proxy cluster-ips { " + CLUSTER_IP + " }");
            assertTrue(forwarding.check());
            forwarding.apply(List.of(), many.stream().map(PortRules::name).toList(), null);
            assertFalse(forwarding.check());
            assertEquals(table, listing());
        }
    }

    private static void nft(String... commands) throws Exception {
        for (String command : commands) {
            network.node().command(command + "\n", "nft", "-f", "-");
        }
    }

    @Test
    void setsOfManyElementsAreWrittenAnewRatherThanRead() throws Exception {
        NetlinkSocket listening = network.node().in(() -> new NetlinkSocket(NetlinkSocket.NETFILTER));
        try (TableWatch watch = new TableWatch(listening, Set.of(socket.port()), NftForwarding.TABLE, () -> {})) {
            forwarding.watchedBy(watch);
            List<PortRules> many = new ArrayList<>();
            for (int i = 0; i < 250; i++) {
                Port port = new Port();
                port.name = "many" + i;
                port.clusterIp = "10.97.0." + i;
                List<Endpoint> endpoints = new ArrayList<>();
                for (int j = 0; j < 100; j++) {
                    endpoints.add(pod("10.250." + i + "." + j, false));
                }
                many.add(port.rules(endpoints.toArray(new Endpoint[0])));
            }
            many.add(new Port().rules(first()));
            forwarding.apply(many, List.of(), List.of());
            String table = settled();
            nft("flush map ip keelson-proxy cluster-endpoints");
            assertTrue(forwarding.check());
            assertEquals(table, settled());
            assertEquals("pod1 10.244.1.1", TestNetwork.tcp(network.client(), CLUSTER_IP, 80));
            assertFalse(forwarding.check());
            // A proxy that starts anew takes the table over.
            NftForwarding next = new NftForwarding(socket, settings());
            next.apply(many, List.of(), List.of());
            assertEquals(table, settled());
            assertFalse(next.check());
        }
    }

    /** The same once the kernel has made its hash table larger: while it does, who lists a set may miss elements. */
    private String settled() throws Exception {
        String before = listing();
        while (true) {
            Thread.sleep(100);
            String now = listing();
            if (now.equals(before)) {
                return now;
            }
            before = now;
        }
    }

    /** All that the kernel has in the table, in a certain order. */
    private String listing() throws NetlinkException {
        ObservedTable table = Objects.requireNonNull(
                new KernelTable(socket, Family.IPV4, NftForwarding.TABLE).observe(EnumSet.allOf(TableSet.class)));
        Map<String, String> all = new TreeMap<>();
        table.bases().forEach((name, chain) -> all.put("base " + name, chain.toString()));
        table.chains().forEach((name, rules) -> all.put("chain " + name, rules.toString()));
        table.sets().forEach((name, shape) -> all.put("set " + name, shape.toString()));
        table.elements().forEach((key, value) -> all.put("element " + key, value.toString()));
        return String.join("\n", all.entrySet().stream().map(Object::toString).toList());
    }

    @Test
    void nothingIsLeftOfServicesThatAreGone() throws Exception {
        apply();
        String empty = listing();
        Port kept = new Port();
        kept.affinitySeconds = 10800;
        kept.sources = List.of(range("192.0.2.0/24"));
        apply(kept.rules(first(), second()));
        Port other = new Port();
        other.name = "other";
        other.clusterIp = "10.96.0.11";
        other.transport = Transport.UDP;
        apply(other.rules(first()));
        assertFalse(empty.equals(listing()));
        forwarding.apply(List.of(), List.of(kept.rules().name(), other.rules().name()), null);
        assertFalse(forwarding.check());
        assertEquals(empty, listing());
    }

    @Test
    void twoServicesMayWantTheSameAddress() throws Exception {
        Port mine = new Port();
        mine.external = List.of(address("203.0.113.9"));
        Port other = new Port();
        other.name = "another";
        other.clusterIp = "10.96.0.11";
        other.external = List.of(address("203.0.113.9"), address(CLUSTER_IP));
        apply(mine.rules(first()), other.rules(second()));
        // Of two that want an address from outside the lower name has it; a cluster IP is of whom it is.
        assertEquals("pod2 10.244.2.1", TestNetwork.tcp(network.client(), "203.0.113.9", 80));
        assertEquals("pod1 10.244.1.1", TestNetwork.tcp(network.client(), CLUSTER_IP, 80));
        forwarding.apply(List.of(), List.of(other.rules().name()), null);
        assertEquals("pod1 10.244.1.1", TestNetwork.tcp(network.client(), "203.0.113.9", 80));
    }

    @Test
    void byIpv6ItIsTheSame() throws Exception {
        TableSettings settings = new TableSettings(
                Family.IPV6,
                14,
                false,
                new LocalTraffic.FromRange(range("fd00:10::/32")),
                List.of(range("fd00:96::/64")),
                true,
                false);
        try (NetlinkSocket own = network.node().in(() -> new NetlinkSocket(NetlinkSocket.NETFILTER))) {
            NftForwarding v6 = new NftForwarding(own, settings);
            ServicePort port = new ServicePort(
                    new ServicePortName(Key.of("default", "web"), "http", Transport.TCP),
                    address("fd00:96::10"),
                    80,
                    NODE_PORT,
                    List.of(),
                    List.of(address("2001:db8::7")),
                    List.of(range("fd00:2::/64")),
                    60,
                    false,
                    false,
                    0);
            NodeView node = new NodeView("node", "", List.of());
            v6.apply(List.of(PortRules.of(port, List.of(pod("fd00:10:1::2", true)), node)), List.of(), null);
            assertEquals("pod1 fd00:10:1:0:0:0:0:1", TestNetwork.tcp(network.client(), "fd00:96::10", 80));
            assertEquals("pod1 fd00:10:2:0:0:0:0:2", TestNetwork.tcp(network.secondPod(), "fd00:96::10", 80));
            assertEquals("pod1 fd00:10:1:0:0:0:0:1", TestNetwork.tcp(network.firstPod(), "fd00:96::10", 80));
            assertEquals("pod1 fd00:10:1:0:0:0:0:1", TestNetwork.tcp(network.client(), "fd00:2::1", NODE_PORT));
            assertEquals("pod1 fd00:10:1:0:0:0:0:1", TestNetwork.tcp(network.client(), "2001:db8::7", 80));
            assertEquals(TestNetwork.SILENCE, TestNetwork.tcp(network.secondPod(), "2001:db8::7", 80));
            assertFalse(v6.check());
            v6.apply(List.of(PortRules.of(port, List.of(), node)), List.of(), null);
            assertEquals(TestNetwork.REFUSED, TestNetwork.tcp(network.client(), "fd00:96::10", 80));
            assertEquals(TestNetwork.REFUSED, TestNetwork.tcp(network.client(), "fd00:96::10", 81));
            assertEquals(TestNetwork.REFUSED, TestNetwork.tcp(network.client(), "fd00:2::1", NODE_PORT));
            assertEquals(TestNetwork.REFUSED, TestNetwork.tcp(network.firstPod(), "fd00:96::10", 80));
            assertEquals(TestNetwork.REFUSED, TestNetwork.tcp(network.node(), "fd00:96::10", 80));
            assertEquals(TestNetwork.SILENCE, TestNetwork.tcp(network.client(), "fd00:96::11", 80));
            assertFalse(v6.check());
            v6.remove();
        }
    }

    @Test
    void atTheLoopbackAddressNodePortsAreServedIfTheyAreToBe() throws Exception {
        network.node().sysctl("net/ipv4/conf/all/route_localnet", "1");
        for (boolean isServed : new boolean[] {true, false}) {
            forwarding.configure(
                    new TableSettings(Family.IPV4, 14, false, new LocalTraffic.Unknown(), List.of(), true, isServed));
            apply(new Port().rules(first()));
            assertEquals(
                    isServed ? "pod1 10.244.1.1" : TestNetwork.REFUSED,
                    TestNetwork.tcp(network.node(), "127.0.0.1", NODE_PORT));
            assertEquals("pod1 10.244.1.1", TestNetwork.tcp(network.client(), "192.0.2.1", NODE_PORT));
        }
        network.node().sysctl("net/ipv4/conf/all/route_localnet", "0");
    }

    @Test
    void byUdpItIsTheSame() throws Exception {
        Port port = new Port();
        port.transport = Transport.UDP;
        apply(port.rules(first()));
        assertEquals("pod1 10.244.1.1", TestNetwork.udp(network.client(), CLUSTER_IP, 80));
        assertEquals("pod1 10.244.1.1", TestNetwork.udp(network.client(), "192.0.2.1", NODE_PORT));
        assertEquals(TestNetwork.REFUSED, TestNetwork.tcp(network.client(), CLUSTER_IP, 80));
        apply(port.rules());
        assertEquals(TestNetwork.REFUSED, TestNetwork.udp(network.client(), CLUSTER_IP, 80));
    }
}
