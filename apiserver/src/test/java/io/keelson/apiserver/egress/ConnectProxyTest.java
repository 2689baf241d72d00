package io.keelson.apiserver.egress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.metrics.Metrics;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections through proxies that answer as they should, and through others. */
final class ConnectProxyTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Metrics metrics = new Metrics();
    private final ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());

    ConnectProxyTest() throws IOException {}

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    /** What stands behind a proxy, or is one of its own kind. */
    private interface Answer {
        void give(InputStream in, OutputStream out) throws IOException;
    }

    private void answering(Answer answer) {
        Thread.ofVirtual().start(() -> {
            try (Socket socket = server.accept()) {
                answer.give(socket.getInputStream(), socket.getOutputStream());
            } catch (IOException e) {
                // The caller has had enough.
            }
        });
    }

    private void answering(String text) {
        answering((in, out) -> {
            var _ = in.read();
            out.write(text.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            in.transferTo(OutputStream.nullOutputStream());
        });
    }

    private EgressProxy proxy(Path folder, String selection) throws IOException {
        return Objects.requireNonNull(EgressSelector.read(TestProxy.configuration(folder, selection), metrics)
                .proxy(EgressType.CLUSTER));
    }

    private EgressProxy ownProxy(Path folder) throws IOException {
        return proxy(
                folder,
                "{name: cluster, connection: {proxyProtocol: HTTPConnect, transport: {tcp: {url: 'http://" + own()
                        + "'}}}}");
    }

    private String own() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    private static String failure(EgressProxy proxy, Duration timeout) {
        return String.valueOf(assertThrows(IOException.class, () -> proxy.dial("a.example", 1, timeout))
                .getMessage());
    }

    private static TestProxy started(String transport, Path folder) throws Exception {
        return switch (transport) {
            case "tcp" -> TestProxy.overTcp();
            case "tls" -> TestProxy.overTls(folder);
            default -> TestProxy.overUnixSocket(folder.resolve("proxy.sock"));
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "tls", "uds"})
    void bytesGoThroughAndNamesAreLeftToTheProxy(String transport, @TempDir Path folder) throws Exception {
        answering((in, out) -> {
            out.write(in.readNBytes(5));
            out.flush();
            in.transferTo(OutputStream.nullOutputStream());
        });
        try (TestProxy proxy = started(transport, folder).lead("node-1.nowhere:10250", server.getLocalPort())) {
            EgressProxy.Tunnel tunnel =
                    proxy(folder, proxy.selection("cluster")).dial("node-1.nowhere", 10_250, LONG);
            try (Socket ground = tunnel.ground()) {
                OutputStream out = tunnel.socket().getOutputStream();
                out.write("hello".getBytes(StandardCharsets.US_ASCII));
                out.flush();
                byte[] back = tunnel.socket().getInputStream().readNBytes(5);
                assertEquals("hello", new String(back, StandardCharsets.US_ASCII));
                assertTrue(ground.isConnected());
            }
            assertEquals(List.of("node-1.nowhere:10250"), proxy.asked());
        }
        String labels =
                "{protocol=\"http_connect\",transport=\"" + (transport.equals("uds") ? "uds" : "tcp") + "\"} 1\n";
        assertTrue(metrics.text().contains("apiserver_egress_dialer_dial_start_total" + labels), metrics::text);
        assertTrue(
                metrics.text().contains("apiserver_egress_dialer_dial_duration_seconds_count" + labels), metrics::text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "tls", "uds"})
    void aRefusalIsTold(String transport, @TempDir Path folder) throws Exception {
        try (TestProxy proxy = started(transport, folder)) {
            EgressProxy refusing = proxy(folder, proxy.selection("cluster"));
            IOException refused = assertThrows(IOException.class, () -> refusing.dial("fd00::1", 443, LONG));
            assertEquals(
                    "proxy error from " + proxy.shown() + " while dialing [fd00::1]:443, code 403: 403 Forbidden",
                    refused.getMessage());
        }
        assertTrue(
                metrics.text()
                        .contains(
                                "apiserver_egress_dialer_dial_failure_count{protocol=\"http_connect\",stage=\"proxy\","
                                        + "transport=\"" + (transport.equals("uds") ? "uds" : "tcp") + "\"} 1\n"),
                metrics::text);
    }

    @Test
    void aProxyThatIsNotThereIsTold(@TempDir Path folder) throws Exception {
        EgressProxy proxy = ownProxy(folder);
        server.close();
        assertEquals("dial tcp " + own() + ": connect: connection refused", failure(proxy, LONG));
        assertTrue(
                metrics.text()
                        .contains("apiserver_egress_dialer_dial_failure_count{protocol=\"http_connect\","
                                + "stage=\"connect\",transport=\"tcp\"} 1\n"),
                metrics::text);
    }

    @Test
    void aProxyThatSaysNothingIsWaitedForNoLongerThanItMayTake(@TempDir Path folder) throws Exception {
        answering((in, _) -> in.transferTo(OutputStream.nullOutputStream()));
        assertEquals(
                "reading HTTP response from CONNECT to a.example:1 via proxy " + own() + " failed: i/o timeout",
                failure(ownProxy(folder), Duration.ofMillis(200)));
    }

    @Test
    void aProxyAtAUnixSocketThatSaysNothingIsWaitedForNoLongerThanItMayTake(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("silent.sock");
        try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            var _ = silent.bind(UnixDomainSocketAddress.of(path));
            EgressProxy proxy = proxy(
                    folder,
                    "{name: cluster, connection: {proxyProtocol: HTTPConnect, transport: {uds: {udsName: '" + path
                            + "'}}}}");
            assertEquals(
                    "reading HTTP response from CONNECT to a.example:1 via proxy " + path + " failed: i/o timeout",
                    failure(proxy, Duration.ofMillis(200)));
        }
    }

    @Test
    void anAnswerWithoutAnEndIsNotRead(@TempDir Path folder) throws Exception {
        answering("HTTP/1.1 200 OK\r\nX: " + "x".repeat(2 * ConnectProxy.HEAD_BYTES_MAX));
        assertEquals(
                "reading HTTP response from CONNECT to a.example:1 via proxy " + own()
                        + " failed: the head of the answer has more than 16384 bytes",
                failure(ownProxy(folder), LONG));
    }

    @Test
    void whatIsNoProxyIsTold(@TempDir Path folder) throws Exception {
        answering("SSH-2.0-Other\r\n\r\n");
        assertEquals(
                "reading HTTP response from CONNECT to a.example:1 via proxy " + own()
                        + " failed: malformed HTTP response \"SSH-2.0-Other\"",
                failure(ownProxy(folder), LONG));
    }

    @Test
    void whatFollowsTheAnswerBelongsToTheConnection(@TempDir Path folder) throws Exception {
        answering("HTTP/1.1 200 OK\r\n\r\nhello");
        EgressProxy.Tunnel tunnel = ownProxy(folder).dial("a.example", 1, LONG);
        try (Socket ground = tunnel.ground()) {
            assertEquals("hello", new String(ground.getInputStream().readNBytes(5), StandardCharsets.US_ASCII));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX: y", "a b", "a/b", ""})
    void aHostThatWouldBeMoreThanAHostIsAskedForNowhere(String host, @TempDir Path folder) throws Exception {
        EgressProxy proxy = ownProxy(folder);
        IOException refused = assertThrows(IOException.class, () -> proxy.dial(host, 1, LONG));
        assertTrue(String.valueOf(refused.getMessage()).endsWith(": no such host"), refused::toString);
        assertTrue(!metrics.text().contains("apiserver_egress_dialer_dial_start_total{"), metrics::text);
    }

    @Test
    void readsOfAUnixSocketHaveALimitThatCanBeTakenAway(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("reads.sock");
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            var _ = listening.bind(UnixDomainSocketAddress.of(path));
            try (UnixSocket socket = UnixSocket.open()) {
                socket.connect(path);
                try (Socket other = new UnixSocket(listening.accept())) {
                    socket.setSoTimeout(50);
                    assertThrows(
                            SocketTimeoutException.class,
                            () -> socket.getInputStream().read());
                    other.getOutputStream().write('x');
                    assertEquals('x', socket.getInputStream().read());
                    socket.setSoTimeout(0);
                    other.getOutputStream().write('y');
                    assertEquals('y', socket.getInputStream().read());
                }
                assertEquals(-1, socket.getInputStream().read());
            }
        }
    }

    @Test
    void aConnectionThatBreaksOffIsTold(@TempDir Path folder) throws Exception {
        answering((in, _) -> {
            var _ = in.read(new byte[4_096]);
            throw new EOFException();
        });
        String failure = failure(ownProxy(folder), LONG);
        assertTrue(
                failure.startsWith(
                        "reading HTTP response from CONNECT to a.example:1 via proxy " + own() + " failed: "),
                failure);
    }
}
