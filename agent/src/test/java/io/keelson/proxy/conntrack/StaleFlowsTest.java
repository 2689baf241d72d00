package io.keelson.proxy.conntrack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.runtime.Key;
import io.keelson.proxy.rules.Destination;
import io.keelson.proxy.rules.Endpoint;
import io.keelson.proxy.rules.Frontend;
import io.keelson.proxy.rules.NodeView;
import io.keelson.proxy.rules.Octets;
import io.keelson.proxy.rules.PortRules;
import io.keelson.proxy.rules.ServicePort;
import io.keelson.proxy.rules.ServicePortName;
import io.keelson.proxy.rules.Transport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StaleFlowsTest {
    private static final String DNS = "10.96.0.10";

    private final StaleFlows flows = new StaleFlows();

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    private static PortRules rules(Transport transport, String... endpoints) {
        List<Endpoint> all = new ArrayList<>();
        for (String endpoint : endpoints) {
            all.add(new Endpoint(
                    new Destination(address(endpoint), 53), true, true, false, false, true, Set.of(), Set.of()));
        }
        ServicePort port = new ServicePort(
                new ServicePortName(Key.of("kube-system", "dns"), "dns", transport),
                address(DNS),
                53,
                30053,
                List.of(),
                List.of(),
                null,
                0,
                false,
                false,
                0);
        return PortRules.of(port, all, new NodeView("node", "", List.of()));
    }

    private static Flow flow(Transport transport, String asked, int port, String answering) {
        return new Flow(
                transport,
                new Destination(address(asked), port),
                new Destination(address(answering), asked.equals(answering) ? port : 53),
                Octets.EMPTY,
                1,
                0);
    }

    private static boolean isStale(Map<Frontend, Set<Destination>> taken, Flow flow) {
        return StaleFlows.isStale(flow, taken, address("192.0.2.1")::equals);
    }

    @Test
    void whatLeadsToAnEndpointThatIsGoneIsStale() {
        flows.put(rules(Transport.UDP, "10.244.0.1", "10.244.0.2"));
        flows.take();
        flows.put(rules(Transport.UDP, "10.244.0.2"));
        Map<Frontend, Set<Destination>> taken = flows.take();
        assertTrue(isStale(taken, flow(Transport.UDP, DNS, 53, "10.244.0.1")));
        assertFalse(isStale(taken, flow(Transport.UDP, DNS, 53, "10.244.0.2")));
        assertTrue(isStale(taken, flow(Transport.UDP, "192.0.2.1", 30053, "10.244.0.1")));
        assertFalse(isStale(taken, flow(Transport.UDP, "192.0.2.1", 30053, "10.244.0.2")));
        // The same port of another machine is nothing of ours.
        assertFalse(isStale(taken, flow(Transport.UDP, "192.0.2.7", 30053, "192.0.2.7")));
        assertFalse(isStale(taken, flow(Transport.TCP, DNS, 53, "10.244.0.1")));
        assertFalse(flows.isPending());
    }

    @Test
    void whatLedNowhereBeforeThereWereEndpointsIsStale() {
        flows.put(rules(Transport.UDP));
        flows.take();
        flows.put(rules(Transport.UDP, "10.244.0.1"));
        assertTrue(isStale(flows.take(), flow(Transport.UDP, DNS, 53, DNS)));
    }

    @Test
    void anEndpointThatComesMakesNothingStale() {
        flows.put(rules(Transport.UDP, "10.244.0.1"));
        flows.take();
        flows.put(rules(Transport.UDP, "10.244.0.1", "10.244.0.2"));
        assertFalse(flows.isPending());
        flows.put(rules(Transport.TCP, "10.244.0.1"));
        flows.put(rules(Transport.TCP));
        assertFalse(flows.isPending());
    }

    @Test
    void allOfAServiceThatIsGoneIsStaleAndWhatIsGivenBackIsNotForgotten() {
        PortRules rules = rules(Transport.UDP, "10.244.0.1");
        flows.put(rules);
        flows.take();
        flows.remove(rules.name());
        Map<Frontend, Set<Destination>> taken = flows.take();
        assertTrue(isStale(taken, flow(Transport.UDP, DNS, 53, "10.244.0.1")));
        // It is there again meanwhile, which counts.
        flows.put(rules);
        flows.giveBack(taken);
        assertFalse(isStale(flows.take(), flow(Transport.UDP, DNS, 53, "10.244.0.1")));
    }

    @Test
    void limitsAreSetWhereTheyAreLess(@TempDir Path sys) throws Exception {
        Path folder = Files.createDirectories(sys.resolve("net/netfilter"));
        Files.writeString(folder.resolve("nf_conntrack_max"), "65536\n");
        Files.writeString(folder.resolve("nf_conntrack_tcp_timeout_established"), "432000\n");
        ConntrackLimits limits = new ConntrackLimits(
                32768, 131072, Duration.ofHours(24), Duration.ofHours(1), true, Duration.ZERO, Duration.ofMillis(1));
        // Those that are not there are told of, and that is all.
        limits.set(sys, 2);
        assertEquals("131072", Files.readString(folder.resolve("nf_conntrack_max")));
        assertEquals("86400", Files.readString(folder.resolve("nf_conntrack_tcp_timeout_established")));
        Files.writeString(folder.resolve("nf_conntrack_max"), "262144\n");
        limits.set(sys, 2);
        assertEquals("262144\n", Files.readString(folder.resolve("nf_conntrack_max")));
        limits.set(sys, 16);
        assertEquals("524288", Files.readString(folder.resolve("nf_conntrack_max")));
        assertEquals(1L, limits.values(2).get("net/netfilter/nf_conntrack_udp_timeout_stream"));
        assertFalse(limits.values(2).containsKey("net/netfilter/nf_conntrack_udp_timeout"));
    }
}
