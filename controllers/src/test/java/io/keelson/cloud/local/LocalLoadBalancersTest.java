package io.keelson.cloud.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.LoadBalancerStatus;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.keelson.cloud.AddressRange;
import io.keelson.cloud.CloudException;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real sockets on loopback addresses that no other run of the tests uses. */
class LocalLoadBalancersTest {
    private static final String CLUSTER = "kubernetes";
    private static final String NET = net();

    private final List<AutoCloseable> open = new ArrayList<>();

    /** The first three parts of addresses of this process. */
    static String net() {
        long pid = ProcessHandle.current().pid();
        return "127." + (64 + pid % 128) + '.' + (pid / 128 % 250);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T opened(T thing) {
        open.add(thing);
        return thing;
    }

    private static List<AddressRange> ranges(String... texts) {
        List<AddressRange> ranges = new ArrayList<>();
        for (String text : texts) {
            AddressRange range = AddressRange.parse(text);
            assertNotNull(range);
            ranges.add(range);
        }
        return ranges;
    }

    private static LocalSettings settings(String... pool) {
        return new LocalSettings(
                ranges(pool),
                "lo",
                "VIP",
                4,
                2,
                Duration.ofMillis(500),
                Duration.ofMillis(1500),
                Duration.ofMillis(400),
                Duration.ofMillis(50));
    }

    private LocalLoadBalancers balancers(LocalSettings settings) {
        return opened(new LocalLoadBalancers(settings, IpCommand.MACHINE, () -> true));
    }

    private static Node node(String name, String address) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewStatus()
                .addNewAddress()
                .withType("InternalIP")
                .withAddress(address)
                .endAddress()
                .endStatus()
                .build();
    }

