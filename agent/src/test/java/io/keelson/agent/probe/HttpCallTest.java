package io.keelson.agent.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.HTTPHeader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpCallTest {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final ServerSocket server;
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private volatile UnaryOperator<String> answer = request -> "HTTP/1.1 200 OK\r\n\r\n";

    HttpCallTest() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                InputStream in = socket.getInputStream();
                StringBuilder request = new StringBuilder();
                while (!request.toString().endsWith("\r\n\r\n")) {
                    int one = in.read();
                    if (one < 0) {
                        break;
                    }
                    request.append((char) one);
                }
                requests.add(request.toString());
                OutputStream out = socket.getOutputStream();
                out.write(answer.apply(request.toString()).getBytes(StandardCharsets.ISO_8859_1));
                out.flush();
            } catch (IOException e) {
                // The caller went away, or the test is over.
            }
        }
    }

    private HttpCall call(String path) {
        return new HttpCall("http", "127.0.0.1", server.getLocalPort(), path);
    }

    private String lastRequest() throws InterruptedException {
        return requests.take();
    }

    @Test
    void aProbeSaysWhoItIsUnlessItIsToldOtherwise() throws IOException, InterruptedException {
        assertEquals(200, call("/healthz?a=b").get(List.of(), LIMIT).status());
        String request = lastRequest();
        assertTrue(request.startsWith("GET /healthz?a=b HTTP/1.1\r\n"), request);
        assertTrue(request.contains("User-Agent: kube-probe/1.36\r\n"), request);
        call("x")
                .get(
                        List.of(
                                new HTTPHeader("Host", "web.example"),
                                new HTTPHeader("User-Agent", ""),
                                new HTTPHeader("X-Evil", "a\r\nInjected: b")),
                        LIMIT);
        String other = lastRequest();
        assertTrue(other.startsWith("GET /x "), other);
        assertTrue(other.contains("Host: web.example\r\n"), other);
        assertTrue(!other.contains("User-Agent") && !other.contains("\r\nInjected"), other);
    }

    @Test
    void redirectsAreFollowedOnTheSameHostOnly() throws IOException {
        answer = request -> request.startsWith("GET /a ")
                ? "HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n"
                : "HTTP/1.1 204 No Content\r\n\r\n";
        assertEquals(204, call("/a").get(List.of(), LIMIT).status());
        answer = request -> "HTTP/1.1 301 Moved\r\nLocation: http://other.example/\r\n\r\n";
        assertEquals(301, call("/a").get(List.of(), LIMIT).status());
        answer = request -> "HTTP/1.1 302 Found\r\nLocation: /a\r\n\r\n";
        IOException endless = assertThrows(IOException.class, () -> call("/a").get(List.of(), LIMIT));
        assertTrue(String.valueOf(endless.getMessage()).endsWith("stopped after 10 redirects"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "HTTP/1.1", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nX: 1"})
    void whatIsNoAnswerIsAnError(String text) {
        answer = request -> text;
        assertThrows(IOException.class, () -> call("/").get(List.of(), LIMIT));
    }

    @Test
    void whoNeverEndsItsHeadersIsCutOff() {
        answer = request -> "HTTP/1.1 200 OK\r\n".concat("X: y\r\n".repeat(20_000));
        assertThrows(IOException.class, () -> call("/").get(List.of(), LIMIT));
    }

    @Test
    void whoTakesTooLongIsNotWaitedFor() {
        answer = request -> {
            try {
                Thread.sleep(2000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return "";
        };
        IOException late = assertThrows(IOException.class, () -> call("/").get(List.of(), Duration.ofMillis(100)));
        assertTrue(String.valueOf(late.getMessage()).contains("context deadline exceeded"), late.getMessage());
    }

    @Test
    void whoDoesNotListenIsNamed() throws IOException {
        // A port that somebody has who does not listen: nobody else gets it meanwhile.
        try (Socket taken = new Socket()) {
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int port = taken.getLocalPort();
            IOException refused = assertThrows(
                    IOException.class, () -> new HttpCall("http", "127.0.0.1", port, "/").get(List.of(), LIMIT));
            assertEquals(
                    "Get \"http://127.0.0.1:" + port + "/\": dial tcp 127.0.0.1:" + port
                            + ": connect: connection refused",
                    refused.getMessage());
        }
    }
}
