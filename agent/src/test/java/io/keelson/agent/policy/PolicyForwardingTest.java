package io.keelson.agent.policy;

import static io.keelson.proxy.testing.TestNetwork.PORT;
import static io.keelson.proxy.testing.TestNetwork.SILENCE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.keelson.agent.network.BridgeNetwork;
import io.keelson.agent.network.BridgeSettings;
import io.keelson.agent.network.NftProgram;
import io.keelson.agent.network.SandboxAttachment;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.runtime.Key;
import io.keelson.proxy.testing.NetworkNamespace;
import io.keelson.proxy.testing.TestNetwork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets through a node that has the rules: two pods of it, and a client outside. */
@Tag("root")
@Timeout(60)
class PolicyForwardingTest {
    private static final String FIRST = "10.244.1.2";
    private static final String SECOND = "10.244.2.2";
    private static final String SECOND6 = "fd00:10:2::2";
    private static final String CLIENT = "192.0.2.2";
    private static final String TO_SECOND =
            "{podSelector: {matchLabels: {app: second}}, policyTypes: [Ingress], ingress: [%s]}";
    private static final String OF_FIRST =
            "{podSelector: {matchLabels: {app: first}}, policyTypes: [Egress], egress: [%s]}";

    private static TestNetwork network;

    @TempDir
    private Path state;

    private PolicyTable table = new PolicyTable();
    private NftProgram nft;

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
    void start() throws Exception {
        nft = at(network.node());
        network.node().command("", "nft", "flush", "ruleset");
        table.setPod(pod("first", true, FIRST, "fd00:10:1::2"));
        table.setPod(pod("second", true, SECOND, SECOND6));
    }

    private static NftProgram at(NetworkNamespace namespace) {
        return new NftProgram(path(namespace));
    }

    private static Path path(NetworkNamespace namespace) {
        return Path.of("/run/netns", namespace.name());
    }

    private static PolicyPod pod(String name, boolean isLocal, String... addresses) {
        return new PolicyPod(
                new Key("shop", name),
                "",
                "",
                Map.of("app", name),
                List.of(addresses).stream()
                        .map(text -> Objects.requireNonNull(IpAddress.parse(text)))
                        .toList(),
                Map.of(new NamedPort(Protocol.TCP, "web"), Set.of(PORT)),
                isLocal,
                false);
    }

    private void policy(String name, String spec, String rules) {
        NetworkPolicy policy = Serialization.unmarshal(
                "metadata: {namespace: shop, name: " + name + "}\nspec: " + spec.formatted(rules), NetworkPolicy.class);
        table.setPolicy(policy, complaint -> {
            throw new AssertionError(complaint);
        });
    }

    private void write() throws Exception {
        long _ = nft.run(TableText.whole(table.content().everything()));
    }

    private void change() throws Exception {
        long _ = nft.run(TableText.changed(table.content().changes()));
    }

    private static String tcp(NetworkNamespace from, String to) throws Exception {
        return TestNetwork.tcp(from, to, PORT);
    }

    @Test
    void anIsolatedPodIsReachedByItsNodeAndItselfOnly() throws Exception {
        policy("none", TO_SECOND, "");
        write();
        assertEquals(SILENCE, tcp(network.firstPod(), SECOND));
        assertEquals(SILENCE, TestNetwork.udp(network.firstPod(), SECOND, PORT));
        assertEquals(SILENCE, tcp(network.firstPod(), SECOND6));
        assertEquals(SILENCE, tcp(network.client(), SECOND));
        assertEquals("pod2 10.244.2.1", tcp(network.node(), SECOND), "probes");
        assertEquals("pod2 " + SECOND, tcp(network.secondPod(), SECOND), "itself");
        assertEquals("pod1 " + SECOND, tcp(network.secondPod(), FIRST), "what it sends, and answers to that");
        assertEquals("pod1 " + CLIENT, tcp(network.client(), FIRST), "others are not isolated");
    }

