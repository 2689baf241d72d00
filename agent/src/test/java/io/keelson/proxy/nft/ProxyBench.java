package io.keelson.proxy.nft;

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
import io.keelson.proxy.rules.Transport;
import io.keelson.proxy.testing.NetworkNamespace;
import io.keelson.proxy.testing.TestNetwork;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Measures the kernel's side of the proxy at several numbers of Services, each of ten endpoints: how long all rules take to be
 * written and to be checked, how long a changed endpoint takes to be in them, and how long the first packet of a connection from the
 * node to a Service takes to be sent, which is when its way is looked up. All in network namespaces of its own. Needs root; to be
 * run by hand:
 *
 * <pre>{@code java -cp … io.keelson.proxy.nft.ProxyBench 1 1000 5000 10000 30000}</pre>
 */
final class ProxyBench {
    private static final int ENDPOINTS = 10;
    private static final int WARMING = 2000;
    private static final int CHANGES = 2000;
    private static final int PACKETS = 3000;
    private static final double NANOS_PER_MILLI = 1e6;

    private ProxyBench() {}

    /** @param arguments numbers of Services */
    public static void main(String[] arguments) throws Exception {
        try (TestNetwork network = new TestNetwork()) {
            System.out.println("services | written | checked | endpoint changed p50/p99 ms | first packet p50/p99 ms"
                    + " | without a service p50/p99 ms");
            for (String argument : arguments) {
                measure(network, Integer.parseInt(argument));
            }
        }
    }

    private static void measure(TestNetwork network, int services) throws Exception {
        NetworkNamespace node = network.node();
        try (NetlinkSocket socket = node.in(() -> new NetlinkSocket(NetlinkSocket.NETFILTER))) {
            NftForwarding forwarding = new NftForwarding(socket, settings());
            Random random = new Random(services);
            List<PortRules> all = new ArrayList<>();
            for (int i = 0; i < services; i++) {
                all.add(rules(i, -1, 0));
            }
            long start = System.nanoTime();
            forwarding.apply(all, List.of(), List.of());
            double written = millis(System.nanoTime() - start);
            // Somebody changed something else: all is read and compared.
            NftForwarding.probe(socket, Family.IPV4);
            start = System.nanoTime();
            boolean isChanged = forwarding.check();
            double checked = millis(System.nanoTime() - start);
            if (isChanged) {
                throw new IllegalStateException("nobody changed the table");
            }
            change(forwarding, services, random, WARMING);
            long[] changes = change(forwarding, services, random, CHANGES);
            // The Service that packets are sent to leads to one endpoint that is there.
            forwarding.apply(List.of(rules(services, -1, 1)), List.of(), null);
            long[] direct = send(node, "10.244.1.2", TestNetwork.PORT);
            long[] packets = send(node, clusterIp(services), 80);
            System.out.printf(
                    "%8d | %6.0f ms | %6.0f ms | %s | %s | %s%n",
                    services, written, checked, figures(changes), figures(packets), figures(direct));
            forwarding.remove();
        }
    }

    private static TableSettings settings() {
        return new TableSettings(
                Family.IPV4,
                14,
                false,
                new LocalTraffic.FromRange(Objects.requireNonNull(IpPrefix.parse("10.244.0.0/16"))),
                List.of(),
                false,
                false);
    }

    private static long[] change(NftForwarding forwarding, int services, Random random, int count)
            throws NetlinkException {
        long[] nanos = new long[count];
        for (int i = 0; i < count; i++) {
            PortRules changed = rules(random.nextInt(services), random.nextInt(ENDPOINTS), random.nextInt(200));
            long start = System.nanoTime();
            forwarding.apply(List.of(changed), List.of(), null);
            nanos[i] = System.nanoTime() - start;
        }
        return nanos;
    }

    private static String clusterIp(int number) {
        return "10." + (96 + (number >> 16)) + "." + (number >> 8 & 0xff) + "." + (number & 0xff);
    }

    /** The rules of a Service, one of whose endpoints is another one; with an odd last argument, of one that is there. */
    private static PortRules rules(int number, int changed, int other) {
        List<Endpoint> endpoints = new ArrayList<>();
        boolean isReal = changed < 0 && other == 1;
        for (int i = 0; i < (isReal ? 1 : ENDPOINTS); i++) {
            String address = isReal
                    ? "10.244.1.2"
                    : "10." + (200 + (number >> 12)) + "." + (number >> 4 & 0xff) + "."
                            + ((number & 0xf) * ENDPOINTS + i + 1);
            String own = i == changed ? "10.240." + other + "." + (i + 1) : address;
            endpoints.add(new Endpoint(
                    new Destination(address(own), TestNetwork.PORT),
                    true,
                    true,
                    false,
                    false,
                    true,
                    Set.of(),
                    Set.of()));
        }
        @Nullable List<IpPrefix> everywhere = null;
        ServicePort port = new ServicePort(
                new ServicePortName(Key.of("default", "service" + number), "", Transport.UDP),
                address(clusterIp(number)),
                80,
                0,
                List.of(),
                List.of(),
                everywhere,
                0,
                false,
                false,
                0);
        return PortRules.of(port, endpoints, new NodeView("node", "", List.of()));
    }

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    /** How long first packets take to be sent. */
    private static long[] send(NetworkNamespace from, String address, int port) throws Exception {
        return from.in(() -> {
            InetSocketAddress to = new InetSocketAddress(address, port);
            ByteBuffer packet = ByteBuffer.allocateDirect(8);
            long[] nanos = new long[PACKETS];
            for (int i = -PACKETS; i < PACKETS; i++) {
                try (DatagramChannel channel = open()) {
                    packet.clear();
                    long start = System.nanoTime();
                    channel.send(packet, to);
                    long took = System.nanoTime() - start;
                    if (i >= 0) {
                        nanos[i] = took;
                    }
                }
            }
            return nanos;
        });
    }

    private static DatagramChannel open() throws IOException {
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        channel.bind(new InetSocketAddress(0));
        return channel;
    }

    private static double millis(long nanos) {
        return nanos / NANOS_PER_MILLI;
    }

    private static String figures(long[] nanos) {
        List<Long> sorted = new ArrayList<>(Arrays.stream(nanos).boxed().toList());
        Collections.sort(sorted);
        return String.format(
                "%.3f / %.3f", millis(sorted.get(sorted.size() / 2)), millis(sorted.get(sorted.size() * 99 / 100)));
    }
}
