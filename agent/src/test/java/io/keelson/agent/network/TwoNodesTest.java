package io.keelson.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.keelson.agent.network.SandboxAttachment.PortMap;
import io.keelson.controllers.runtime.Caches;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes and somebody outside at one switch, each node with the network of an agent. */
@Tag("root")
@Timeout(60)
class TwoNodesTest {
    private static final String OUTSIDE = "192.0.2.9";
    private static final String OUTSIDE6 = "2001:db8::9";

    @TempDir
    private Path state;

    private final Namespaces namespaces = new Namespaces();
    /** Reads nothing: nodes are given by hand. */
    private final KubernetesClient client = new KubernetesClientBuilder().build();

    private Path fabric;
    private Path outside;
    private Path firstNode;
    private Path secondNode;
    private Path firstPod;
    private Path secondPod;
    private BridgeNetwork first;
    private BridgeNetwork second;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "nft is not there");
        fabric = namespaces.add();
        Namespaces.in(fabric, "ip", "link", "add", "switch", "type", "bridge");
        Namespaces.in(fabric, "ip", "link", "set", "switch", "up");
        outside = plugged("uplink0", OUTSIDE, OUTSIDE6);
        firstNode = plugged("uplink1", "192.0.2.1", "2001:db8::1");
        secondNode = plugged("uplink2", "192.0.2.2", "2001:db8::2");
        first = network("first", firstNode, "10.244.1.0/24", "fd00:1::/64");
        second = network("second", secondNode, "10.244.2.0/24", "fd00:2::/64");
        firstPod = namespaces.add();
        secondPod = namespaces.add();
        first.add(SandboxAttachment.of("a", firstPod));
        second.add(SandboxAttachment.of("b", secondPod).ports(List.of(new PortMap("tcp", "", 80, 8080))));
        namespaces.serve(outside, 8080);
        namespaces.serve(firstPod, 8080);
        namespaces.serve(secondPod, 8080);
    }

    /** Somebody at the switch. */
    private Path plugged(String link, String... addresses) throws Exception {
        Path made = namespaces.add();
        String fabricName = String.valueOf(fabric.getFileName());
        Namespaces.in(made, "ip", "link", "set", "lo", "up");
        Namespaces.in(made, "ip", "link", "add", "uplink", "type", "veth", "peer", "name", link, "netns", fabricName);
        Namespaces.in(fabric, "ip", "link", "set", link, "master", "switch", "up");
        for (String address : addresses) {
            String length = address.contains(":") ? "/64" : "/24";
            Namespaces.in(made, "ip", "addr", "add", address + length, "dev", "uplink", "nodad");
        }
        Namespaces.in(made, "ip", "link", "set", "uplink", "up");
        return made;
    }

    private BridgeNetwork network(String name, Path node, String... ranges) throws Exception {
        return new BridgeNetwork(
                new BridgeSettings(state.resolve(name), BridgeSettings.BRIDGE, 0, node), () -> List.of(ranges));
    }

    @AfterEach
    void close() throws Exception {
        try {
            first.close();
            second.close();
        } finally {
            namespaces.close();
            client.close();
        }
    }

    private static Node node(String name, String number) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withPodCIDRs("10.244." + number + ".0/24", "fd00:" + number + "::/64")
                .endSpec()
                .withNewStatus()
                .addNewAddress("192.0.2." + number, "InternalIP")
                .addNewAddress("2001:db8::" + number, "InternalIP")
                .endStatus()
                .build();
    }

    private void route() throws Exception {
        List<Node> nodes = List.of(node("first", "1"), node("second", "2"));
        for (String name : List.of("first", "second")) {
            Caches caches = new Caches(client, Caches.Delivery.PLAIN);
            try (RouteSync routes = new RouteSync(name, caches, name.equals("first") ? first : second, () -> true)) {
                routes.sync(nodes);
                routes.sync(nodes);
            }
        }
    }

    @Test
    void podsOfTwoNodesSeeEachOthersOwnAddresses() throws Exception {
        assertThrows(IOException.class, () -> Namespaces.askSoon(firstPod, "10.244.2.2", 8080), "without routes");
        route();
        assertEquals("10.244.1.2", Namespaces.ask(firstPod, "10.244.2.2", 8080));
        assertEquals("10.244.2.2", Namespaces.ask(secondPod, "10.244.1.2", 8080));
        assertEquals("fd00:1:0:0:0:0:0:2", Namespaces.ask(firstPod, "fd00:2::2", 8080));
        assertEquals("192.0.2.1", Namespaces.ask(firstNode, "10.244.2.2", 8080), "a node and another's pod");
        assertEquals("2001:db8:0:0:0:0:0:1", Namespaces.ask(firstNode, "fd00:2::2", 8080));
    }

    @Test
    void whatGoesOutsideHasTheNodesAddressOfTheSameFamily() throws Exception {
        route();
        assertEquals("192.0.2.1", Namespaces.ask(firstPod, OUTSIDE, 8080));
        assertEquals("192.0.2.2", Namespaces.ask(secondPod, OUTSIDE, 8080));
        assertEquals("2001:db8:0:0:0:0:0:1", Namespaces.ask(firstPod, OUTSIDE6, 8080));
    }

    @Test
    void portsOfANodeAreReachedFromTheOther() throws Exception {
        route();
        assertEquals(OUTSIDE, Namespaces.ask(outside, "192.0.2.2", 80));
        assertEquals("2001:db8:0:0:0:0:0:9", Namespaces.ask(outside, "2001:db8::2", 80));
        assertEquals("192.0.2.1", Namespaces.ask(firstNode, "192.0.2.2", 80));
        assertTrue(Namespaces.ask(firstPod, "192.0.2.2", 80).startsWith("192.0.2."), "the node is outside of pods");
        assertThrows(IOException.class, () -> Namespaces.ask(outside, "192.0.2.1", 80), "of one node only");
    }

    @Test
    void muchPassesWherePacketsBetweenNodesAreSmallerThanThoseOfPods() throws Exception {
        route();
        Namespaces.in(firstNode, "ip", "link", "set", "uplink", "mtu", "1300");
        Namespaces.in(secondNode, "ip", "link", "set", "uplink", "mtu", "1300");
        for (String address : List.of("10.244.2.2", "fd00:2::2")) {
            byte[] much = new byte[300_000];
            try (ServerSocket server = new NetworkNamespace(secondPod).call(() -> new ServerSocket(9000));
                    Socket sender = new NetworkNamespace(firstPod)
                            .call(() -> new Socket(InetAddress.ofLiteral(address), 9000));
                    Socket receiver = server.accept()) {
                receiver.setSoTimeout(10_000);
                Thread sending = Thread.ofPlatform().daemon().start(() -> {
                    try (sender) {
                        sender.getOutputStream().write(much);
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                });
                assertEquals(much.length, receiver.getInputStream().readAllBytes().length, address);
                sending.join();
            }
        }
    }

    @Test
    void aSmallerPacketCanBeSetForAllLinksOfPods() throws Exception {
        Path node = plugged("uplink3", "192.0.2.3");
        try (BridgeNetwork small = new BridgeNetwork(
                new BridgeSettings(state.resolve("small"), BridgeSettings.BRIDGE, 1400, node),
                () -> List.of("10.244.3.0/24"))) {
            Path pod = namespaces.add();
            small.add(SandboxAttachment.of("small", pod));
            assertTrue(Namespaces.in(pod, "ip", "link", "show", "eth0").contains("mtu 1400"));
            String ofNode = Namespaces.in(node, "ip", "-o", "link");
            assertEquals(
                    2, ofNode.lines().filter(line -> line.contains("mtu 1400")).count(), ofNode);
        }
    }

    @Test
    void aNodeThatGoesIsNotRoutedToAndOneThatComesBackIs() throws Exception {
        route();
        Caches caches = new Caches(client, Caches.Delivery.PLAIN);
        try (RouteSync routes = new RouteSync("first", caches, first, () -> true)) {
            routes.sync(List.of(node("first", "1")));
            assertThrows(IOException.class, () -> Namespaces.askSoon(firstPod, "10.244.2.2", 8080));
            assertFalse(Namespaces.in(firstNode, "ip", "-6", "route").contains("fd00:2::/64"));
            routes.sync(List.of(node("first", "1"), node("second", "2")));
            assertEquals("10.244.1.2", Namespaces.ask(firstPod, "10.244.2.2", 8080));
        }
    }
}