    @Test
    void peersPortsAndProtocolsAreAllowedTogether() throws Exception {
        policy(
                "some",
                TO_SECOND,
                "{from: [{podSelector: {matchLabels: {app: first}}}], ports: [{port: web}, {port: 8000, endPort: 8081,"
                        + " protocol: UDP}]}");
        write();
        assertEquals("pod2 " + FIRST, tcp(network.firstPod(), SECOND));
        assertEquals("pod2 fd00:10:1:0:0:0:0:2", tcp(network.firstPod(), SECOND6));
        assertEquals("pod2 " + FIRST, TestNetwork.udp(network.firstPod(), SECOND, PORT));
        assertEquals(SILENCE, TestNetwork.tcp(network.firstPod(), SECOND, 8081));
        assertEquals(SILENCE, tcp(network.client(), SECOND));
        table.setPod(pod("other", true, FIRST, "fd00:10:1::2"));
        table.removePod(new Key("shop", "first"));
        change();
        assertEquals(SILENCE, tcp(network.firstPod(), SECOND), "another pod has the address now");
    }

    @Test
    void blocksAreAllowedButForTheirExceptions() throws Exception {
        policy("block", TO_SECOND, "{from: [{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.128/25]}}]}");
        write();
        assertEquals("pod2 " + CLIENT, tcp(network.client(), SECOND));
        policy("block", TO_SECOND, "{from: [{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.0/25]}}]}");
        change();
        assertEquals(SILENCE, tcp(network.client(), SECOND));
        policy("block", TO_SECOND, "{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}");
        change();
        assertEquals("pod2 " + CLIENT, tcp(network.client(), SECOND));
        assertEquals(SILENCE, tcp(network.firstPod(), SECOND));
    }

    @Test
    void whatAPodSendsHasToBeAllowedOnBothSides() throws Exception {
        policy("egress", OF_FIRST, "{to: [{podSelector: {matchLabels: {app: second}}}], ports: [{port: web}]}");
        write();
        assertEquals("pod2 " + FIRST, tcp(network.firstPod(), SECOND));
        assertEquals(SILENCE, TestNetwork.udp(network.firstPod(), SECOND, PORT));
        assertEquals("pod1 " + CLIENT, tcp(network.client(), FIRST), "what comes to it");
        policy("ingress", TO_SECOND, "{from: [{podSelector: {matchLabels: {app: nobody}}}]}");
        change();
        assertEquals(SILENCE, tcp(network.firstPod(), SECOND));
        policy("ingress too", TO_SECOND, "{from: [{namespaceSelector: {}}]}");
        change();
        assertEquals("pod2 " + FIRST, tcp(network.firstPod(), SECOND), "what one policy allows is allowed");
    }

    @Test
    void addressesOfServicesMeanTheirEndpoints() throws Exception {
        network.node().command("""
                table ip proxy {
                  chain nat { type nat hook prerouting priority dstnat;
                    ip daddr 10.96.0.80 tcp dport 80 dnat to 10.244.2.2:8080
                  }
                  chain post { type nat hook postrouting priority srcnat;
                    ip saddr 10.244.2.2 ip daddr 10.244.2.2 masquerade
                    ip saddr 192.0.2.2 masquerade
                  }
                }
                """, "nft", "-f", "-");
        network.client().ip("route replace 10.96.0.0/16 via 192.0.2.1");
        policy("some", TO_SECOND, "{from: [{podSelector: {matchLabels: {app: first}}}], ports: [{port: 8080}]}");
        policy("egress", OF_FIRST, "{to: [{podSelector: {matchLabels: {app: second}}}], ports: [{port: 8080}]}");
        write();
        assertEquals("pod2 " + FIRST, TestNetwork.tcp(network.firstPod(), "10.96.0.80", 80));
        assertEquals("pod2 10.244.2.1", TestNetwork.tcp(network.secondPod(), "10.96.0.80", 80), "itself");
        assertEquals(SILENCE, TestNetwork.tcp(network.client(), "10.96.0.80", 80));
        policy("block", TO_SECOND, "{from: [{ipBlock: {cidr: 192.0.2.2/32}}]}");
        change();
        assertEquals(
                "pod2 10.244.2.1",
                TestNetwork.tcp(network.client(), "10.96.0.80", 80),
                "who it comes from is judged before it is masqueraded");
    }

