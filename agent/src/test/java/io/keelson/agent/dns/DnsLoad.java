package io.keelson.agent.dns;

import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Measures how many questions a second are answered on loopback, and how long each waits: about Services of a large cluster, names
 * that are not there, and names of others that are remembered. A program, not a test; arguments are seconds for each kind and
 * how many questions each of two clients has under way.
 */
public final class DnsLoad {
    private static final int SERVICES = 10_000;
    private static final int CLIENTS = 2;

    private DnsLoad() {}

    /** A cluster of many Services, found at once. */
    private record LargeCluster(Map<String, ServiceNames> services) implements ClusterNames {
        @Override
        public boolean isComplete() {
            return true;
        }

        @Override
        public @Nullable ServiceNames service(String namespace, String name) {
            return services.get(namespace + '/' + name);
        }

        @Override
        public List<ServiceNames> withClusterAddress(String address) {
            return List.of();
        }

        @Override
        public List<ServiceNames> withNamedEndpoint(String address) {
            return List.of();
        }

        @Override
        public boolean hasPod(String namespace, String address) {
            return false;
        }

        @Override
        public int serial() {
            return 1;
        }
    }

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        int window = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 16;
        Map<String, ServiceNames> services = new HashMap<>();
        for (int i = 0; i < SERVICES; i++) {
            byte[] address = {10, 96, (byte) (i >> 8), (byte) i};
            services.put(
                    "shop/web-" + i,
                    new ServiceNames(
                            "shop",
                            "web-" + i,
                            ServiceNames.Kind.CLUSTER_ADDRESS,
                            List.of(address),
                            List.of(new ServiceNames.Port("http", "tcp", 80)),
                            List.of(),
                            ""));
        }
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
        SecureRandom random = new SecureRandom();
        DnsMetrics metrics = new DnsMetrics(new PrometheusRegistry(), "dns://:53");
        LoopProbe probe = new LoopProbe(random);
        try (FakeNameServer outside = new FakeNameServer(query -> List.of(FakeNameServer.answer(
                        query,
                        ResponseCode.NOERROR,
                        ResourceRecord.address(FakeNameServer.name(query), 3600, new byte[] {1, 2, 3, 4}))));
                Forwarder forwarder = new Forwarder(
                        () -> List.of(outside.address()),
                        ignored -> false,
                        ForwardPolicy.RANDOM,
                        1000,
                        Duration.ofSeconds(2),
                        random,
                        metrics,
                        probe)) {
            Resolver resolver = new Resolver(
                    () -> HostsFile.EMPTY,
                    new ClusterZone(
                            new LargeCluster(services),
                            DnsName.parse("cluster.local"),
                            PodRecords.INSECURE,
                            5,
                            List.of()),
                    new AnswerCache(Time.system(), 3600, 9984, 16 << 20),
                    Map.of(),
                    forwarder,
                    metrics);
            try (DatagramListener listener = new DatagramListener(any, new QueryHandler(resolver, probe, metrics), 2)) {
                InetSocketAddress address = listener.address();
                for (int round = 0; round < 2; round++) {
                    measure("a Service", address, seconds, window, "web-%d.shop.svc.cluster.local", SERVICES);
                    measure("no such name", address, seconds, window, "x%d.com.shop.svc.cluster.local", SERVICES);
                    measure("remembered", address, seconds, window, "w%d.example.com", 1000);
                }
            }
        }
        System.exit(0);
    }

    private static void measure(
            String what, InetSocketAddress server, int seconds, int window, String pattern, int names)
            throws InterruptedException {
        AtomicInteger answers = new AtomicInteger();
        AtomicInteger lost = new AtomicInteger();
        long[][] times = new long[CLIENTS][];
        Thread[] threads = new Thread[CLIENTS];
        for (int client = 0; client < CLIENTS; client++) {
            int number = client;
            threads[client] = Thread.ofPlatform()
                    .start(() -> times[number] = ask(server, seconds, window, pattern, names, answers, lost));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        long[] all = Arrays.stream(times).flatMapToLong(Arrays::stream).sorted().toArray();
        System.out.printf(
                "%-14s %7d answers/s  p50 %5d us  p99 %5d us  lost %d%n",
                what,
                answers.get() / seconds,
                all[all.length / 2] / 1000,
                all[(int) (all.length * 0.99)] / 1000,
                lost.get());
    }

    private static long[] ask(
            InetSocketAddress server,
            int seconds,
            int window,
            String pattern,
            int names,
            AtomicInteger answers,
            AtomicInteger lost) {
        long[] sent = new long[1 << 16];
        long[] times = new long[4_000_000];
        int count = 0;
        int next = 0;
        int open = 0;
        byte[][] queries = new byte[names][];
        for (int i = 0; i < names; i++) {
            queries[i] = MessageWriter.write(
                    DnsClient.query(pattern.formatted(i), RecordType.A, new Edns(1232, 0, false, null)), 512);
        }
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(server);
            socket.setSoTimeout(500);
            byte[] buffer = new byte[2048];
            long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
            while (System.nanoTime() < end && count < times.length) {
                while (open < window) {
                    byte[] query = queries[next % names];
                    query[0] = (byte) (next >> 8);
                    query[1] = (byte) next;
                    sent[next & 0xffff] = System.nanoTime();
                    socket.send(new DatagramPacket(query, query.length));
                    next++;
                    open++;
                }
                try {
                    socket.receive(new DatagramPacket(buffer, buffer.length));
                    times[count++] = System.nanoTime() - sent[(buffer[0] & 0xff) << 8 | (buffer[1] & 0xff)];
                    answers.incrementAndGet();
                    open--;
                } catch (SocketTimeoutException e) {
                    lost.addAndGet(open);
                    open = 0;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Arrays.copyOf(times, count);
    }
}
