package io.keelson.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.controllers.testing.ManualTime;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
@Timeout(60)
class NodeLocalAddressesTest {
    private static final String ADDRESS = "10.96.0.10";
    private static final String ADDRESS6 = "fd00:96::a";
    private static final int PORT = 53;

    @TempDir
    private Path state;

    private final Namespaces namespaces = new Namespaces();
    private final ManualTime time = new ManualTime(Instant.EPOCH);
    private Path node;
    private Path pod;
    private Path outside;
    private BridgeNetwork network;
    private NodeLocalAddresses local;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "nft is not there");
        node = namespaces.add();
        pod = namespaces.add();
        outside = namespaces.add();
        Namespaces.in(node, "ip", "link", "set", "lo", "up");
        Namespaces.in(outside, "ip", "link", "set", "lo", "up");
        Namespaces.connect(node, "192.0.2.1/24", outside, "192.0.2.9/24");
        Namespaces.in(node, "ip", "route", "add", "default", "via", "192.0.2.9");
        network = new BridgeNetwork(
                new BridgeSettings(state, BridgeSettings.BRIDGE, 0, node),
                () -> List.of("10.244.7.0/24", "fd00:7::/64"));
        network.add(SandboxAttachment.of("pod", pod));
        local = at(node, List.of(ADDRESS, ADDRESS6));
        local.start();
        namespaces.serve(node, PORT);
    }

    private NodeLocalAddresses at(Path namespace, List<String> addresses) throws Exception {
        return new NodeLocalAddresses(NodeLocalAddresses.NAME, addresses, PORT, namespace, time);
    }

    @AfterEach
    void close() throws Exception {
        try {
            local.close();
            network.close();
        } finally {
            namespaces.close();
        }
    }

    private static void assertAnswered(Path pod, Path node) throws Exception {
        assertEquals("10.244.7.2", Namespaces.ask(pod, ADDRESS, PORT));
        assertTrue(Namespaces.ask(pod, ADDRESS6, PORT).startsWith("fd00:7:0:0:0:0:0:2"));
        assertEquals(ADDRESS, Namespaces.ask(node, ADDRESS, PORT), "programs of the node");
    }

    @Test
    void podsAndTheNodeReachIt() throws Exception {
        assertAnswered(pod, node);
        try (DatagramSocket server = new NetworkNamespace(node)
                        .call(() -> new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(ADDRESS), PORT)));
                DatagramSocket client = new NetworkNamespace(pod).call(DatagramSocket::new)) {
            server.setSoTimeout(5000);
            client.setSoTimeout(5000);
            client.connect(InetAddress.ofLiteral(ADDRESS), PORT);
            client.send(new DatagramPacket("who".getBytes(StandardCharsets.UTF_8), 3));
            DatagramPacket question = new DatagramPacket(new byte[10], 10);
            server.receive(question);
            assertEquals("10.244.7.2", question.getAddress().getHostAddress());
            server.send(new DatagramPacket("me".getBytes(StandardCharsets.UTF_8), 2, question.getSocketAddress()));
            client.receive(new DatagramPacket(new byte[10], 10));
        }
    }

    @Test
    void whateverAProxyDoesWithTheServiceIsNotSeen() throws Exception {
        Path rules = Files.writeString(state.resolve("proxy.nft"), """
                table inet proxy {
                  chain nat { type nat hook prerouting priority dstnat;
                    ip daddr 10.96.0.10 tcp dport 53 dnat ip to 10.244.7.99:53
                  }
                  chain nat-output { type nat hook output priority -100;
                    ip daddr 10.96.0.10 tcp dport 53 dnat ip to 10.244.7.99:53
                  }
                  chain input { type filter hook input priority filter;
                    ct state new ip daddr 10.96.0.10 reject
                    ct state new ip6 daddr fd00:96::a reject
                  }
                }
                """);
        Namespaces.in(node, "nft", "-f", rules.toString());
        assertAnswered(pod, node);
    }

    @Test
    void whatSomebodyTookAwayIsThereAgain() throws Exception {
        local.put();
        Namespaces.in(node, "ip", "link", "del", NodeLocalAddresses.NAME);
        Namespaces.in(node, "nft", "delete", "table", "inet", NodeLocalAddresses.NAME);
        Namespaces.in(node, "ip", "route", "replace", "default", "via", "192.0.2.9");
        local.put();
        assertAnswered(pod, node);
        Namespaces.in(node, "ip", "addr", "del", ADDRESS + "/32", "dev", NodeLocalAddresses.NAME);
        local.put();
        assertAnswered(pod, node);
        assertTrue(Namespaces.in(node, "nft", "list", "ruleset").contains("table inet " + NodeLocalAddresses.NAME));
    }

    @Test
    void itIsLookedAtTwiceAMinute() throws Exception {
        Namespaces.in(node, "ip", "link", "del", NodeLocalAddresses.NAME);
        for (int tries = 0; !Namespaces.in(node, "ip", "-o", "link").contains(NodeLocalAddresses.NAME); tries++) {
            assertTrue(tries < 200, "nobody looks");
            time.advance(Duration.ofSeconds(30));
        }
    }

    @Test
    void nobodyOutsideReachesItNorIsToldWhoHasIt() throws Exception {
        Namespaces.in(outside, "ip", "route", "add", ADDRESS, "via", "192.0.2.1");
        assertThrows(IOException.class, () -> Namespaces.askSoon(outside, ADDRESS, PORT), "by way of the node");
        String link =
                Namespaces.in(outside, "ip", "-o", "route", "get", "192.0.2.1").split(" ", -1)[2];
        Namespaces.in(outside, "ip", "route", "replace", ADDRESS, "dev", link);
        assertThrows(IOException.class, () -> Namespaces.askSoon(outside, ADDRESS, PORT));
        assertFalse(
                Namespaces.in(outside, "ip", "neigh", "show", ADDRESS, "nud", "reachable")
                        .contains("lladdr"),
                "who has it");
        assertEquals(
                "192.0.2.9", Namespaces.ask(outside, "192.0.2.1", PORT), "the node's own address is nothing of ours");
    }

    @Test
    void nothingForItLeavesTheNodeWhileItIsNotThere() throws Exception {
        Namespaces.in(outside, "ip", "addr", "add", ADDRESS + "/32", "dev", "lo");
        namespaces.serve(outside, PORT);
        Namespaces.in(node, "ip", "link", "del", NodeLocalAddresses.NAME);
        assertThrows(IOException.class, () -> Namespaces.askSoon(pod, ADDRESS, PORT));
    }

    @Test
    void anotherAddressTakesThePlaceOfAnEarlierOne() throws Exception {
        try (NodeLocalAddresses next = at(node, List.of("10.96.0.11"))) {
            next.put();
            assertEquals("10.244.7.2", Namespaces.ask(pod, "10.96.0.11", PORT));
            String there = Namespaces.in(node, "ip", "addr", "show", "dev", NodeLocalAddresses.NAME);
            assertFalse(there.contains(ADDRESS + "/"), there);
        }
    }

    @Test
    void nothingIsLeftAtTheEnd() throws Exception {
        local.close();
        local.put();
        assertFalse(Namespaces.in(node, "ip", "-o", "link").contains(NodeLocalAddresses.NAME));
        assertFalse(Namespaces.in(node, "nft", "list", "ruleset").contains(NodeLocalAddresses.NAME));
        local.close();
        at(node, List.of(ADDRESS)).close();
    }

    @Test
    void whatIsNoAddressOrNoNameIsSaid() {
        assertThrows(IllegalArgumentException.class, () -> at(node, List.of("10.96.0.10 drop")));
        assertThrows(IllegalArgumentException.class, () -> at(node, List.of()));
        assertThrows(
                IllegalArgumentException.class,
                () -> new NodeLocalAddresses("a { }", List.of(ADDRESS), PORT, node, time));
    }
}