    @Test
    void aConnectionThatIsNotAllowedAnyMoreGoesSilent() throws Exception {
        policy("some", TO_SECOND, "{from: [{podSelector: {matchLabels: {app: first}}}]}");
        write();
        try (ServerSocket server = network.secondPod().in(() -> new ServerSocket(9000));
                Socket client = network.firstPod().in(() -> new Socket(InetAddress.ofLiteral(SECOND), 9000))) {
            Socket accepted = server.accept();
            client.getOutputStream().write(1);
            assertEquals(1, accepted.getInputStream().read());
            policy("some", TO_SECOND, "");
            change();
            accepted.setSoTimeout(400);
            client.getOutputStream().write(2);
            assertThrows(
                    SocketTimeoutException.class,
                    () -> accepted.getInputStream().read());
            policy("some", TO_SECOND, "{}");
            change();
            accepted.setSoTimeout(5000);
            assertEquals(2, accepted.getInputStream().read(), "it was sent again");
        }
    }

    @Test
    void podsOfOtherNodesAreLeftToThese() throws Exception {
        table.setPod(pod("second", false, SECOND, SECOND6));
        policy("none", TO_SECOND, "");
        write();
        assertEquals("pod2 " + FIRST, tcp(network.firstPod(), SECOND));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void podsOfTheBuiltInNetworkAreIsolatedHoweverTheKernelSeesBridges(int bridgeFilter) throws Exception {
        try (NetworkNamespace node = new NetworkNamespace("bridge");
                NetworkNamespace one = new NetworkNamespace("one");
                NetworkNamespace other = new NetworkNamespace("other");
                BridgeNetwork bridge = new BridgeNetwork(
                        new BridgeSettings(state, BridgeSettings.BRIDGE, 0, path(node)),
                        () -> List.of("10.244.7.0/24", "fd00:7::/64"))) {
            node.sysctl("net/bridge/bridge-nf-call-iptables", Integer.toString(bridgeFilter));
            node.sysctl("net/bridge/bridge-nf-call-ip6tables", Integer.toString(bridgeFilter));
            bridge.add(SandboxAttachment.of("one", path(one)));
            bridge.add(SandboxAttachment.of("other", path(other)));
            assertIsolated(node, one, other, "10.244.7.2", "10.244.7.3", "fd00:7::2", "fd00:7::3");
        }
    }

    @Test
    void podsAtOneBridgeOfAPluginAreIsolated() throws Exception {
        try (NetworkNamespace node = new NetworkNamespace("plugin");
                NetworkNamespace one = new NetworkNamespace("one");
                NetworkNamespace other = new NetworkNamespace("other")) {
            node.ip(
                    "link add cni0 type bridge",
                    "link set cni0 up",
                    "addr add 10.22.0.1/16 dev cni0",
                    "addr add fd00:22::1/64 dev cni0 nodad");
            int last = 2;
            for (NetworkNamespace pod : List.of(one, other)) {
                node.ip(
                        "link add veth" + last + " type veth peer name eth0 netns " + pod.name(),
                        "link set veth" + last + " master cni0 up");
                pod.ip(
                        "addr add 10.22.0." + last + "/16 dev eth0",
                        "addr add fd00:22::" + last + "/64 dev eth0 nodad",
                        "link set eth0 up");
                last++;
            }
            node.sysctl("net/bridge/bridge-nf-call-iptables", "0");
            new TableWriter(new io.keelson.agent.network.NetworkNamespace(path(node))).showBridgedTraffic();
            assertIsolated(node, one, other, "10.22.0.2", "10.22.0.3", "fd00:22::2", "fd00:22::3");
        }
    }

    /** One reaches the other while it is allowed, and not when it is not. */
    private void assertIsolated(
            NetworkNamespace node, NetworkNamespace one, NetworkNamespace other, String... addresses) throws Exception {
        nft = at(node);
        table = new PolicyTable();
        table.setPod(pod("first", true, addresses[0], addresses[2]));
        table.setPod(pod("second", true, addresses[1], addresses[3]));
        policy("some", TO_SECOND, "{from: [{podSelector: {matchLabels: {app: first}}}]}");
        write();
        try (ServerSocket server = other.in(() -> new ServerSocket(PORT))) {
            for (String address : List.of(addresses[1], addresses[3])) {
                one.in(() -> connected(address)).close();
                server.accept().close();
            }
            policy("some", TO_SECOND, "");
            change();
            for (String address : List.of(addresses[1], addresses[3])) {
                assertThrows(SocketTimeoutException.class, () -> one.in(() -> connected(address)));
                node.in(() -> connected(address)).close();
            }
        }
    }

    private static Socket connected(String address) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), PORT), 500);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
        return socket;
    }
}
