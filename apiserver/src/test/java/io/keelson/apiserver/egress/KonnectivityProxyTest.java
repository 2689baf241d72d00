package io.keelson.apiserver.egress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.metrics.Metrics;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections through a konnectivity server. */
final class KonnectivityProxyTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String TARGET = "node-1.nowhere:10250";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private final Metrics metrics = new Metrics();
    private final ServerSocket backend = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());

    @SuppressWarnings("NullAway.Init")
    private TestKonnectivity server;

    @SuppressWarnings("NullAway.Init")
    private KonnectivityProxy proxy;

    KonnectivityProxyTest() throws IOException {}

    @BeforeEach
    void start() throws IOException {
        server = new TestKonnectivity(folder.resolve("k.sock")).lead(TARGET, backend.getLocalPort());
        proxy = new KonnectivityProxy(folder.resolve("k.sock"), new DialMetrics(metrics));
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
        backend.close();
    }

    private Socket dialled() throws IOException {
        return proxy.dial("node-1.nowhere", 10_250, LONG).socket();
    }

    private static void awaitCount(AtomicInteger count) throws InterruptedException {
        long end = System.nanoTime() + LONG.toNanos();
        while (count.get() == 0) {
            assertTrue(System.nanoTime() - end < 0, "it was not told");
            Thread.sleep(5);
        }
    }

    @Test
    void bytesGoThroughInBothDirectionsHoweverManyThereAre() throws Exception {
        byte[] sent = new byte[3 << 20];
        new Random(1).nextBytes(sent);
        Thread.ofVirtual().start(() -> {
            try (Socket socket = backend.accept()) {
                socket.getInputStream().transferTo(socket.getOutputStream());
            } catch (IOException e) {
                // The test is over.
            }
        });
        try (Socket socket = dialled()) {
            CompletableFuture<Void> written = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try {
                    socket.getOutputStream().write(sent);
                    written.complete(null);
                } catch (IOException e) {
                    written.completeExceptionally(e);
                }
            });
            assertArrayEquals(sent, socket.getInputStream().readNBytes(sent.length));
            written.get(20, TimeUnit.SECONDS);
        }
        awaitCount(server.closeRequests);
        assertEquals(List.of(TARGET), server.asked());
        String labels = "{protocol=\"grpc\",transport=\"uds\"} 1\n";
        assertTrue(metrics.text().contains("apiserver_egress_dialer_dial_start_total" + labels), metrics::text);
        assertTrue(
                metrics.text().contains("apiserver_egress_dialer_dial_duration_seconds_count" + labels), metrics::text);
    }

    @Test
    void whatTheBackendHasSentBeforeItLeftIsRead() throws Exception {
        Thread.ofVirtual().start(() -> {
            try (Socket socket = backend.accept()) {
                socket.getOutputStream().write("good bye".getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                // The test is over.
            }
        });
        try (Socket socket = dialled()) {
            assertEquals("good bye", new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            assertThrows(SocketException.class, () -> socket.getOutputStream().write(1));
        }
    }

    @Test
    void readsHaveALimitAndEndWhenTheConnectionIsClosed() throws Exception {
        try (Socket socket = dialled()) {
            socket.setSoTimeout(50);
            assertThrows(
                    SocketTimeoutException.class, () -> socket.getInputStream().read());
            socket.setSoTimeout(0);
            CompletableFuture<Throwable> ended = new CompletableFuture<>();
            Thread.ofVirtual()
                    .start(() -> ended.complete(assertThrows(
                            IOException.class, () -> socket.getInputStream().read())));
            socket.getInputStream().close();
            assertEquals("Socket closed", ended.get(20, TimeUnit.SECONDS).getMessage());
        }
        awaitCount(server.closeRequests);
    }

    @Test
    void aRefusalIsTold() {
        IOException refused = assertThrows(IOException.class, () -> proxy.dial("other.nowhere", 443, LONG));
        assertEquals(
                "proxy error from " + folder.resolve("k.sock")
                        + " while dialing other.nowhere:443: dial tcp: no such host",
                refused.getMessage());
        assertTrue(
                metrics.text()
                        .contains("apiserver_egress_dialer_dial_failure_count{protocol=\"grpc\",stage=\"proxy\","
                                + "transport=\"uds\"} 1\n"),
                metrics::text);
    }

    @Test
    void aServerThatSaysNothingIsWaitedForNoLongerThanItMayTake() throws Exception {
        server.silent = true;
        IOException refused =
                assertThrows(IOException.class, () -> proxy.dial("node-1.nowhere", 10_250, Duration.ofMillis(300)));
        assertTrue(String.valueOf(refused.getMessage()).endsWith(": dial timeout, context"), refused::toString);
        awaitCount(server.closedDials);
    }

    @Test
    void aServerThatIsNotThereIsTold() throws Exception {
        KonnectivityProxy nowhere = new KonnectivityProxy(folder.resolve("none.sock"), new DialMetrics(new Metrics()));
        IOException refused = assertThrows(IOException.class, () -> nowhere.dial("node-1.nowhere", 10_250, LONG));
        nowhere.close();
        assertTrue(
                String.valueOf(refused.getMessage())
                        .startsWith("proxy error from " + folder.resolve("none.sock")
                                + " while dialing node-1.nowhere:10250: UNAVAILABLE"),
                refused::toString);
    }

    @Test
    void aConnectionThatNobodyReadsHoldsUpNoOther() throws Exception {
        Thread.ofVirtual().start(() -> {
            try (Socket first = backend.accept();
                    Socket second = backend.accept()) {
                second.getOutputStream().write('x');
                OutputStream out = first.getOutputStream();
                byte[] much = new byte[1 << 20];
                while (true) {
                    out.write(much);
                }
            } catch (IOException e) {
                // The test is over.
            }
        });
        try (Socket unread = dialled();
                Socket other = dialled()) {
            assertTrue(unread.isConnected());
            assertEquals('x', other.getInputStream().read());
        }
    }
}
