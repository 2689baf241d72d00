package io.keelson.proxy.userspace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Time;
import io.keelson.proxy.rules.Destination;
import io.keelson.proxy.rules.Endpoint;
import io.keelson.proxy.rules.NodeView;
import io.keelson.proxy.rules.PortRules;
import io.keelson.proxy.rules.ServicePort;
import io.keelson.proxy.rules.ServicePortName;
import io.keelson.proxy.rules.Transport;
import io.keelson.proxy.testing.NetworkNamespace;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class UserspaceForwardingTest {
    private static final String CLUSTER_IP = "127.7.7.7";

    private final Time time = Time.system();
    private final Set<String> had = new TreeSet<>();
    private final List<AutoCloseable> servers = new ArrayList<>();
    private final UserspaceForwarding forwarding = new UserspaceForwarding(
            new LocalAddresses() {
                @Override
                public void add(IpAddress address) {
                    had.add(address.toString());
                }

                @Override
                public void remove(IpAddress address) {
                    had.remove(address.toString());
                }
            },
            () -> {},
            time);

    @AfterEach
    void close() throws Exception {
        forwarding.close();
        for (AutoCloseable server : servers) {
            server.close();
        }
        time.close();
        assertEquals(Set.of(), had);
    }

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    private static PortRules rules(Transport transport, int port, int affinitySeconds, int... endpoints) {
        List<Endpoint> all = new ArrayList<>();
        for (int endpoint : endpoints) {
            all.add(new Endpoint(
                    new Destination(address("127.0.0.1"), endpoint),
                    true,
                    true,
                    false,
                    true,
                    false,
                    Set.of(),
                    Set.of()));
        }
        ServicePort servicePort = new ServicePort(
                new ServicePortName(Key.of("default", "web"), "", transport),
                address(CLUSTER_IP),
                port,
                0,
                List.of(),
                List.of(),
                null,
                affinitySeconds,
                false,
                false,
                0);
        return PortRules.of(servicePort, all, new NodeView("node", "", List.of()));
    }

    /** A server that says a name, and what it was told up to the end. */
    private int tcpServer(String name) throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        servers.add(server);
        Thread _ = Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    byte[] told = socket.getInputStream().readAllBytes();
                    socket.getOutputStream().write((name + " " + told.length).getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    // It ends, or the client is gone.
                    Thread.onSpinWait();
                }
            }
        });
        return server.getLocalPort();
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(CLUSTER_IP))) {
            return socket.getLocalPort();
        }
    }

    private static String ask(int port, int bytes) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(CLUSTER_IP, port), 2000);
            socket.setSoTimeout(5000);
            socket.getOutputStream().write(new byte[bytes]);
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** A socket that is closed may take a connection more, until the thread that waited at it has noticed. */
    private static void awaitRefused(int port) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < 5_000_000_000L) {
            try {
                String _ = ask(port, 1);
            } catch (ConnectException e) {
                return;
            } catch (IOException e) {
                Thread.onSpinWait();
            }
        }
        fail("it is not refused");
    }

    @Test
    void aConnectionIsCopiedBothWaysToItsEnds() throws Exception {
        int port = free();
        int first = tcpServer("first");
        int second = tcpServer("second");
        forwarding.apply(List.of(rules(Transport.TCP, port, 0, first)), List.of(), null);
        assertEquals(Set.of(CLUSTER_IP), had);
        assertEquals("first 1000000", ask(port, 1_000_000));
        forwarding.apply(List.of(rules(Transport.TCP, port, 0, first, second)), List.of(), null);
        Set<String> seen = new TreeSet<>();
        for (int i = 0; i < 40; i++) {
            seen.add(ask(port, 1));
        }
        assertEquals(Set.of("first 1", "second 1"), seen);
        forwarding.apply(List.of(rules(Transport.TCP, port, 60, first, second)), List.of(), null);
        String kept = ask(port, 1);
        for (int i = 0; i < 10; i++) {
            assertEquals(kept, ask(port, 1));
        }
        forwarding.apply(List.of(rules(Transport.TCP, port, 0)), List.of(), null);
        awaitRefused(port);
        forwarding.apply(List.of(rules(Transport.TCP, port, 0, second)), List.of(), null);
        assertEquals("second 1", ask(port, 1));
        forwarding.apply(List.of(), List.of(rules(Transport.TCP, port, 0).name()), null);
        awaitRefused(port);
    }

    private int udpServer(String name) throws IOException {
        DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        servers.add(server);
        Thread _ = Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    DatagramPacket packet = new DatagramPacket(new byte[100], 100);
                    server.receive(packet);
                    byte[] answer = (name + " " + packet.getLength()).getBytes(StandardCharsets.UTF_8);
                    server.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                } catch (IOException e) {
                    // It ends.
                    Thread.onSpinWait();
                }
            }
        });
        return server.getLocalPort();
    }

    @Test
    void packetsOfAClientFollowTheEndpoints() throws Exception {
        int port = free();
        int first = udpServer("first");
        int second = udpServer("second");
        forwarding.apply(List.of(rules(Transport.UDP, port, 0, first)), List.of(), null);
        try (DatagramSocket client = new DatagramSocket()) {
            client.setSoTimeout(5000);
            client.connect(new InetSocketAddress(CLUSTER_IP, port));
            assertEquals("first 3", ask(client));
            forwarding.apply(List.of(rules(Transport.UDP, port, 0, second)), List.of(), null);
            assertEquals("second 3", ask(client));
        }
    }

    private static String ask(DatagramSocket client) throws IOException {
        client.send(new DatagramPacket(new byte[3], 3));
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        client.receive(answer);
        return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
    }

    @Test
    @Tag("root")
    void theNodeHasTheAddressesAsLongAsTheyAreServed() throws Exception {
        NetworkNamespace.assumePossible();
        try (NetworkNamespace node = new NetworkNamespace("link");
                NetlinkSocket socket = node.in(() -> new NetlinkSocket(NetlinkSocket.ROUTE))) {
            ServiceLink link = new ServiceLink(socket);
            link.add(address("10.96.0.10"));
            link.add(address("10.96.0.10"));
            link.add(address("fd00::10"));
            String shown = node.command("", "ip", "-o", "addr", "show", "dev", ServiceLink.NAME);
            assertTrue(shown.contains("10.96.0.10/32"), shown);
            assertTrue(shown.contains("fd00::10/128"), shown);
            // Another start finds it.
            ServiceLink again = new ServiceLink(socket);
            again.remove(address("10.96.0.10"));
            again.remove(address("10.96.0.10"));
            shown = node.command("", "ip", "-o", "addr", "show", "dev", ServiceLink.NAME);
            assertFalse(shown.contains("10.96.0.10"), shown);
            again.delete();
            assertFalse(node.command("", "ip", "-o", "link").contains(ServiceLink.NAME));
        }
    }
}
