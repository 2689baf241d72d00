package io.keelson.apiserver.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.keelson.apiserver.certs.CertificateAuthority;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.RemoteServer;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Connections that are used for one request after the other. */
final class KeptConnectionsTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String FINE = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final Backends backends = new Backends();
    private final ServerSocket server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger heard = new AtomicInteger();
    private final ConcurrentLinkedQueue<Socket> sockets = new ConcurrentLinkedQueue<>();

    /** What comes next, and {@link #FINE} when there is nothing here; an empty text ends the connection. */
    private final ConcurrentLinkedQueue<String> answers = new ConcurrentLinkedQueue<>();

    KeptConnectionsTest() throws IOException {
        listen(server);
    }

    private void listen(ServerSocket at) {
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Socket socket = at.accept();
                    accepted.incrementAndGet();
                    sockets.add(socket);
                    Thread.ofVirtual().start(() -> serve(socket));
                }
            } catch (IOException e) {
                // The test is over.
            }
        });
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            OutputStream out = socket.getOutputStream();
            int body = 0;
            String line = in.readLine();
            while (line != null) {
                if (line.startsWith("content-length: ")) {
                    body = Integer.parseInt(line.substring("content-length: ".length()));
                } else if (line.isEmpty()) {
                    for (; body > 0; body--) {
                        var _ = in.read();
                    }
                    heard.incrementAndGet();
                    String answer = answers.isEmpty() ? FINE : answers.remove();
                    if (answer.isEmpty()) {
                        return;
                    }
                    out.write(answer.getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                }
                line = in.readLine();
            }
        } catch (IOException e) {
            // The caller has had enough.
        }
    }

    @AfterEach
    void stop() throws IOException {
        backends.close();
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private Destination destination() {
        return new Destination("127.0.0.1", server.getLocalPort(), null);
    }

    private BackendCall begin(BackendRequest request) throws BackendException {
        return begin(destination(), request);
    }

    private BackendCall begin(Destination destination, BackendRequest request) throws BackendException {
        return BackendCall.send(
                backends,
                destination,
                InetAddress.getLoopbackAddress(),
                request,
                new BackendCall.Patience(LONG, LONG, () -> false));
    }

    private BackendRequest get() {
        return BackendRequest.get(destination(), "/").keeping();
    }

    private BackendRequest post() {
        return new BackendRequest("POST", "/", "backend", Map.of(), "", new ByteArrayInputStream(new byte[3]), 3, true);
    }

    private String ask(BackendRequest request) throws BackendException {
        return ask(destination(), request);
    }

    private String ask(Destination destination, BackendRequest request) throws BackendException {
        try (BackendCall call = begin(destination, request)) {
            return new String(call.bytes(100, LONG), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void oneRequestFollowsTheOther() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertEquals("ok", ask(get()));
        }
        answers.add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        assertEquals("abc", ask(get()));
        answers.add("HTTP/1.1 204 No Content\r\n\r\n");
        assertEquals("", ask(get()));
        assertEquals("ok", ask(get()));
        assertEquals(1, accepted.get());
        assertEquals(1, backends.openConnections());
    }

    @Test
    void withoutBeingAskedToNothingIsKept() throws Exception {
        assertEquals("ok", ask(BackendRequest.get(destination(), "/")));
        assertEquals("ok", ask(BackendRequest.get(destination(), "/")));
        assertEquals(2, accepted.get());
        assertEquals(0, backends.openConnections());
    }

    @Test
    void aDeadConnectionIsReplacedUnseen() throws Exception {
        assertEquals("ok", ask(get()));
        answers.add("");
        assertEquals("ok", ask(get()));
        assertEquals(2, accepted.get());
        // One that is new and ends at once is a failure.
        answers.add("");
        answers.add("");
        assertEquals(
                "EOF", assertThrows(BackendException.class, () -> ask(get())).message());
    }

    private static BackendRequest delete() {
        return new BackendRequest("DELETE", "/", "backend", Map.of(), "", null, 0, true);
    }

    @Test
    void writesFollowOneAnotherToo() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertEquals("ok", ask(post()));
            assertEquals("ok", ask(delete()));
            assertEquals("ok", ask(get()));
        }
        assertEquals(1, accepted.get());
        assertEquals(15, heard.get());
        assertEquals(1, backends.openConnections());
    }

    @Test
    void aWriteGoesOverANewOneIfTheBackendHasClosedThoseThatWereKept() throws Exception {
        BackendCall one = begin(get());
        BackendCall other = begin(get());
        for (BackendCall call : List.of(one, other)) {
            assertEquals(2, call.bytes(100, LONG).length);
            call.close();
        }
        assertEquals(2, backends.idleConnections());
        sockets.forEach(KeptConnectionsTest::end);
        assertEquals("ok", ask(post()));
        assertEquals(3, accepted.get());
        assertEquals(3, heard.get());
        assertEquals(1, backends.openConnections());
        sockets.forEach(KeptConnectionsTest::end);
        assertEquals("ok", ask(delete()));
        assertEquals(4, accepted.get());
        assertEquals(4, heard.get());
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatMayHaveBeenHeardIsNotSaidTwice() throws Exception {
        for (BackendRequest write : List.of(post(), delete())) {
            assertEquals("ok", ask(get()));
            int connections = accepted.get();
            int before = heard.get();
            answers.add("");
            assertEquals(
                    "EOF",
                    assertThrows(BackendException.class, () -> ask(write)).message());
            assertEquals(connections, accepted.get(), write.method());
            assertEquals(before + 1, heard.get(), write.method());
            assertEquals(0, backends.openConnections());
        }
    }

    @Test
    void onlyWhatIsLeftCleanIsKept() throws Exception {
        for (String answer : List.of(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
                // What comes behind would be taken for the answer to somebody else's request.
                FINE + "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad",
                FINE + "H")) {
            answers.add(answer);
            assertEquals("ok", ask(get()));
            assertEquals(0, backends.idleConnections(), answer);
            assertEquals(0, backends.openConnections(), answer);
        }
        answers.add("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhalf");
        begin(get()).close();
        assertEquals(0, backends.openConnections());
    }

    @Test
    void whatCameUnaskedWhileNobodyLookedEndsTheConnection() throws Exception {
        assertEquals("ok", ask(get()));
        assertEquals(1, backends.idleConnections());
        OutputStream out = sockets.element().getOutputStream();
        out.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad".getBytes(StandardCharsets.US_ASCII));
        out.flush();
        // Bytes to the same machine are there when they are written.
        assertEquals("ok", ask(get()));
        assertEquals(2, accepted.get());
        assertEquals(1, backends.openConnections());
    }

    /** What TLS itself sends, tickets for later sessions for example, is nothing unasked; its farewell is. */
    @Test
    void withTlsItIsTheSame() throws Exception {
        CertificateAuthority authority = CertificateAuthority.create("backends", Instant.now());
        Credential shown = authority.issue(CertificateProfile.server("backend", List.of("127.0.0.1")), Instant.now());
        try (ServerSocket secure = new RemoteServer("test", null, shown, "", "", "", true)
                .tls()
                .getServerSocketFactory()
                .createServerSocket(0, 100, InetAddress.getLoopbackAddress())) {
            listen(secure);
            SSLContext trusting = RemoteServer.of(
                            "backend", List.of(authority.credential().certificate()))
                    .tls();
            Destination destination =
                    new Destination("127.0.0.1", secure.getLocalPort(), new Destination.Tls(trusting, "127.0.0.1"));
            BackendRequest request = BackendRequest.get(destination, "/").keeping();
            for (int i = 0; i < 5; i++) {
                assertEquals("ok", ask(destination, request));
            }
            assertEquals("ok", ask(destination, post()));
            assertEquals("ok", ask(destination, delete()));
            assertEquals(1, accepted.get());
            sockets.element().close();
            assertEquals("ok", ask(destination, request));
            assertEquals(2, accepted.get());
            sockets.forEach(KeptConnectionsTest::end);
            assertEquals("ok", ask(destination, post()));
            assertEquals(3, accepted.get());
            assertEquals(9, heard.get());
            assertEquals(1, backends.openConnections());
        }
    }

    @Test
    void thereIsABound() throws Exception {
        List<BackendCall> calls = new ArrayList<>();
        for (int i = 0; i < 2 * Backends.IDLE_MAX_EACH; i++) {
            calls.add(begin(get()));
        }
        for (BackendCall call : calls) {
            assertEquals(2, call.bytes(100, LONG).length);
            call.close();
            call.close();
        }
        assertEquals(Backends.IDLE_MAX_EACH, backends.idleConnections());
        assertEquals(Backends.IDLE_MAX_EACH, backends.openConnections());
        backends.close();
        assertEquals(0, backends.openConnections());
    }

    @Test
    void destinationsAreToldApart() throws Exception {
        assertEquals("ok", ask(get()));
        begin(new Destination("localhost", server.getLocalPort(), null), get()).close();
        assertEquals(2, accepted.get());
    }
}
