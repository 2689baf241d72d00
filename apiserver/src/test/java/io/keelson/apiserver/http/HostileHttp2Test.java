package io.keelson.apiserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.request.ApiResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of HTTP/2 that mean no good; frames written by hand. */
class HostileHttp2Test {
    private static final int REFUSED_STREAM = 7;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int WINDOW_BYTES = 65_535;

    @Test
    void answersFramesWrittenByHand() throws Exception {
        try (TestServer server = TestServer.plain();
                FrameClient client = FrameClient.to(server)) {
            client.get(1, "/hello");
            assertEquals("hello", new String(client.next(FrameClient.DATA).payload(), StandardCharsets.US_ASCII));
        }
    }

    /** Neither a lasting answer nor one that is stuck, the window being closed, keeps a connection whose client has left. */
    @Test
    void aClientThatClosesItsHalfHoldsNothingAnyMore() throws Exception {
        try (TestServer server = TestServer.plain();
                FrameClient client = FrameClient.to(server)) {
            CountDownLatch begun = new CountDownLatch(1);
            server.on(
                    "/wait",
                    request -> new ApiResponse.Streamed(200, Map.of(), out -> {
                        begun.countDown();
                        Thread.sleep(60_000);
                    }));
            server.on("/stuck", request -> TestServer.ok(new byte[100_000]));
            // SETTINGS_INITIAL_WINDOW_SIZE is 0.
            client.send(FrameClient.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 0, 0});
            client.get(1, "/wait");
            client.get(3, "/stuck");
            while (client.next(FrameClient.HEADERS).stream() != 3) {
                // The answer that waits for the window comes second or first.
            }
            begun.await();
            assertEquals(1, server.front.connections());
            client.shutdownOutput();
            TestServer.eventually("no request", () -> server.front.requests() == 0);
            TestServer.eventually("no connection", () -> server.front.connections() == 0);
        }
    }

    /** CVE-2023-44487, CVE-2023-39325: streams that are opened and reset at once. */
    @Test
    void cve202344487AndCve202339325EndsAFloodOfResets() throws Exception {
        try (TestServer server = TestServer.plain(HttpLimits.DEFAULT.withResetsMax(200));
                FrameClient client = FrameClient.to(server)) {
            server.on("/wait", request -> new ApiResponse.Streamed(200, Map.of(), out -> Thread.sleep(60_000)));
            Thread flood = Thread.ofVirtual().start(() -> {
                try {
                    for (int stream = 1; stream < 20_000; stream += 2) {
                        client.get(stream, "/wait");
                        client.reset(stream);
                    }
                } catch (IOException e) {
                    // Closed, as it should be.
                }
            });
            assertEquals(ENHANCE_YOUR_CALM, client.next(FrameClient.GOAWAY).code());
            flood.join(Duration.ofSeconds(20));
            TestServer.eventually("no request", () -> server.front.requests() == 0);
        }
    }

    /** The same, against a handler that does not notice: no more of them run than streams may be open. */
    @Test
    void runsNoMoreRequestsThanStreamsMayBeOpen() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger most = new AtomicInteger();
        AtomicInteger now = new AtomicInteger();
        try (TestServer server = TestServer.plain();
                FrameClient client = FrameClient.to(server)) {
            server.on("/stubborn", request -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                go.await();
                now.decrementAndGet();
                return TestServer.ok("");
            });
            for (int stream = 1; stream < 1_000; stream += 2) {
                client.get(stream, "/stubborn");
                client.reset(stream);
            }
            client.get(1_001, "/stubborn");
            assertEquals(REFUSED_STREAM, client.next(FrameClient.RST_STREAM).code());
            TestServer.eventually("as many as may run at work", () -> most.get() >= 250);
            assertEquals(250, server.front.requests());
            assertEquals(250, most.get());
            go.countDown();
        }
    }

    /** What an answer holds, a watch for example, only its writer lets go of. */
    @Test
    void runsTheWriterOfAnAnswerWhoseStreamWasResetBefore() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        AtomicBoolean letGo = new AtomicBoolean();
        try (TestServer server = TestServer.plain();
                FrameClient client = FrameClient.to(server)) {
            server.on("/watch", request -> {
                asked.countDown();
                TestServer.eventually("the reset", request::clientGone);
                return new ApiResponse.Streamed(200, Map.of(), out -> {
                    try {
                        Thread.sleep(60_000);
                    } finally {
                        letGo.set(true);
                    }
                });
            });
            client.get(1, "/watch");
            asked.await();
            client.reset(1);
            TestServer.eventually("the end of the writer", letGo::get);
            TestServer.eventually("no request", () -> server.front.requests() == 0);
        }
    }

    /** CVE-2023-45288, CVE-2024-27983: header fields that never end. */
    @Test
    void cve202345288EndsHeaderFieldsWithoutEnd() throws Exception {
        try (TestServer server = TestServer.plain();
                FrameClient client = FrameClient.to(server)) {
            client.send(FrameClient.HEADERS, FrameClient.END_STREAM, 1, FrameClient.head("GET", "/hello"));
            byte[] field = new byte[16_000];
            field[0] = 0x00;
            field[1] = 1;
            field[2] = 'x';
            field[3] = 0x7f; // 127 + 15,869 bytes of value, in 7 bits and more.
            field[4] = (byte) 0xfd;
            field[5] = 0x7b;
            Thread flood = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < 10_000; i++) {
                        client.send(FrameClient.CONTINUATION, 0, 1, field);
                    }
                } catch (IOException e) {
                    // Closed, as it should be.
                }
            });
            flood.join(Duration.ofSeconds(20));
            assertTrue(!flood.isAlive(), "it still reads");
            TestServer.eventually("no connection", () -> server.front.connections() == 0);
        }
    }

    /** CVE-2019-9512, CVE-2019-9515: pings and settings, each of which wants an answer that the client does not read. */
    @ParameterizedTest
    @ValueSource(ints = {FrameClient.PING, FrameClient.SETTINGS})
    void cve20199512AndCve20199515EndsAFloodOfFramesThatWantAnswers(int type) throws Exception {
        try (TestServer server = TestServer.plain();
                FrameClient client = FrameClient.to(server)) {
            byte[] payload = new byte[type == FrameClient.PING ? 8 : 0];
            Thread flood = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < 2_000_000; i++) {
                        client.send(type, 0, 0, payload);
                    }
                } catch (IOException e) {
                    // Closed, as it should be.
                }
            });
            TestServer.eventually("no connection", () -> server.front.connections() == 0);
            flood.join(Duration.ofSeconds(20));
            assertTrue(!flood.isAlive(), "it still reads");
        }
    }

    @Test
    void closesAConnectionThatAsksForNothing() throws Exception {
        HttpLimits limits = HttpLimits.DEFAULT.withTimeouts(
                Duration.ofSeconds(5), Duration.ofMillis(300), Duration.ofMillis(300), Duration.ofSeconds(5));
        try (TestServer server = TestServer.plain(limits);
                FrameClient client = FrameClient.to(server)) {
            assertEquals(0, client.next(FrameClient.GOAWAY).code());
            TestServer.eventually("no connection", () -> server.front.connections() == 0);
        }
    }

    /** Bodies that come this slowly are given up. */
    private static HttpLimits impatient() {
        return HttpLimits.DEFAULT.withTimeouts(
                Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(2));
    }

    @Test
    void givesUpOnBodiesThatDoNotComeWhileOtherStreamsGoOn() throws Exception {
        int slow = 50;
        try (TestServer server = TestServer.plain(impatient());
                FrameClient client = FrameClient.to(server)) {
            for (int i = 0; i < slow; i++) {
                client.begin(2 * i + 1, "/echo");
                client.send(FrameClient.DATA, 0, 2 * i + 1, "abc".getBytes(StandardCharsets.US_ASCII));
            }
            int quick = 2 * slow + 1;
            client.get(quick, "/hello");
            FrameClient.Frame first = client.next(FrameClient.DATA);
            assertEquals(quick, first.stream());
            assertEquals("hello", new String(first.payload(), StandardCharsets.US_ASCII));
            Set<Integer> answered = new HashSet<>();
            Set<Integer> reset = new HashSet<>();
            while (reset.size() < slow) {
                FrameClient.Frame frame = client.next();
                if (frame.type() == FrameClient.DATA) {
                    String answer = new String(frame.payload(), StandardCharsets.UTF_8);
                    assertTrue(answer.contains("did not arrive within 2000ms"), answer);
                    assertTrue(answer.contains("\"code\":504"), answer);
                    assertTrue((frame.flags() & FrameClient.END_STREAM) != 0, "the answer is complete");
                    answered.add(frame.stream());
                } else if (frame.type() == FrameClient.RST_STREAM) {
                    assertEquals(0, frame.code(), "NO_ERROR: the rest of the body is not wanted");
                    assertTrue(answered.contains(frame.stream()), "reset before it was answered");
                    reset.add(frame.stream());
                }
            }
            client.get(quick + 2, "/hello");
            assertEquals(quick + 2, client.next(FrameClient.DATA).stream());
            TestServer.eventually("no request", () -> server.front.requests() == 0);
        }
    }

    @Test
    void givesUpOnABodyThatComesByteByByte() throws Exception {
        AtomicBoolean answered = new AtomicBoolean();
        try (TestServer server = TestServer.plain(impatient());
                FrameClient client = FrameClient.to(server)) {
            client.begin(1, "/echo");
            Thread drip = Thread.ofVirtual().start(() -> {
                try {
                    while (!answered.get()) {
                        client.send(FrameClient.DATA, 0, 1, new byte[] {'x'});
                        Thread.sleep(20);
                    }
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError("the connection is to go on", e);
                }
            });
            String late = new String(client.next(FrameClient.DATA).payload(), StandardCharsets.UTF_8);
            assertTrue(late.contains("\"code\":504"), late);
            answered.set(true);
            drip.join();
            client.get(3, "/hello");
            assertEquals("hello", new String(client.next(FrameClient.DATA).payload(), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void holdsABodyThatNobodyReadsToItsWindow() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (TestServer server = TestServer.plain();
                FrameClient client = FrameClient.to(server)) {
            server.on("/unread", request -> {
                go.await();
                return TestServer.ok("");
            });
            client.send(FrameClient.HEADERS, FrameClient.END_HEADERS, 1, FrameClient.head("POST", "/unread"));
            byte[] data = new byte[16_000];
            // More than may be held and the window beside it, however fast each comes: an error of the stream.
            for (int sent = 0; sent <= IncomingBody.FULL_BYTES + 2 * WINDOW_BYTES; sent += data.length) {
                client.send(FrameClient.DATA, 0, 1, data);
            }
            FrameClient.Frame reset = client.next(FrameClient.RST_STREAM);
            assertEquals(3, reset.code(), "FLOW_CONTROL_ERROR");
            client.get(3, "/hello");
            assertEquals("hello", new String(client.next(FrameClient.DATA).payload(), StandardCharsets.US_ASCII));
            go.countDown();
        }
    }
}
