package io.keelson.proxy.testing;

import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * A client, a node and two pods, each in a namespace of its own. The client (192.0.2.2, fd00:2::2) and the pods (10.244.1.2 and
 * 10.244.2.2, fd00:10:1::2 and fd00:10:2::2) are joined by the node, which has the first address of each of their networks. In the
 * pods a server answers at port 8080.
 */
public final class TestNetwork implements Closeable {
    /** Where pods serve. */
    public static final int PORT = 8080;

    private static final int ANSWER_MILLIS = 700;
    private static final long JOINED_NANOS_MAX = 20_000_000_000L;

    private final Deque<Closeable> opened = new ArrayDeque<>();
    private final NetworkNamespace node;
    private final NetworkNamespace client;
    private final NetworkNamespace first;
    private final NetworkNamespace second;

    /** What became of an attempt to reach something: the answer, or this. */
    public static final String REFUSED = "refused";

    /** Nobody said anything. */
    public static final String SILENCE = "silence";

    public TestNetwork() throws Exception {
        try {
            node = open(new NetworkNamespace("node"));
            client = open(new NetworkNamespace("client"));
            first = open(new NetworkNamespace("pod1"));
            second = open(new NetworkNamespace("pod2"));
            join(client, "client", "192.0.2", 24, "fd00:2:");
            join(first, "pod1", "10.244.1", 24, "fd00:10:1:");
            join(second, "pod2", "10.244.2", 24, "fd00:10:2:");
            // What is for nobody would come back to the client, who takes nothing that is not for him.
            node.ip("route add default via 192.0.2.2", "route add default via fd00:2::2");
            // The client is told of each packet that is refused, however many there are in a second.
            node.sysctl("net/ipv4/icmp_ratelimit", "0");
            node.sysctl("net/ipv6/icmp/ratelimit", "0");
            node.sysctl("net/ipv4/ip_forward", "1");
            node.sysctl("net/ipv6/conf/all/forwarding", "1");
            open(new EchoServer(first, "pod1", PORT));
            open(new EchoServer(second, "pod2", PORT));
            awaitJoined();
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private <T extends Closeable> T open(T made) {
        opened.push(made);
        return made;
    }

    private void join(NetworkNamespace other, String name, String v4, int bits, String v6) throws IOException {
        node.ip(
                "link add " + name + " type veth peer name eth0 netns " + other.name(),
                "link set " + name + " up",
                "addr add " + v4 + ".1/" + bits + " dev " + name,
                "addr add " + v6 + ":1/64 dev " + name + " nodad");
        other.ip(
                "addr add " + v4 + ".2/" + bits + " dev eth0",
                "addr add " + v6 + ":2/64 dev eth0 nodad",
                "link set eth0 up",
                "route add default via " + v4 + ".1",
                "route add default via " + v6 + ":1");
    }

    /**
     * Waits until everything reaches the pods. The kernel goes through changes of links once a second, and asks for a neighbour
     * of IPv6 again after a second only, so that what is sent at once may be lost, which a test would take for a refusal.
     */
    private void awaitJoined() throws Exception {
        long deadline = System.nanoTime() + JOINED_NANOS_MAX;
        for (NetworkNamespace from : List.of(client, node, first, second)) {
            for (String to : List.of("10.244.1.2", "10.244.2.2", "fd00:10:1::2", "fd00:10:2::2")) {
                while (!isReached(from, to)) {
                    if (System.nanoTime() - deadline > 0) {
                        throw new IOException(from.name() + " does not reach " + to);
                    }
                }
            }
        }
    }

    private static boolean isReached(NetworkNamespace from, String address) throws Exception {
        try {
            return tcp(from, address, PORT).startsWith("pod");
        } catch (SocketException _) {
            // There is no way to it yet.
            Thread.sleep(10);
            return false;
        }
    }

    /** Where the proxy is. */
    public NetworkNamespace node() {
        return node;
    }

    /** Who asks from outside. */
    public NetworkNamespace client() {
        return client;
    }

    /** The pod of 10.244.1.2. */
    public NetworkNamespace firstPod() {
        return first;
    }

    /** The pod of 10.244.2.2. */
    public NetworkNamespace secondPod() {
        return second;
    }

    /** What a server says by TCP: its name and the address that it saw; or {@link #REFUSED}, or {@link #SILENCE}. */
    public static String tcp(NetworkNamespace from, String address, int port) throws Exception {
        return from.in(() -> {
            try (Socket socket = new Socket()) {
                socket.setSoTimeout(ANSWER_MILLIS);
                socket.connect(new InetSocketAddress(InetAddress.getByName(address), port), ANSWER_MILLIS);
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (ConnectException e) {
                return REFUSED;
            } catch (SocketTimeoutException e) {
                return SILENCE;
            }
        });
    }

    /** The same by UDP. */
    public static String udp(NetworkNamespace from, String address, int port) throws Exception {
        return from.in(() -> {
            try (DatagramSocket socket = new DatagramSocket()) {
                return ask(socket, address, port);
            }
        });
    }

    /** The same from a socket that is there. */
    public static String ask(DatagramSocket socket, String address, int port) throws IOException {
        socket.setSoTimeout(ANSWER_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getByName(address), port));
        try {
            socket.send(new DatagramPacket(new byte[1], 1));
            DatagramPacket answer = new DatagramPacket(new byte[100], 100);
            socket.receive(answer);
            return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
        } catch (PortUnreachableException e) {
            return REFUSED;
        } catch (SocketTimeoutException e) {
            return SILENCE;
        }
    }

    @Override
    public void close() throws IOException {
        IOException problem = null;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (IOException e) {
                problem = e;
            }
        }
        if (problem != null) {
            throw problem;
        }
    }
}