    private static ServiceBuilder service(String uid, String protocol, int port, int nodePort) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(uid)
                .withUid(uid)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .withNewSpec()
                .withType("LoadBalancer")
                .withIpFamilies("IPv4")
                .addNewPort()
                .withProtocol(protocol)
                .withPort(port)
                .withNodePort(nodePort)
                .endPort()
                .endSpec();
    }

    private static String ip(LoadBalancerStatus status) {
        return status.getIngress().getFirst().getIp();
    }

    private static int freePort(String host) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(host, 0));
            return socket.getLocalPort();
        }
    }

    @Test
    void connectionsReachTheNodesInTurnAndGoOnWithoutTheOneThatIsDown() throws IOException {
        Echo first = opened(Echo.tcp("first", NET + ".201", 0));
        Echo second = opened(Echo.tcp("second", NET + ".202", first.port()));
        LocalLoadBalancers balancers = balancers(settings(NET + ".1-" + NET + ".9"));
        int port = freePort(NET + ".1");
        Service service = service("web", "TCP", port, first.port()).build();
        List<Node> nodes = List.of(node("a", NET + ".201"), node("b", NET + ".202"));
        LoadBalancerStatus status = balancers.ensure(CLUSTER, service, nodes);
        assertEquals(NET + ".1", ip(status));
        assertEquals("VIP", status.getIngress().getFirst().getIpMode());
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            answers.add(Echo.ask("127.0.0.1", ip(status), port, "hello"));
        }
        assertEquals(Set.of("first hello", "second hello"), answers);
        second.close();
        for (int i = 0; i < 4; i++) {
            assertEquals("first hello", Echo.ask("127.0.0.1", ip(status), port, "hello"));
        }
        balancers.update(CLUSTER, service, List.of());
        assertEquals("", Echo.ask("127.0.0.1", ip(status), port, "hello"), "nobody is there");
        balancers.update(CLUSTER, service, nodes);
        String much = "x".repeat(3_000_000);
        assertEquals("first " + much, Echo.ask("127.0.0.1", ip(status), port, much));
        balancers.delete(CLUSTER, service);
        assertEquals("", Echo.ask("127.0.0.1", ip(status), port, "hello"), "nobody listens");
        assertTrue(balancers.find(CLUSTER, service).isEmpty());
        balancers.delete(CLUSTER, service);
    }

    @Test
    void onlyTrafficFromTheSourceRangesIsPassedOn() throws IOException {
        Echo echo = opened(Echo.tcp("node", NET + ".201", 0));
        Echo datagrams = opened(Echo.udp("node", NET + ".201", 0));
        LocalLoadBalancers balancers = balancers(settings(NET + ".11-" + NET + ".19"));
        int port = freePort(NET + ".11");
        Service service = service("web", "TCP", port, echo.port())
                .editSpec()
                .addNewPort()
                .withProtocol("UDP")
                .withPort(port)
                .withNodePort(datagrams.port())
                .endPort()
                .withLoadBalancerSourceRanges("127.1.2.0/24", "fd00::/8")
                .endSpec()
                .build();
        String ip = ip(balancers.ensure(CLUSTER, service, List.of(node("a", NET + ".201"))));
        assertEquals("node hi", Echo.ask("127.1.2.3", ip, port, "hi"));
        assertEquals("", Echo.ask("127.1.3.3", ip, port, "hi"));
        try (DatagramSocket inside = new DatagramSocket(new InetSocketAddress("127.1.2.3", 0));
                DatagramSocket outside = new DatagramSocket(new InetSocketAddress("127.1.3.3", 0))) {
            assertEquals("node hi", Echo.askOnce(inside, ip, port, "hi", Duration.ofSeconds(10)));
            assertEquals("", Echo.askOnce(outside, ip, port, "hi", Duration.ofMillis(100)));
        }
        Service wrong = new ServiceBuilder(service)
                .editSpec()
                .withLoadBalancerSourceRanges("127.1.2.0/33")
                .endSpec()
                .build();
        assertThrows(CloudException.class, () -> balancers.ensure(CLUSTER, wrong, List.of()));
    }

    @Test
    void noMoreConnectionsAreOpenThanThereIsRoomForAndIdleOnesEnd() throws IOException, InterruptedException {
        ServerSocket silent = opened(new ServerSocket());
        silent.bind(new InetSocketAddress(NET + ".201", 0));
        LocalLoadBalancers balancers = balancers(settings(NET + ".21-" + NET + ".29"));
        int port = freePort(NET + ".21");
        String ip = ip(balancers.ensure(
                CLUSTER, service("web", "TCP", port, silent.getLocalPort()).build(), List.of(node("a", NET + ".201"))));
        for (int i = 0; i < 4; i++) {
            Socket client = opened(new Socket(ip, port));
            Socket node = opened(silent.accept());
            client.getOutputStream().write(7);
            assertEquals(7, node.getInputStream().read());
        }
        assertEquals("", Echo.ask("127.0.0.1", ip, port, "one too many"));
        TestCluster.await("idle ones have made room", () -> {
            try (Socket client = new Socket(ip, port)) {
                client.setSoTimeout(100);
                return client.getInputStream().read() >= 0;
            } catch (SocketTimeoutException e) {
                return true;
            } catch (IOException e) {
                return false;
            }
        });
    }

    @Test
    void aClientThatReadsNothingOfALongAnswerDoesNotHoldItsRoomForEver() throws IOException, InterruptedException {
        ServerSocket talking = opened(new ServerSocket());
        talking.bind(new InetSocketAddress(NET + ".201", 0));
        LocalLoadBalancers balancers = balancers(settings(NET + ".91-" + NET + ".99"));
        int port = freePort(NET + ".91");
        String ip = ip(balancers.ensure(
                CLUSTER,
                service("web", "TCP", port, talking.getLocalPort()).build(),
                List.of(node("a", NET + ".201"))));
        List<Thread> talkers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Socket client = opened(new Socket());
            client.setReceiveBufferSize(4096);
            client.connect(new InetSocketAddress(ip, port));
            Socket node = opened(talking.accept());
            // Its question is whole: only the answer keeps the connection open.
            client.shutdownOutput();
            talkers.add(Thread.ofVirtual().start(() -> talk(node)));
        }
        assertEquals("", Echo.ask("127.0.0.1", ip, port, "one too many"));
        for (Thread talker : talkers) {
            assertTrue(talker.join(Duration.ofSeconds(20)), "the connection was ended");
        }
    }

    /** Says more than anybody reads, until the connection is lost. */
    private static void talk(Socket node) {
        byte[] words = new byte[1 << 16];
        try {
            while (true) {
                node.getOutputStream().write(words);
            }
        } catch (IOException e) {
            // That is what it is for.
            return;
        }
    }

    @Test
    void datagramsFindTheirWayBackAndSilentSendersAreForgotten() throws IOException {
        Echo echo = opened(Echo.udp("node", NET + ".201", 0));
        LocalLoadBalancers balancers = balancers(settings(NET + ".31-" + NET + ".39"));
        int port = freePort(NET + ".31");
        String ip = ip(balancers.ensure(
                CLUSTER, service("dns", "UDP", port, echo.port()).build(), List.of(node("a", NET + ".201"))));
        // More senders than are remembered.
        List<DatagramSocket> senders = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            senders.add(opened(new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))));
        }
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < senders.size(); i++) {
                assertEquals(
                        "node " + round + i,
                        Echo.askOnce(senders.get(i), ip, port, "" + round + i, Duration.ofSeconds(10)));
            }
        }
        String large = "y".repeat(60_000);
        assertEquals("node " + large, Echo.askOnce(senders.getFirst(), ip, port, large, Duration.ofSeconds(10)));
    }

    @Test
    void aSenderThatIsNeverSilentGetsAnotherNodeWhenItsOwnTakesNoTrafficAnyMore()
            throws IOException, InterruptedException {
        Echo first = opened(Echo.udp("first", NET + ".201", 0));
        opened(Echo.udp("second", NET + ".202", first.port()));
        LocalLoadBalancers balancers = balancers(settings(NET + ".35-" + NET + ".39"));
        int port = freePort(NET + ".35");
        Service service = service("dns", "UDP", port, first.port()).build();
        String ip = ip(balancers.ensure(CLUSTER, service, List.of(node("a", NET + ".201"))));
        DatagramSocket sender = opened(new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
        assertEquals("first hi", Echo.askOnce(sender, ip, port, "hi", Duration.ofSeconds(10)));
        // It is there still, and would answer.
        balancers.update(CLUSTER, service, List.of(node("b", NET + ".202")));
        TestCluster.await("the other one answers", () -> {
            try {
                return Echo.askOnce(sender, ip, port, "hi", Duration.ofMillis(100))
                        .equals("second hi");
            } catch (IOException e) {
                return false;
            }
        });
    }

    @Test
    void withThePolicyLocalOnlyNodesWithAnEndpointGetTraffic() throws IOException, InterruptedException {
        Echo first = opened(Echo.tcp("first", NET + ".201", 0));
        opened(Echo.tcp("second", NET + ".202", first.port()));
        AtomicInteger firstSays = new AtomicInteger(503);
        HttpServer one = health(NET + ".201", 0, firstSays);
        HttpServer other = health(NET + ".202", one.getAddress().getPort(), new AtomicInteger(200));
        LocalLoadBalancers balancers = balancers(settings(NET + ".41-" + NET + ".49"));
        int port = freePort(NET + ".41");
        Service service = service("web", "TCP", port, first.port())
                .editSpec()
                .withExternalTrafficPolicy("Local")
                .withHealthCheckNodePort(other.getAddress().getPort())
                .endSpec()
                .build();
        String ip = ip(balancers.ensure(CLUSTER, service, List.of(node("a", NET + ".201"), node("b", NET + ".202"))));
        TestCluster.await("only the second gets traffic", () -> only("second", ip, port));
        firstSays.set(200);
        TestCluster.await("the first gets some as well", () -> !only("second", ip, port));
    }

    private static boolean only(String name, String ip, int port) {
        try {
            for (int i = 0; i < 4; i++) {
                if (!Echo.ask("127.0.0.1", ip, port, "").equals(name + ' ')) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private HttpServer health(String host, int port, AtomicInteger says) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(host, port), 8);
        server.createContext("/healthz", exchange -> {
            exchange.sendResponseHeaders(says.get(), -1);
            exchange.close();
        });
        server.start();
        open.add(() -> server.stop(0));
        return server;
    }

    @Test
    void aClientKeepsItsNodeIfTheServiceSaysSo() {
        Service service = service("web", "TCP", 80, 30080)
                .editSpec()
                .withSessionAffinity("ClientIP")
                .endSpec()
                .build();
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            nodes.add(node("n" + i, "10.0.0." + i));
        }
        Plan all = Plan.of(service, List.of(), nodes);
        Plan fewer = all.with(nodes.subList(0, 9));
        int moved = 0;
        Set<String> used = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            IpAddress client = IpAddress.parse("192.168.0." + i);
            assertNotNull(client);
            String first = all.order(client, i, node -> null).getFirst().name();
            used.add(first);
            assertEquals(
                    first, all.order(client, i + 1, node -> null).getFirst().name());
            String then = fewer.order(client, i, node -> null).getFirst().name();
            moved += first.equals(then) || first.equals("n9") ? 0 : 1;
        }
        assertEquals(10, used.size());
        assertEquals(0, moved, "only clients of the node that is gone have another one");
    }

    @Test
    void addressesAreThoseThatServicesSayTheyHaveAfterARestart() {
        LocalLoadBalancers balancers = balancers(settings(NET + ".51-" + NET + ".53"));
        Service young = told(service("young", "TCP", 80, 30080), NET + ".52", "2026-03-01T00:00:00Z");
        Service old = told(service("old", "TCP", 80, 30080), NET + ".52", "2026-02-01T00:00:00Z");
        Service stranger = told(service("stranger", "TCP", 80, 30080), "10.9.9.9", "2026-02-01T00:00:00Z");
        balancers.recover(CLUSTER, List.of(young, old, stranger));
        AddressChoiceAnswers answers = new AddressChoiceAnswers(balancers);
        assertEquals(NET + ".51", answers.of(service("fresh", "TCP", 1, 2).build()));
        assertEquals(NET + ".52", answers.of(old));
        assertEquals(NET + ".53", answers.of(young));
        CloudException refusal = assertThrows(CloudException.class, () -> answers.of(stranger));
        assertEquals(
                "there is no free IPv4 address in the pool, which is " + NET + ".51-" + NET
                        + ".53: delete a Service of type LoadBalancer, or add addresses to the file of --cloud-config",
                refusal.getMessage());
        balancers.delete(CLUSTER, old);
        assertEquals(NET + ".52", answers.of(stranger));
    }

    private static Service told(ServiceBuilder service, String ip, String created) {
        return service.editMetadata()
                .withCreationTimestamp(created)
                .endMetadata()
                .withNewStatus()
                .withNewLoadBalancer()
                .addNewIngress()
                .withIp(ip)
                .endIngress()
                .endLoadBalancer()
                .endStatus()
                .build();
    }

    /** Asks for load balancers without ports, of which only the address is of interest. */
    private record AddressChoiceAnswers(LocalLoadBalancers balancers) {
        private String of(Service service) {
            Service bare =
                    new ServiceBuilder(service).editSpec().withPorts().endSpec().build();
            return ip(balancers.ensure(CLUSTER, bare, List.of()));
        }
    }

    @Test
    void theAddressThatAServiceAsksForIsItsOwnOrToldWhyNot() {
        LocalLoadBalancers balancers = balancers(settings(NET + ".61-" + NET + ".63", "::1"));
        AddressChoiceAnswers answers = new AddressChoiceAnswers(balancers);
        Service web = asking(service("web", "TCP", 1, 2), NET + ".62");
        assertEquals(NET + ".62", answers.of(web));
        assertEquals(
                "spec.loadBalancerIP: " + NET + ".62 is taken by another Service",
                assertThrows(CloudException.class, () -> answers.of(asking(service("other", "TCP", 1, 2), NET + ".62")))
                        .getMessage());
        assertTrue(String.valueOf(assertThrows(
                                CloudException.class,
                                () -> answers.of(asking(service("other", "TCP", 1, 2), "10.0.0.1")))
                        .getMessage())
                .startsWith("spec.loadBalancerIP: 10.0.0.1 is not in the pool, which is "));
        assertThrows(CloudException.class, () -> answers.of(asking(service("other", "TCP", 1, 2), "::1")));
        assertThrows(CloudException.class, () -> answers.of(asking(service("other", "TCP", 1, 2), "web")));
        // Another wish frees the address that it had.
        assertEquals(NET + ".61", answers.of(asking(service("web", "TCP", 1, 2), NET + ".61")));
        assertEquals(NET + ".62", answers.of(asking(service("other", "TCP", 1, 2), NET + ".62")));
        Service both = service("both", "TCP", 1, 2)
                .editSpec()
                .withIpFamilies("IPv4", "IPv6")
                .withPorts()
                .endSpec()
                .build();
        assertEquals(
                List.of(NET + ".63", "::1"),
                balancers.ensure(CLUSTER, both, List.of()).getIngress().stream()
                        .map(each -> each.getIp())
                        .toList());
        // One family less, and its address is free.
        Service one = new ServiceBuilder(both)
                .editSpec()
                .withIpFamilies("IPv6")
                .endSpec()
                .build();
        assertEquals("::1", ip(balancers.ensure(CLUSTER, one, List.of())));
        assertEquals(NET + ".63", answers.of(service("last", "TCP", 1, 2).build()));
    }

    private static Service asking(ServiceBuilder service, String ip) {
        return service.editSpec().withLoadBalancerIP(ip).endSpec().build();
    }

    @Test
    void aServiceThatCannotMoveKeepsTheAddressThatItAnswersAt() throws IOException {
        Echo echo = opened(Echo.tcp("node", NET + ".201", 0));
        LocalLoadBalancers balancers = balancers(settings(NET + ".81-" + NET + ".84"));
        AddressChoiceAnswers answers = new AddressChoiceAnswers(balancers);
        int port = freePort(NET + ".81");
        List<Node> nodes = List.of(node("a", NET + ".201"));
        assertEquals(
                NET + ".81",
                ip(balancers.ensure(
                        CLUSTER, service("web", "TCP", port, echo.port()).build(), nodes)));
        Service wrong = asking(service("web", "SCTP", port, echo.port()), NET + ".82");
        assertThrows(CloudException.class, () -> balancers.ensure(CLUSTER, wrong, nodes));
        assertEquals("node hi", Echo.ask("127.0.0.1", NET + ".81", port, "hi"), "it is there still");
        assertEquals(
                NET + ".83", answers.of(service("other", "TCP", 1, 2).build()), "neither of the two is another one's");
        balancers.ensure(CLUSTER, asking(service("web", "TCP", port, echo.port()), NET + ".82"), nodes);
        assertEquals("node hi", Echo.ask("127.0.0.1", NET + ".82", port, "hi"));
        assertEquals(NET + ".81", answers.of(service("third", "TCP", 1, 2).build()), "the old one is free now");
    }

    @Test
    void anAddressThatAServiceHasLeftIsTakenFromTheInterfaceHoweverOftenTheMoveFailed() throws IOException {
        List<String> taken = new ArrayList<>();
        LocalLoadBalancers balancers = opened(new LocalLoadBalancers(
                settings("192.0.2.1-192.0.2.9"),
                (arguments, input) -> {
                    if (arguments.contains("del")) {
                        taken.add(arguments.get(2));
                    }
                    return arguments.contains("show") ? "[]" : "";
                },
                () -> true));
        AddressChoiceAnswers answers = new AddressChoiceAnswers(balancers);
        assertEquals("192.0.2.1", answers.of(service("web", "TCP", 1, 2).build()));
        Service moved = asking(service("web", "TCP", portThatIsTaken("192.0.2.2"), 30080), "192.0.2.2");
        assertThrows(CloudException.class, () -> balancers.ensure(CLUSTER, moved, List.of()));
        assertThrows(CloudException.class, () -> balancers.ensure(CLUSTER, moved, List.of()));
        assertEquals(List.of(), taken);
        assertEquals("192.0.2.2", answers.of(moved));
        assertEquals(List.of("192.0.2.1/32"), taken);
        balancers.delete(CLUSTER, moved);
        assertEquals(List.of("192.0.2.1/32", "192.0.2.2/32"), taken);
    }

    /** A port of an address that no machine has; some let a program listen there all the same. */
    private int portThatIsTaken(String ip) throws IOException {
        ServerSocket socket = opened(new ServerSocket());
        try {
            socket.bind(new InetSocketAddress(ip, 0));
            return socket.getLocalPort();
        } catch (BindException e) {
            return 80;
        }
    }

    @Test
    void whatCannotBePassedOnIsToldClearly() throws IOException {
        LocalLoadBalancers balancers = balancers(settings(NET + ".71"));
        assertEquals(
                "port 80: only TCP and UDP are passed on, not SCTP",
                assertThrows(
                                CloudException.class,
                                () -> balancers.ensure(
                                        CLUSTER,
                                        service("web", "SCTP", 80, 30080).build(),
                                        List.of()))
                        .getMessage());
        assertTrue(String.valueOf(assertThrows(
                                CloudException.class,
                                () -> balancers.ensure(
                                        CLUSTER, service("web", "TCP", 80, 0).build(), List.of()))
                        .getMessage())
                .contains("allocateLoadBalancerNodePorts"));
        ServerSocket taken = opened(new ServerSocket());
        taken.bind(new InetSocketAddress(NET + ".71", 0));
        Service service = service("web", "TCP", taken.getLocalPort(), 30080).build();
        CloudException refusal =
                assertThrows(CloudException.class, () -> balancers.ensure(CLUSTER, service, List.of()));
        assertEquals(
                "cannot listen at TCP port " + taken.getLocalPort() + " of " + NET + ".71: Address already in use",
                refusal.getMessage());
        taken.close();
        assertEquals(NET + ".71", ip(balancers.ensure(CLUSTER, service, List.of())));
    }
}
