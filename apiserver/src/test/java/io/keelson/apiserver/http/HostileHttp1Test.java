package io.keelson.apiserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.store.TestEtcd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of HTTP/1.1 that mean no good, or do it badly. */
class HostileHttp1Test {
    private static final String GET = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final HttpLimits SHORT = HttpLimits.DEFAULT.withTimeouts(
            Duration.ofMillis(400), Duration.ofMillis(400), Duration.ofMillis(800), Duration.ofMillis(500));

    @Test
    void answersTenThousandRequestsSentAtOnceInOrder() throws Exception {
        AtomicInteger served = new AtomicInteger();
        try (TestServer server = TestServer.plain();
                RawClient client = server.raw()) {
            server.on("/n", request -> {
                served.incrementAndGet();
                return TestServer.ok(request.query().text("i"));
            });
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < 10_000; i++) {
                        client.send("GET /n?i=" + i + " HTTP/1.1\r\nHost: h\r\n\r\n");
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            for (int i = 0; i < 10_000; i++) {
                assertTrue(client.answer().endsWith("\n\n" + i), "answer " + i);
            }
            writer.join();
            assertEquals(10_000, served.get());
        }
    }

    @Test
    void servesNoMoreThanTheClientReads() throws Exception {
        AtomicInteger served = new AtomicInteger();
        try (TestServer server = TestServer.plain();
                RawClient client = server.raw()) {
            byte[] answer = new byte[50_000];
            server.on("/big", request -> {
                served.incrementAndGet();
                return TestServer.ok(answer);
            });
            client.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n".repeat(2_000));
            int last = -1;
            while (last != served.get()) {
                last = served.get();
                Thread.sleep(300); // Time for more to be served if nothing holds it.
            }
            assertTrue(last < 500, "served " + last + " requests of a client that reads nothing");
        }
    }

