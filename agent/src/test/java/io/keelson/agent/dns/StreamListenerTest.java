package io.keelson.agent.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StreamListenerTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private static QueryHandler handler() {
        SecureRandom random = new SecureRandom();
        DnsMetrics metrics = new DnsMetrics(new PrometheusRegistry(), "dns://:53");
        LoopProbe probe = new LoopProbe(random);
        Forwarder nobody = new Forwarder(
                List::of, ignored -> false, ForwardPolicy.RANDOM, 1, Duration.ofSeconds(1), random, metrics, probe);
        ClusterZone zone =
                new ClusterZone(new KnownCluster(), DnsName.parse("cluster.local"), PodRecords.INSECURE, 5, List.of());
        AnswerCache cache = new AnswerCache(new SettableTime(), 30, 10, 10_000);
        return new QueryHandler(
                new Resolver(() -> HostsFile.EMPTY, zone, cache, Map.of(), nobody, metrics), probe, metrics);
    }

    private static InetSocketAddress freeAddress() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
            return new InetSocketAddress(LOOPBACK, socket.getLocalPort());
        }
    }

    @Test
    void whoSaysAQuestionOneOctetAfterTheOtherIsCutOff() throws Exception {
        InetSocketAddress address = freeAddress();
        try (StreamListener _ = new StreamListener(address, handler(), Duration.ofMillis(300));
                Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(100);
            socket.getOutputStream().write(new byte[] {0, 64});
            int said = 0;
            while (!isClosed(socket)) {
                said++;
                socket.getOutputStream().write(0);
            }
            assertTrue(said < 60, said + " octets were waited for");
        } catch (SocketException e) {
            // Written to when it was closed already.
            return;
        }
    }

    private static boolean isClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    @Test
    void aQuestionThatIsTooLongIsNotReadAtAll() throws Exception {
        InetSocketAddress address = freeAddress();
        try (StreamListener _ = new StreamListener(address, handler(), Duration.ofSeconds(10));
                Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write(new byte[] {(byte) 0xff, (byte) 0xff});
            assertEquals(-1, socket.getInputStream().read());
        }
    }
}
