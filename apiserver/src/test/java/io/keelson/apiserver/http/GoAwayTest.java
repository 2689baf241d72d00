package io.keelson.apiserver.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.request.ApiResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Clients of HTTP/2 that are asked to make another connection. */
class GoAwayTest {
    private static final int NO_ERROR = 0;

    /** The server's answer on a stream, once it has come as a whole. */
    private static String body(FrameClient client, int stream) throws IOException {
        FrameClient.Frame frame = client.next(FrameClient.DATA);
        assertEquals(stream, frame.stream());
        return new String(frame.payload(), StandardCharsets.US_ASCII);
    }

    @Test
    void aRequestThatMeetsItsLotIsAnsweredAndIsTheLastOne() throws Exception {
        try (TestServer server = TestServer.plain(settings -> settings.withGoAwayChance(1));
                FrameClient client = FrameClient.to(server)) {
            client.get(1, "/hello");
            FrameClient.Frame asked = client.next(FrameClient.GOAWAY);
            assertEquals(NO_ERROR, asked.code());
            assertEquals("hello", body(client, 1));
            assertThrows(IOException.class, () -> client.next(FrameClient.DATA), "closed once all is answered");
        }
    }

    @Test
    void whatLastsIsNoOccasionAndIsNotCut() throws Exception {
        try (TestServer server = TestServer.plain(settings -> settings.withGoAwayChance(1));
                FrameClient client = FrameClient.to(server)) {
            server.on("/api/v1/pods", _ -> TestServer.ok("watched"));
            for (int stream = 1; stream < 40; stream += 2) {
                client.get(stream, "/api/v1/pods?watch=1");
                FrameClient.Frame frame = client.next();
                while (frame.type() != FrameClient.DATA) {
                    assertFalse(frame.type() == FrameClient.GOAWAY);
                    frame = client.next();
                }
            }
            client.get(41, "/hello");
            assertEquals(NO_ERROR, client.next(FrameClient.GOAWAY).code());
        }
    }

    @Test
    void whatIsUnderWayGoesOn() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (TestServer server = TestServer.plain(settings -> settings.withGoAwayChance(1));
                FrameClient client = FrameClient.to(server)) {
            server.on(
                    "/api/v1/pods",
                    _ -> new ApiResponse.Streamed(200, Map.of(), out -> {
                        out.write("begun".getBytes(StandardCharsets.US_ASCII));
                        out.flush();
                        go.await();
                        out.write("later".getBytes(StandardCharsets.US_ASCII));
                    }));
            client.get(1, "/api/v1/pods?watch=1");
            assertEquals("begun", body(client, 1));
            client.get(3, "/hello");
            assertEquals(NO_ERROR, client.next(FrameClient.GOAWAY).code());
            assertEquals("hello", body(client, 3));
            go.countDown();
            assertEquals("later", body(client, 1));
        }
    }

    @Test
    void noChanceMeansNever() throws Exception {
        try (TestServer server = TestServer.plain();
                FrameClient client = FrameClient.to(server)) {
            for (int stream = 1; stream < 400; stream += 2) {
                client.get(stream, "/hello");
                FrameClient.Frame frame = client.next();
                while (frame.type() != FrameClient.DATA) {
                    assertFalse(frame.type() == FrameClient.GOAWAY);
                    frame = client.next();
                }
            }
        }
    }

    @Test
    void connectionsOfTheOlderVersionAreKept() throws Exception {
        try (TestServer server = TestServer.plain(settings -> settings.withGoAwayChance(1));
                RawClient client = server.raw()) {
            for (int i = 0; i < 20; i++) {
                String answer =
                        client.send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n").answer();
                assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
                assertFalse(answer.contains("Connection: close"), answer);
            }
        }
    }
}