    /** CVE-2019-16276, CVE-2019-20444: what one reader takes for one request and another for two. */
    @Test
    void cve201916276RefusesSmuggledRequests() throws Exception {
        List<String> attempts = List.of(
                "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
                "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
                "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n",
                "GET /hello HTTP/1.1\r\nHost: h\r\nX: y\r\n z\r\n\r\n",
                "GET /hello HTTP/1.1\nHost: h\n\n",
                "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "GET http://other/hello HTTP/2.0\r\nHost: h\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n");
        try (TestServer server = TestServer.plain()) {
            for (String attempt : attempts) {
                try (RawClient client = server.raw()) {
                    String answer = client.send(attempt + GET).all();
                    assertTrue(answer.matches("(?s)HTTP/1.1 (400|501|505) .*"), attempt + " -> " + answer);
                    assertFalse(answer.contains("hello"), attempt + " -> " + answer);
                }
            }
        }
    }

    @Test
    void refusesAChunkThatEndsWrongly() throws Exception {
        try (TestServer server = TestServer.plain();
                RawClient client = server.raw()) {
            String answer = client.send(
                            "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n"
                                    + GET)
                    .all();
            assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
            assertTrue(answer.contains("Connection: close"), answer);
            assertEquals(answer.indexOf("HTTP/1.1"), answer.lastIndexOf("HTTP/1.1"), answer);
        }
    }

    @Test
    void refusesHeadersAndTargetsThatAreTooLarge() throws Exception {
        try (TestServer server = TestServer.plain()) {
            try (RawClient client = server.raw()) {
                String field = "X: " + "y".repeat(1_000) + "\r\n";
                String answer = client.send("GET /hello HTTP/1.1\r\nHost: h\r\n" + field.repeat(1_100))
                        .all();
                assertTrue(answer.startsWith("HTTP/1.1 431 "), answer);
            }
            try (RawClient client = server.raw()) {
                String answer = client.send("GET /" + "a".repeat(300 << 10)).all();
                assertTrue(answer.startsWith("HTTP/1.1 414 "), answer);
            }
            try (RawClient client = server.raw()) {
                String answer = client.send("GET /hello HTTP/1.1\r\nHost: h\r\n" + "X: y\r\n".repeat(1_001))
                        .all();
                assertTrue(answer.startsWith("HTTP/1.1 431 "), answer);
            }
            try (RawClient client = server.raw()) {
                client.send("GET /hello HTTP/1.1\r\nHost: h\r\nX: " + "y".repeat(1_000_000) + "\r\n\r\n");
                assertTrue(client.answer().endsWith("hello"));
            }
        }
    }

    @Test
    void closesSlowHeadersAndIdleConnections() throws Exception {
        try (TestServer server = TestServer.plain(SHORT);
                RawClient nothing = server.raw();
                RawClient idle = server.raw();
                RawClient slow = server.raw()) {
            idle.send(GET);
            assertTrue(idle.answer().endsWith("hello"));
            slow.send("GET /hello HTTP/1.1\r\nHost: h\r\n");
            Thread drip = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        slow.send("X: y\r\n");
                        Thread.sleep(20);
                    }
                } catch (IOException | InterruptedException e) {
                    // Closed, as it should be.
                }
            });
            assertEquals("", nothing.all());
            assertEquals("", idle.all());
            drip.join(Duration.ofSeconds(15));
            assertFalse(drip.isAlive(), "a header may come as slowly as it likes");
            TestServer.eventually("no connection", () -> server.front.connections() == 0);
        }
    }

    @Test
    void givesUpOnSlowBodies() throws Exception {
        try (TestServer server = TestServer.plain(SHORT);
                RawClient client = server.raw()) {
            client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc");
            String answer = client.answer();
            assertTrue(answer.startsWith("HTTP/1.1 504 "), answer);
            assertTrue(answer.contains("did not arrive within"), answer);
        }
    }

    @Test
    void tellsTheHandlerThatTheBodyIsCutOff() throws Exception {
        AtomicBoolean told = new AtomicBoolean();
        try (TestServer server = TestServer.plain();
                RawClient client = server.raw()) {
            server.on("/told", request -> {
                try {
                    request.body().stream().readAllBytes();
                } catch (IOException e) {
                    told.set(request.clientGone());
                }
                return TestServer.ok("");
            });
            client.send("POST /told HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nabc");
            client.socket.close();
            TestServer.eventually("the end of the body", told::get);
        }
    }

    @Test
    void answersAClientThatHasSentAll() throws Exception {
        try (TestServer server = TestServer.plain();
                RawClient client = server.raw()) {
            client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
            client.socket.shutdownOutput();
            assertTrue(client.all().endsWith("\r\n\r\nabc"));
        }
    }

    @Test
    void asksBeforeABodyComesAndOnlyIfItIsWanted() throws Exception {
        try (TestServer server = TestServer.plain()) {
            try (RawClient client = server.raw()) {
                client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
                assertEquals("HTTP/1.1 100 Continue", client.line());
                assertEquals("", client.line());
                client.send("abc");
                assertTrue(client.answer().endsWith("abc"));
                client.send(GET);
                assertTrue(client.answer().endsWith("hello"));
            }
            try (RawClient client = server.raw()) {
                client.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
                String answer = client.all();
                assertTrue(answer.startsWith("HTTP/1.1 200 OK") && answer.contains("Connection: close"), answer);
            }
            try (RawClient client = server.raw()) {
                client.send("POST /hello HTTP/1.1\r\nHost: h\r\nExpect: wonders\r\n\r\n");
                assertTrue(client.all().startsWith("HTTP/1.1 417 "));
            }
        }
    }

    @Test
    void readsOverSmallBodiesThatNobodyWantsAndNotLargeOnes() throws Exception {
        try (TestServer server = TestServer.plain()) {
            try (RawClient client = server.raw()) {
                String body = "x".repeat(100_000);
                for (int i = 0; i < 3; i++) {
                    client.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + body);
                    assertTrue(client.answer().endsWith("hello"));
                }
            }
            try (RawClient client = server.raw()) {
                client.send("POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\nabc");
                assertTrue(client.all().contains("Connection: close"));
            }
        }
    }

    @Test
    void endsAnAnswerOfUnknownLengthForHttp10ByClosing() throws Exception {
        try (TestServer server = TestServer.plain();
                RawClient client = server.raw()) {
            server.on("/stream", request -> new ApiResponse.Streamed(200, Map.of(), out -> out.write('x')));
            String answer = client.send("GET /stream HTTP/1.0\r\n\r\n").all();
            assertTrue(answer.endsWith("\r\n\r\nx"), answer);
            assertFalse(answer.contains("Transfer-Encoding"), answer);
        }
    }

    /** What an answer holds, a watch or a connection, only its body lets go of. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void runsTheBodyOfAnAnswerWhoseClientLeftBefore(boolean upgraded) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        AtomicBoolean letGo = new AtomicBoolean();
        try (TestServer server = TestServer.plain()) {
            server.on("/held", request -> {
                asked.countDown();
                TestServer.eventually("the client to leave", request::clientGone);
                return upgraded
                        ? new ApiResponse.Upgraded(Map.of("Upgrade", "echo"), (in, out) -> sleepAndLetGo(letGo))
                        : new ApiResponse.Streamed(200, Map.of(), out -> sleepAndLetGo(letGo));
            });
            try (RawClient client = server.raw()) {
                client.send("GET /held HTTP/1.1\r\nHost: h\r\n\r\n");
                asked.await();
            }
            TestServer.eventually("the end of the body", letGo::get);
            TestServer.eventually("no request", () -> server.front.requests() == 0);
        }
    }

    @Test
    void endsTheBodyOfAnAnswerOfWhichOnlyTheHeadIsWanted() throws Exception {
        AtomicBoolean letGo = new AtomicBoolean();
        try (TestServer server = TestServer.plain();
                RawClient client = server.raw()) {
            server.on("/held", request -> new ApiResponse.Streamed(200, Map.of(), out -> sleepAndLetGo(letGo)));
            client.send("HEAD /held HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals("HTTP/1.1 200 OK", client.line());
            TestServer.eventually("the end of the body", letGo::get);
        }
    }

    private static void sleepAndLetGo(AtomicBoolean letGo) throws InterruptedException {
        try {
            Thread.sleep(60_000);
        } finally {
            letGo.set(true);
        }
    }

    @Test
    void closesConnectionsBeyondTheLimit() throws Exception {
        try (TestServer server = TestServer.plain(HttpLimits.DEFAULT.withConnectionsMax(3))) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                RawClient client = server.raw();
                client.send(GET);
                client.answer();
                clients.add(client);
            }
            try (RawClient fourth = server.raw()) {
                assertEquals("", fourth.all());
            }
            clients.getFirst().close();
            TestServer.eventually("room", () -> server.front.connections() == 2);
            try (RawClient again = server.raw()) {
                assertTrue(again.send(GET).answer().endsWith("hello"));
            }
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void passesBytesInBothDirectionsAfterAnUpgrade() throws Exception {
        try (TestServer server = TestServer.plain();
                RawClient client = server.raw()) {
            server.on(
                    "/raw",
                    request -> new ApiResponse.Upgraded(Map.of("Upgrade", "echo"), (in, out) -> {
                        byte[] buffer = new byte[10_000];
                        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                            out.write(buffer, 0, n);
                            out.flush();
                        }
                        out.write("end".getBytes(StandardCharsets.US_ASCII));
                    }));
            client.send("GET /raw HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly");
            assertEquals("HTTP/1.1 101 Switching Protocols", client.line());
            String fields = "";
            for (String line = client.line(); !line.isEmpty(); line = client.line()) {
                fields += line + "\n";
            }
            assertTrue(fields.contains("Connection: Upgrade\n") && fields.contains("Upgrade: echo\n"), fields);
            assertFalse(fields.contains("Content-Length"), fields);
            assertEquals("early", new String(client.socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII));
            String large = "0123456789".repeat(100_000);
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    client.send(large);
                    client.socket.shutdownOutput();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertTrue((large + "end").equals(client.all()), "something was lost");
            writer.join();
        }
    }

    @Test
    void endsItsDirectionOfAnUpgradedConnectionAlone() throws Exception {
        try (TestServer server = TestServer.plain();
                RawClient client = server.raw()) {
            StringBuilder received = new StringBuilder();
            AtomicBoolean done = new AtomicBoolean();
            server.on(
                    "/raw",
                    request -> new ApiResponse.Upgraded(Map.of("Upgrade", "echo"), (in, out) -> {
                        out.write("bye".getBytes(StandardCharsets.US_ASCII));
                        out.close();
                        received.append(new String(in.readAllBytes(), StandardCharsets.US_ASCII));
                        done.set(true);
                    }));
            client.send("GET /raw HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
            assertTrue(client.all().endsWith("\r\n\r\nbye"));
            client.send("still here");
            client.socket.shutdownOutput();
            TestServer.eventually("the end of the conversation", done::get);
            assertEquals("still here", received.toString());
        }
    }

    @Test
    void whoAnswersTheEndOfAConversationFindsNoShutDoor() throws Exception {
        try (TestServer server = TestServer.plain();
                RawClient client = server.raw()) {
            server.on(
                    "/raw",
                    request -> new ApiResponse.Upgraded(
                            Map.of("Upgrade", "echo"),
                            (in, out) -> out.write("bye".getBytes(StandardCharsets.US_ASCII))));
            client.send("GET /raw HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
            assertTrue(client.all().endsWith("\r\n\r\nbye"));
            client.send("bye to you");
            client.send("and to yours"); // A door that is shut is noticed with the second word.
        }
    }

    @Test
    void tellsThoseWhoForgotTls() throws Exception {
        try (TestServer server = TestServer.tls();
                RawClient client = server.raw()) {
            String answer = client.send(GET).all();
            assertTrue(
                    answer.startsWith(
                            "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"),
                    answer);
            // The client may have the answer before it is counted.
            TestEtcd.await("the handshake is counted", () -> server.front.failedHandshakes() == 1);
        }
    }

    @Test
    void closesAHandshakeThatDoesNotComeToAnEnd() throws Exception {
        try (TestServer server = TestServer.plain(SHORT);
                RawClient client = server.raw()) {
            assertEquals("", client.send("PRI * HT").all());
        }
    }
}
