package io.keelson.apiserver.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls to a backend that answers one connection as a test wants it. */
final class BackendCallTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Backends backends = new Backends();
    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final CompletableFuture<String> asked = new CompletableFuture<>();

    BackendCallTest() throws IOException {}

    /** What the backend does with a connection. */
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

    private BackendCall call(BackendRequest request, Duration head, BooleanSupplier gone) throws BackendException {
        return BackendCall.send(
                backends,
                destination(),
                InetAddress.getLoopbackAddress(),
                request,
                new BackendCall.Patience(LONG, head, gone));
    }

    private Destination destination() {
        return new Destination("127.0.0.1", server.getLocalPort(), null);
    }

    private BackendRequest get() {
        return BackendRequest.get(destination(), "/x?y");
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static String failure(CallOrBytes call) {
        return assertThrows(BackendException.class, call::run).message();
    }

    private interface CallOrBytes {
        void run() throws IOException;
    }

    @AfterEach
    void stop() throws IOException {
        backends.close();
        server.close();
    }

    private void awaitNoConnections() throws InterruptedException {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (backends.openConnections() > 0) {
            assertTrue(System.nanoTime() < deadline, "a connection stays open");
            Thread.sleep(5);
        }
    }

    @Test
    void waitsForAHeadNoLongerThanItIsTold() throws InterruptedException {
        answering((in, _) -> in.transferTo(OutputStream.nullOutputStream()));
        assertEquals(
                "net/http: timeout awaiting response headers",
                failure(() -> call(get(), Duration.ofMillis(200), () -> false).close()));
        awaitNoConnections();
    }

    @Test
    void waitsForNobodyWhoHasLeft() {
        AtomicBoolean gone = new AtomicBoolean();
        answering((in, _) -> {
            var _ = in.read();
            gone.set(true);
            in.transferTo(OutputStream.nullOutputStream());
        });
        assertEquals(
                "context canceled",
                failure(() -> call(get(), Duration.ZERO, gone::get).close()));
    }

    @Test
    void readsNoMoreThanItIsTold() throws IOException {
        answering((_, out) -> {
            write(out, "HTTP/1.1 200 OK\r\n\r\n");
            while (true) {
                write(out, "0123456789".repeat(1_000));
            }
        });
        try (BackendCall call = call(get(), LONG, () -> false)) {
            assertEquals("the answer has more than 50000 bytes", failure(() -> call.bytes(50_000, LONG)));
        }
    }

    @Test
    void readsNoLongerThanItIsTold() throws IOException {
        answering((in, out) -> {
            write(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin");
            in.transferTo(OutputStream.nullOutputStream());
        });
        try (BackendCall call = call(get(), LONG, () -> false)) {
            assertEquals(
                    "context deadline exceeded while reading body",
                    failure(() -> call.bytes(50_000, Duration.ofMillis(200))));
        }
    }

    @Test
    void sendsWhatIsAskedAndNothingThatCouldEndALine() throws Exception {
        answering((in, out) -> {
            byte[] read = new byte[1_000];
            int count = in.read(read);
            asked.complete(new String(read, 0, count, StandardCharsets.ISO_8859_1));
            write(out, "HTTP/1.1 204 No Content\r\n\r\n");
        });
        BackendRequest request = new BackendRequest(
                "POST",
                "/x?y",
                "backend:1",
                Map.of("X-Two", List.of("a", "b")),
                "",
                new ByteArrayInputStream(new byte[0]),
                0,
                false);
        call(request, LONG, () -> false).close();
        String head = asked.get(20, TimeUnit.SECONDS);
        assertTrue(head.startsWith("POST /x?y HTTP/1.1\r\nhost: backend:1\r\n"), head);
        assertTrue(head.contains("\r\nX-Two: a\r\nX-Two: b\r\n"), head);
        assertTrue(head.endsWith("\r\n\r\n"), head);
        assertTrue(failure(() -> call(get().with("X-Bad", "a\r\nHost: other"), LONG, () -> false)
                        .close())
                .startsWith("malformed request: "));
    }

    @Test
    void saysThatNobodyListens() throws IOException {
        server.close();
        assertEquals(
                "dial tcp 127.0.0.1:" + server.getLocalPort() + ": connect: connection refused",
                failure(() -> call(get(), LONG, () -> false).close()));
    }

    @Test
    void endsWithItsServer() throws Exception {
        CompletableFuture<String> ended = new CompletableFuture<>();
        answering((in, _) -> {
            asked.complete("");
            in.transferTo(OutputStream.nullOutputStream());
        });
        Thread.ofVirtual()
                .start(() -> ended.complete(
                        failure(() -> call(get(), Duration.ZERO, () -> false).close())));
        asked.get(20, TimeUnit.SECONDS);
        backends.close();
        assertEquals("EOF", ended.get(20, TimeUnit.SECONDS));
    }
}
