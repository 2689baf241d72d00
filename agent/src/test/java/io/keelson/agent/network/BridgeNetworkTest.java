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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("root")
@Timeout(60)
class BridgeNetworkTest {
    private static final List<String> RANGES = List.of("10.244.7.0/24", "fd00:7::/64");

    @TempDir
    private Path state;

    private final Namespaces namespaces = new Namespaces();
    /** Reads nothing: nodes are given by hand. */
    private final KubernetesClient client = new KubernetesClientBuilder().build();

    private Path node;
    private BridgeNetwork network;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "nft is not there");
        node = namespaces.add();
        Namespaces.in(node, "ip", "link", "set", "lo", "up");
        network = network(RANGES);
    }

    private BridgeNetwork network(List<String> ranges) throws Exception {
        return new BridgeNetwork(new BridgeSettings(state, BridgeSettings.BRIDGE, 0, node), () -> ranges);
    }

    @AfterEach
    void close() throws Exception {
        network.close();
        namespaces.close();
        client.close();
    }

    private static SandboxAttachment sandbox(String id, Path netns, PortMap... ports) {
        return SandboxAttachment.of(id, netns).ports(List.of(ports));
    }

    private Set<String> left() throws Exception {
        Set<String> left = new HashSet<>();
        try (Stream<Path> files = Files.walk(state)) {
            files.filter(Files::isRegularFile).forEach(file -> left.add(String.valueOf(file.getFileName())));
        }
        Namespaces.in(node, "ip", "-o", "link")
                .lines()
                .filter(line -> line.contains(": kl"))
                .forEach(left::add);
        Namespaces.in(node, "ip", "neigh", "show", "dev", "keelson0", "nud", "permanent")
                .lines()
                .filter(line -> !line.contains("ff02") && !line.contains("224."))
                .forEach(left::add);
        String rules = Namespaces.in(node, "nft", "list", "table", "inet", "keelson-network");
        rules.lines().filter(line -> line.contains("tcp .")).forEach(left::add);
        return left;
    }

    @Test
    void podsReachEachOtherTheNodeAndBack() throws Exception {
        Path one = namespaces.add();
        Path other = namespaces.add();
        List<String> first = network.add(sandbox("one", one)).addresses();
        List<String> second = network.add(sandbox("other", other)).addresses();
        assertEquals(List.of("10.244.7.2", "fd00:7::2"), first);
        assertEquals(List.of("10.244.7.3", "fd00:7::3"), second);
        namespaces.serve(other, 8080);
        namespaces.serve(node, 9090);
        namespaces.serve(one, 7070);
        assertEquals("10.244.7.2", Namespaces.ask(one, "10.244.7.3", 8080));
        assertTrue(Namespaces.ask(one, "fd00:7::3", 8080).startsWith("fd00:7:0:0:0:0:0:2"));
        assertEquals("10.244.7.2", Namespaces.ask(one, "10.244.7.1", 9090));
        assertEquals("10.244.7.1", Namespaces.ask(node, "10.244.7.3", 8080));
        assertEquals("127.0.0.1", Namespaces.ask(one, "127.0.0.1", 7070), "the pod's own loopback");
        network.check(sandbox("one", one));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void portsOfTheNodeLeadToThePodFromEverywhere(int bridgeFilter) throws Exception {
        filterBridges(1 - bridgeFilter);
        Path early = namespaces.add();
        network.add(sandbox("early", early));
        filterBridges(bridgeFilter);
        network.repair();
        namespaces.serve(early, 8080);
        Path outside = namespaces.add();
        Namespaces.connect(node, "192.0.2.1/24", outside, "192.0.2.9/24");
        Path pod = namespaces.add();
        Path other = namespaces.add();
        network.add(sandbox("pod", pod, new PortMap("tcp", "", 80, 8080), new PortMap("tcp", "192.0.2.1", 81, 8080)));
        network.add(sandbox("other", other));
        namespaces.serve(pod, 8080);
        assertEquals("10.244.7.3", Namespaces.ask(pod, "10.244.7.2", 8080));
        assertEquals("192.0.2.9", Namespaces.ask(outside, "192.0.2.1", 80), "with its own address");
        assertEquals("192.0.2.9", Namespaces.ask(outside, "192.0.2.1", 81));
        assertEquals("10.244.7.1", Namespaces.ask(node, "127.0.0.1", 80), "from the node itself");
        assertEquals("10.244.7.4", Namespaces.ask(other, "192.0.2.1", 80), "from another pod");
        assertEquals("10.244.7.2", Namespaces.ask(early, "192.0.2.1", 80), "from one that was there before");
        assertEquals("10.244.7.1", Namespaces.ask(pod, "192.0.2.1", 80), "from the pod itself");
        assertThrows(IOException.class, () -> Namespaces.ask(node, "127.0.0.1", 81), "of another address");
    }

    /** Some machines show rules what goes from port to port of a bridge, as other networks need it. */
    private void filterBridges(int on) throws Exception {
        Namespaces.in(node, "sh", "-c", "echo " + on + " > /proc/sys/net/bridge/bridge-nf-call-iptables");
    }

    @Test
    void aPortOfTheNodeLeadsToOnePod() throws Exception {
        Path pod = namespaces.add();
        Path other = namespaces.add();
        network.add(sandbox("pod", pod, new PortMap("tcp", "", 80, 8080)));
        NetworkProblem problem = assertThrows(
                NetworkProblem.class, () -> network.add(sandbox("other", other, new PortMap("tcp", "", 80, 1))));
        assertTrue(String.valueOf(problem.getMessage()).contains("80/tcp"), problem::getMessage);
        assertFalse(left().contains("10.244.7.3"), "what was begun is undone");
        network.remove(sandbox("pod", pod));
        network.add(sandbox("other", other, new PortMap("tcp", "", 80, 1)));
    }

    @Test
    void whatLeavesTheClusterHasTheNodesAddressAndWhatStaysInItHasNot() throws Exception {
        Path outside = namespaces.add();
        Namespaces.connect(node, "192.0.2.1/24", outside, "192.0.2.9/24");
        Namespaces.in(outside, "ip", "addr", "add", "10.244.8.5/32", "dev", "lo");
        Namespaces.in(outside, "ip", "link", "set", "lo", "up");
        Namespaces.in(outside, "ip", "route", "add", "10.244.7.0/24", "via", "192.0.2.1");
        namespaces.serve(outside, 8080);
        Path pod = namespaces.add();
        network.add(sandbox("pod", pod));
        try (RouteSync routes = routes()) {
            routes.sync(
                    List.of(node("other", "10.244.8.0/24", "192.0.2.9"), node("this", "10.244.7.0/24", "192.0.2.1")));
            assertEquals("192.0.2.1", Namespaces.ask(pod, "192.0.2.9", 8080));
            assertEquals("10.244.7.2", Namespaces.ask(pod, "10.244.8.5", 8080), "a pod of another node");
        }
    }

    private RouteSync routes() {
        Caches caches = new Caches(client, Caches.Delivery.PLAIN);
        return new RouteSync("this", caches, network, () -> true);
    }

    private static Node node(String name, String range, String address) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withPodCIDR(range)
                .withPodCIDRs(range)
                .endSpec()
                .withNewStatus()
                .addNewAddress()
                .withType("InternalIP")
                .withAddress(address)
                .endAddress()
                .endStatus()
                .build();
    }

    @Test
    void routesFollowTheNodes() throws Exception {
        Path outside = namespaces.add();
        Namespaces.connect(node, "192.0.2.1/24", outside, "192.0.2.9/24");
        Namespaces.in(node, "ip", "route", "add", "10.99.0.0/16", "via", "192.0.2.9");
        try (RouteSync routes = routes()) {
            routes.sync(List.of(
                    node("a", "10.244.8.0/24", "192.0.2.9"),
                    node("b", "10.244.9.0/24", "192.0.2.10"),
                    node("far", "10.244.10.0/24", "198.51.100.1"),
                    node("greedy", "0.0.0.0/0", "192.0.2.11")));
            assertEquals(Set.of("10.244.8.0/24 via 192.0.2.9", "10.244.9.0/24 via 192.0.2.10"), ourRoutes());
            routes.sync(List.of(node("a", "10.244.8.0/24", "192.0.2.12"), node("c", "10.244.11.0/24", "192.0.2.13")));
            assertEquals(Set.of("10.244.8.0/24 via 192.0.2.12", "10.244.11.0/24 via 192.0.2.13"), ourRoutes());
            routes.sync(List.of());
            assertEquals(Set.of(), ourRoutes());
        }
        assertTrue(Namespaces.in(node, "ip", "route").contains("10.99.0.0/16"), "those of others stay");
    }

    private Set<String> ourRoutes() throws Exception {
        Set<String> routes = new HashSet<>();
        Namespaces.in(node, "ip", "route", "show", "proto", "107").lines().forEach(line -> {
            List<String> words = Arrays.asList(line.split(" ", -1));
            routes.add(String.join(" ", words.subList(0, 3)));
        });
        return routes;
    }

    @Test
    void nothingIsLeftAndAddressesAreNotGivenAgainAtOnce() throws Exception {
        List<Path> pods = List.of(namespaces.add(), namespaces.add(), namespaces.add());
        for (int i = 0; i < pods.size(); i++) {
            network.add(sandbox("pod-" + i, pods.get(i), new PortMap("tcp", "", 80 + i, 8080)));
        }
        assertFalse(left().isEmpty());
        // One whose namespace is gone before.
        namespaces.remove(pods.get(1));
        for (int i = 0; i < pods.size(); i++) {
            SandboxAttachment sandbox = sandbox("pod-" + i, pods.get(i));
            network.remove(sandbox);
            network.remove(sandbox);
        }
        assertEquals(Set.of(), left());
        Path next = namespaces.add();
        assertEquals(
                "10.244.7.5", network.add(sandbox("next", next)).addresses().getFirst());
    }

    @Test
    void whatWasBegunBeforeACrashIsBroughtToAnEndOrCollected() throws Exception {
        Path pod = namespaces.add();
        Path other = namespaces.add();
        List<String> before = network.add(sandbox("pod", pod, new PortMap("tcp", "", 80, 8080)))
                .addresses();
        network.add(sandbox("other", other, new PortMap("tcp", "", 81, 8080)));
        Files.writeString(state.resolve("addresses").resolve("other.writing"), "ot");
        network.close();
        network = network(RANGES);
        assertEquals(
                before,
                network.add(sandbox("pod", pod, new PortMap("tcp", "", 80, 8080)))
                        .addresses());
        network.check(sandbox("pod", pod));
        // A link that nobody has written down.
        Namespaces.in(
                node, "ip", "link", "add", "klstranger", "master", "keelson0", "type", "veth", "peer", "name", "x");
        network.collect(Set.of("pod"));
        assertEquals(
                Set.of("10.244.7.2", "fd00:7::2", "pod"),
                left().stream().filter(each -> !each.contains(" ")).collect(Collectors.toSet()));
        assertEquals(1, left().stream().filter(each -> each.contains(": kl")).count());
        namespaces.serve(pod, 8080);
        assertEquals("10.244.7.1", Namespaces.ask(node, "127.0.0.1", 80));
        NetworkProblem gone = assertThrows(NetworkProblem.class, () -> network.check(sandbox("other", other)));
        assertTrue(String.valueOf(gone.getMessage()).contains("not on the network"), gone::getMessage);
    }

    @Test
    void whatSomebodyTookAwayIsMadeAgain() throws Exception {
        Path pod = namespaces.add();
        network.add(sandbox("pod", pod, new PortMap("tcp", "", 80, 8080)));
        namespaces.serve(pod, 8080);
        Namespaces.in(node, "nft", "flush", "ruleset");
        network.repair();
        assertEquals("10.244.7.1", Namespaces.ask(node, "127.0.0.1", 80));
        Namespaces.in(node, "nft", "delete", "table", "inet", "keelson-network");
        Path other = namespaces.add();
        network.add(sandbox("other", other, new PortMap("tcp", "", 81, 8080)));
        assertEquals("10.244.7.1", Namespaces.ask(node, "127.0.0.1", 80), "all is made anew, not only the new one");
        Namespaces.in(node, "ip", "link", "del", "keelson0");
        Path third = namespaces.add();
        network.add(sandbox("third", third));
        namespaces.serve(third, 8080);
        assertEquals("10.244.7.1", Namespaces.ask(node, "10.244.7.4", 8080));
    }

    @Test
    void aPodCannotSpeakForAnother() throws Exception {
        Path thief = namespaces.add();
        Path victim = namespaces.add();
        network.add(sandbox("thief", thief));
        String address = network.add(sandbox("victim", victim)).addresses().getFirst();
        namespaces.serve(victim, 8080);
        // It answers whoever asks who has that address, but nobody asks: the node knows.
        Namespaces.in(thief, "ip", "addr", "add", address + "/32", "dev", "eth0");
        namespaces.serve(thief, 9090);
        Path client = namespaces.add();
        network.add(sandbox("client", client));
        for (int i = 0; i < 5; i++) {
            assertEquals("10.244.7.4", Namespaces.ask(client, address, 8080));
            assertThrows(IOException.class, () -> Namespaces.ask(client, address, 9090));
        }
    }

    @Test
    void aPodDoesNotReachWhatListensOnTheNodesLoopback() throws Exception {
        Path pod = namespaces.add();
        network.add(sandbox("pod", pod));
        namespaces.serve(node, 9090);
        Namespaces.in(pod, "ip", "addr", "del", "127.0.0.1/8", "dev", "lo");
        Namespaces.in(pod, "ip", "route", "add", "127.0.0.1", "via", "10.244.7.1", "dev", "eth0", "src", "10.244.7.2");
        Namespaces.in(pod, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet");
        assertEquals("10.244.7.2", Namespaces.ask(pod, "10.244.7.1", 9090));
        assertThrows(IOException.class, () -> Namespaces.askSoon(pod, "127.0.0.1", 9090));
        Namespaces.in(node, "nft", "flush", "chain", "inet", "keelson-network", "coming");
        assertEquals("10.244.7.2", Namespaces.ask(pod, "127.0.0.1", 9090), "but for the rule it would");
    }

    @Test
    void aNodeThatForwardsListensToItsRoutersStill() throws Exception {
        Path router = namespaces.add();
        Namespaces.connect(node, "2001:db8::1/64", router, "2001:db8::9/64");
        Namespaces.in(node, "ip", "-6", "route", "add", "default", "via", "2001:db8::9");
        String uplink = Namespaces.in(node, "ip", "-6", "-o", "route", "show", "default")
                .split(" ", -1)[4];
        String acceptance = "cat /proc/sys/net/ipv6/conf/" + uplink + "/accept_ra";
        assertEquals("1", Namespaces.in(node, "sh", "-c", acceptance).strip());
        network.add(sandbox("pod", namespaces.add()));
        assertEquals("2", Namespaces.in(node, "sh", "-c", acceptance).strip());
    }

    @Test
    void twoPodsMayHaveOnePortOfDifferentAddressesOrProtocols() throws Exception {
        Path outside = namespaces.add();
        Namespaces.connect(node, "192.0.2.1/24", outside, "192.0.2.9/24");
        Namespaces.in(node, "ip", "addr", "add", "198.51.100.1/32", "dev", "lo");
        List<PortMap> ports = List.of(
                new PortMap("tcp", "192.0.2.1", 80, 8080),
                new PortMap("tcp", "198.51.100.1", 80, 8080),
                new PortMap("udp", "192.0.2.1", 80, 8080),
                new PortMap("tcp", "", 80, 8080));
        for (int i = 0; i < ports.size(); i++) {
            Path pod = namespaces.add();
            network.add(sandbox("pod-" + i, pod, ports.get(i)));
            namespaces.serve(pod, 8080);
        }
        assertEquals("192.0.2.9", Namespaces.ask(outside, "192.0.2.1", 80));
        NetworkProblem problem = assertThrows(
                NetworkProblem.class,
                () -> network.add(sandbox("late", namespaces.add(), new PortMap("udp", "192.0.2.1", 80, 1))));
        assertTrue(String.valueOf(problem.getMessage()).contains("80/udp"), problem::getMessage);
    }

    @Test
    void withoutARangeTheNetworkSaysWhoGivesOne() throws Exception {
        try (BridgeNetwork none = network(List.of())) {
            assertTrue(none.problem().orElse("").contains("podCIDR"));
        }
        try (BridgeNetwork wrong = network(List.of("10.0.0.0/33"))) {
            assertTrue(wrong.problem().orElse("").contains("10.0.0.0/33"));
        }
        try (BridgeNetwork small = network(List.of("10.0.0.0/31"))) {
            assertTrue(small.problem().orElse("").contains("no room"));
        }
        assertEquals("", network.problem().orElse(""));
    }

    @Test
    void aFullRangeIsToldAndFreedByWhoGoes() throws Exception {
        try (BridgeNetwork small = network(List.of("10.244.7.0/29"))) {
            List<Path> pods = new ArrayList<>();
            Set<String> given = new HashSet<>();
            for (int i = 0; i < 5; i++) {
                pods.add(namespaces.add());
                given.addAll(small.add(sandbox("pod-" + i, pods.get(i))).addresses());
            }
            assertEquals(5, given.size());
            Path late = namespaces.add();
            NetworkProblem full = assertThrows(NetworkProblem.class, () -> small.add(sandbox("late", late)));
            assertTrue(String.valueOf(full.getMessage()).contains("in use"), full::getMessage);
            small.remove(sandbox("pod-2", pods.get(2)));
            assertEquals(List.of("10.244.7.4"), small.add(sandbox("late", late)).addresses());
        }
    }

    @Test
    void nothingIsLeftOfWhatWasCutOffAtAnyMoment() throws Exception {
        Random random = new Random(7);
        List<Path> pods = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            pods.add(namespaces.add());
        }
        network.add(sandbox("stays", namespaces.add(), new PortMap("tcp", "", 99, 8080)));
        Set<String> before = left();
        for (int round = 0; round < 4; round++) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < pods.size(); i++) {
                SandboxAttachment sandbox = sandbox("pod-" + i, pods.get(i), new PortMap("tcp", "", 80 + i, 8080));
                threads.add(Thread.ofPlatform().start(() -> addOrNot(sandbox)));
            }
            for (Thread thread : threads) {
                Thread.sleep(random.nextInt(25));
                thread.interrupt();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            if (random.nextBoolean()) {
                // As after a crash: all that is known stands in files.
                network.close();
                network = network(RANGES);
            }
            network.collect(Set.of("stays"));
            network.repair();
        }
        assertEquals(before, left());
    }

    private void addOrNot(SandboxAttachment sandbox) {
        try {
            network.add(sandbox);
        } catch (NetworkProblem | InterruptedException e) {
            // It is cut off on purpose; what is left of it is collected.
            return;
        }
    }

    @Test
    void aPodIsOnTheNetworkInMilliseconds() throws Exception {
        int count = 10;
        List<Path> pods = new ArrayList<>();
        for (int i = 0; i <= count; i++) {
            pods.add(namespaces.add());
        }
        network.add(sandbox("first", pods.get(count)));
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long begin = System.nanoTime();
            network.add(sandbox("pod-" + i, pods.get(i)));
            micros.add(Duration.ofNanos(System.nanoTime() - begin).toNanos() / 1000);
        }
        micros.sort(null);
        System.out.println(
                "a pod on the built-in network: p50 " + micros.get(count / 2) + " us, max " + micros.getLast() + " us");
        assertTrue(micros.get(count / 2) < 200_000, () -> "even on a busy machine: " + micros);
    }
}
