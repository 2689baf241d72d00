package io.keelson.apiserver.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.resource.GroupResource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the JDK's client sees over TLS, in both versions of HTTP. */
class HttpFrontTest {
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = TestServer.tls();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static HttpClient client(HttpClient.Version version) {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(TestCertificates.client(null))
                .build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server.url(path)));
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void answersWithTheHeadersOfTheApi(HttpClient.Version version) throws Exception {
        server.on("/warned", request -> {
            request.warn("say \"no\"");
            request.warn("say \"no\"");
            request.warn("größer");
            return TestServer.ok("fine").withHeader("X-Test", "a\r\nSet-Cookie: b");
        });
        try (HttpClient client = client(version)) {
            HttpResponse<String> answer = client.send(
                    request("/warned").header("Audit-Id", "given").build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(version, answer.version());
            assertEquals(200, answer.statusCode());
            assertEquals("fine", answer.body());
            Map<String, List<String>> fields = answer.headers().map();
            assertEquals(List.of("given"), fields.get("audit-id"));
            assertEquals(List.of("no-cache, private"), fields.get("cache-control"));
            assertEquals(List.of("4"), fields.get("content-length"));
            assertEquals(List.of("text/plain"), fields.get("content-type"));
            assertEquals(
                    "299 - \"say \\\"no\\\"\"",
                    answer.headers().allValues("warning").getFirst());
            assertEquals(2, answer.headers().allValues("warning").size());
            assertEquals(List.of("a  Set-Cookie: b"), fields.get("x-test"));
            assertFalse(fields.containsKey("set-cookie"));
            assertTrue(fields.containsKey("date"));
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void readsBodiesOfAnySize(HttpClient.Version version) throws Exception {
        Random random = new Random(7);
        try (HttpClient client = client(version)) {
            for (int size : new int[] {0, 1, 16_384, 65_535, 65_536, 300_000, 3 << 20}) {
                byte[] body = new byte[size];
                random.nextBytes(body);
                HttpResponse<byte[]> answer = client.send(
                        request("/echo")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
                assertArrayEquals(body, answer.body());
                HttpResponse<byte[]> unknownLength = client.send(
                        request("/echo")
                                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
                assertArrayEquals(body, unknownLength.body());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void refusesBodiesThatAreTooLarge(HttpClient.Version version) throws Exception {
        try (HttpClient client = client(version)) {
            byte[] body = new byte[(3 << 20) + 1];
            HttpResponse<String> answer = client.send(
                    request("/echo")
                            .expectContinue(true)
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals(413, answer.statusCode());
            assertEquals(
                    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
                            + "\"message\":\"Request entity too large: limit is 3145728\","
                            + "\"reason\":\"RequestEntityTooLarge\",\"code\":413}\n",
                    answer.body());
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void asksForTheBodyOfAClientThatWaits(HttpClient.Version version) throws Exception {
        try (HttpClient client = client(version)) {
            HttpResponse<String> answer = client.send(
                    request("/echo")
                            .expectContinue(true)
                            .POST(HttpRequest.BodyPublishers.ofString("waited"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals("waited", answer.body());
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void writesFailuresAsStatus(HttpClient.Version version) throws Exception {
        server.on("/missing", request -> {
            throw ApiException.notFound(new GroupResource("apps", "deployments"), "web");
        });
        server.on("/broken", request -> {
            throw new IllegalStateException("a secret");
        });
        try (HttpClient client = client(version)) {
            HttpResponse<String> missing =
                    client.send(request("/missing").build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(404, missing.statusCode());
            assertEquals(
                    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
                            + "\"message\":\"deployments.apps \\\"web\\\" not found\",\"reason\":\"NotFound\","
                            + "\"details\":{\"name\":\"web\",\"group\":\"apps\",\"kind\":\"deployments\"},\"code\":404}\n",
                    missing.body());
            HttpResponse<String> broken = client.send(request("/broken").build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(500, broken.statusCode());
            assertTrue(broken.body()
                    .contains(broken.headers().firstValue("audit-id").orElseThrow()));
            assertFalse(broken.body().contains("secret"));
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void compressesLargeAnswersForThoseWhoAcceptIt(HttpClient.Version version) throws Exception {
        byte[] large = "0123456789abcdef".repeat(20_000).getBytes(StandardCharsets.US_ASCII);
        List<ByteBuffer> parts = new ArrayList<>();
        for (int at = 0; at < large.length; at += 1_000) {
            parts.add(ByteBuffer.wrap(large, at, 1_000).slice());
        }
        server.on("/large", request -> new ApiResponse.Whole(200, Map.of("Content-Type", "text/plain"), parts));
        try (HttpClient client = client(version)) {
            HttpResponse<byte[]> plain =
                    client.send(request("/large").build(), HttpResponse.BodyHandlers.ofByteArray());
            assertArrayEquals(large, plain.body());
            assertEquals(
                    Integer.toString(large.length),
                    plain.headers().firstValue("content-length").orElseThrow());
            HttpResponse<byte[]> zipped = client.send(
                    request("/large").header("Accept-Encoding", "br, gzip").build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            assertEquals("gzip", zipped.headers().firstValue("content-encoding").orElseThrow());
            assertTrue(zipped.body().length < large.length / 10);
            try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(zipped.body()))) {
                assertArrayEquals(large, in.readAllBytes());
            }
            HttpResponse<byte[]> small = client.send(
                    request("/hello").header("Accept-Encoding", "gzip").build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            assertTrue(small.headers().firstValue("content-encoding").isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void sendsLargePartsAsTheyAre(HttpClient.Version version) throws Exception {
        byte[] large = new byte[10 << 20];
        new Random(1).nextBytes(large);
        List<ByteBuffer> parts = List.of(
                ByteBuffer.wrap(large, 0, 5).slice(),
                ByteBuffer.wrap(large, 5, 4_000_000).slice(),
                ByteBuffer.wrap(large, 4_000_005, large.length - 4_000_005).slice());
        server.on("/large", request -> new ApiResponse.Whole(200, Map.of("Content-Type", "text/plain"), parts));
        try (HttpClient client = client(version)) {
            HttpResponse<byte[]> answer =
                    client.send(request("/large").build(), HttpResponse.BodyHandlers.ofByteArray());
            assertArrayEquals(large, answer.body());
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void streamsWhatIsWrittenWhenItIsFlushed(HttpClient.Version version) throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        server.on(
                "/stream",
                request -> new ApiResponse.Streamed(200, Map.of("Content-Type", "text/plain"), out -> {
                    out.write("one\n".getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                    read.await();
                    out.write("two\n".getBytes(StandardCharsets.US_ASCII));
                }));
        try (HttpClient client = client(version)) {
            HttpResponse<InputStream> answer =
                    client.send(request("/stream").build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                assertEquals("one\n", new String(body.readNBytes(4), StandardCharsets.US_ASCII));
                read.countDown();
                assertEquals("two\n", new String(body.readAllBytes(), StandardCharsets.US_ASCII));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void showsThatAStreamBrokeOff(HttpClient.Version version) throws Exception {
        server.on(
                "/breaks",
                request -> new ApiResponse.Streamed(200, Map.of("Content-Type", "text/plain"), out -> {
                    out.write(1);
                    out.flush();
                    throw new IOException("no more");
                }));
        try (HttpClient client = client(version)) {
            assertThrows(
                    IOException.class,
                    () -> client.send(request("/breaks").build(), HttpResponse.BodyHandlers.ofString()));
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void interruptsAStreamWhoseClientIsGone(HttpClient.Version version) throws Exception {
        AtomicBoolean interrupted = new AtomicBoolean();
        AtomicBoolean gone = new AtomicBoolean();
        server.on(
                "/watch",
                request -> new ApiResponse.Streamed(200, Map.of("Content-Type", "text/plain"), out -> {
                    out.write(1);
                    out.flush();
                    try {
                        Thread.sleep(Duration.ofMinutes(5));
                    } catch (InterruptedException e) {
                        gone.set(request.clientGone());
                        interrupted.set(true);
                        throw e;
                    }
                }));
        try (HttpClient client = client(version)) {
            HttpResponse<InputStream> answer =
                    client.send(request("/watch").build(), HttpResponse.BodyHandlers.ofInputStream());
            assertEquals(1, answer.body().read());
            answer.body().close();
            TestServer.eventually("an interrupt", interrupted::get);
            assertTrue(gone.get());
            TestServer.eventually("the end of the request", () -> server.front.requests() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void holdsLittleForAClientThatDoesNotRead(HttpClient.Version version) throws Exception {
        AtomicLong written = new AtomicLong();
        byte[] piece = new byte[10_000];
        server.on(
                "/flood",
                request -> new ApiResponse.Streamed(200, Map.of("Content-Type", "text/plain"), out -> {
                    for (long sum = 0; sum < 1L << 32; sum += piece.length) {
                        out.write(piece);
                        written.set(sum);
                    }
                }));
        try (HttpClient client = client(version)) {
            HttpResponse<InputStream> answer =
                    client.send(request("/flood").build(), HttpResponse.BodyHandlers.ofInputStream());
            assertEquals(0, answer.body().read());
            long last = -1;
            while (last != written.get()) {
                last = written.get();
                Thread.sleep(500); // Time for the writer to go on if nothing holds it.
            }
            assertTrue(last < 64 << 20, "wrote " + last + " bytes that nobody reads");
            try (HttpClient other = client(version)) {
                HttpResponse<String> hello =
                        other.send(request("/hello").build(), HttpResponse.BodyHandlers.ofString());
                assertEquals("hello", hello.body());
            }
            HttpResponse<String> beside = client.send(request("/hello").build(), HttpResponse.BodyHandlers.ofString());
            assertEquals("hello", beside.body());
            answer.body().close();
        }
        TestServer.eventually("the end of the writer", () -> server.front.requests() == 0);
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void stopsReadingABodyThatNobodyReads(HttpClient.Version version) throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        server.on("/later", request -> {
            go.await();
            try (InputStream in = request.body().stream()) {
                long sum = 0;
                for (int next; (next = in.read()) >= 0; ) {
                    sum += next;
                }
                return TestServer.ok(Long.toString(sum));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        byte[] body = new byte[20 << 20];
        Arrays.fill(body, (byte) 1);
        try (HttpClient client = client(version)) {
            CompletableFuture<HttpResponse<String>> answer = client.sendAsync(
                    request("/later")
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals(
                    "hello",
                    client.send(request("/hello").build(), HttpResponse.BodyHandlers.ofString())
                            .body());
            go.countDown();
            assertEquals(Integer.toString(body.length), answer.join().body());
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void answersManyRequestsAtOnce(HttpClient.Version version) throws Exception {
        try (HttpClient client = client(version)) {
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                answers.add(client.sendAsync(
                        request("/echo")
                                .POST(HttpRequest.BodyPublishers.ofString("n" + i))
                                .build(),
                        HttpResponse.BodyHandlers.ofString()));
                if (answers.size() % 50 == 0) {
                    answers.getLast().join();
                }
            }
            for (int i = 0; i < answers.size(); i++) {
                assertEquals("n" + i, answers.get(i).join().body());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void answersHeadWithoutABody(HttpClient.Version version) throws Exception {
        try (HttpClient client = client(version)) {
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> answer =
                        client.send(request("/hello").HEAD().build(), HttpResponse.BodyHandlers.ofString());
                assertEquals("5", answer.headers().firstValue("content-length").orElseThrow());
                assertEquals("", answer.body());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void handsOverTheCertificateOfTheClientWithoutJudgingIt(HttpClient.Version version) throws Exception {
        server.on(
                "/who",
                request -> TestServer.ok(
                        request.clientCertificates().isEmpty()
                                ? "nobody"
                                : request.clientCertificates()
                                        .getFirst()
                                        .getSubjectX500Principal()
                                        .getName()));
        TestCertificates own = TestCertificates.named("jane");
        try (HttpClient jane = HttpClient.newBuilder()
                        .version(version)
                        .sslContext(TestCertificates.client(own))
                        .build();
                HttpClient nobody = client(version)) {
            for (int i = 0; i < 2; i++) {
                assertEquals(
                        "CN=jane",
                        jane.send(request("/who").build(), HttpResponse.BodyHandlers.ofString())
                                .body());
                assertEquals(
                        "nobody",
                        nobody.send(request("/who").build(), HttpResponse.BodyHandlers.ofString())
                                .body());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void letsRequestsFinishBeforeItEnds(HttpClient.Version version) throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        server.on("/slow", request -> {
            begun.countDown();
            go.await();
            return TestServer.ok("done");
        });
        try (HttpClient client = client(version)) {
            CompletableFuture<HttpResponse<String>> answer =
                    client.sendAsync(request("/slow").build(), HttpResponse.BodyHandlers.ofString());
            begun.await();
            Thread ending = Thread.ofVirtual().start(() -> server.front.shutdown(Duration.ofSeconds(20)));
            TestServer.eventually("no more listening", () -> {
                try {
                    server.raw().close();
                    return false;
                } catch (IOException e) {
                    return true;
                }
            });
            go.countDown();
            assertEquals("done", answer.join().body());
            ending.join(Duration.ofSeconds(10));
            assertFalse(ending.isAlive(), "the server waits for nothing");
            assertEquals(0, server.front.connections());
        }
    }

    @Test
    void cutsWhatDoesNotEnd() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        server.on(
                "/watch",
                request -> new ApiResponse.Streamed(200, Map.of("Content-Type", "text/plain"), out -> {
                    out.write(1);
                    out.flush();
                    try {
                        Thread.sleep(Duration.ofMinutes(5));
                    } finally {
                        interrupted.countDown();
                    }
                }));
        try (HttpClient client = client(HttpClient.Version.HTTP_2)) {
            HttpResponse<InputStream> answer =
                    client.send(request("/watch").build(), HttpResponse.BodyHandlers.ofInputStream());
            assertEquals(1, answer.body().read());
            server.front.shutdown(Duration.ofMillis(200));
            interrupted.await();
            assertThrows(IOException.class, () -> answer.body().readAllBytes());
        }
    }
}
