package io.keelson.kvstore.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keelson.raft.transport.TestAuthority;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is not gRPC, over HTTP/2, which clients choose by themselves on a port with TLS. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HttpTwoTest {
    /** More than the window of 1 MiB that the server gives a stream, and than what a client gives at first. */
    private static final int VALUE_BYTES = 1_400_000;

    private final TestAuthority authority;
    private final KvServer server;
    private final String base;
    private final HttpClient http;

    HttpTwoTest(@TempDir Path folder) throws Exception {
        authority = new TestAuthority(folder, "authority");
        TestAuthority.Issued issued = authority.issue("server");
        List<String> flags = TestServers.loneMember(folder.resolve("data"));
        flags.removeIf(flag -> flag.contains("-client-urls="));
        flags.addAll(List.of(
                "--listen-client-urls=https://127.0.0.1:0",
                "--advertise-client-urls=https://127.0.0.1:0",
                "--cert-file=" + issued.certFile(),
                "--key-file=" + issued.keyFile()));
        server = TestServers.start(flags);
        base = "https://127.0.0.1:" + server.clientUrls().getFirst().port();
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", authority.ca());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        http = HttpClient.newBuilder().sslContext(tls).build();
    }

    @BeforeAll
    void awaitLeader() throws Exception {
        TestServers.await("a leader", server::leading);
    }

    @AfterAll
    void close() {
        http.close();
        server.close();
    }

    private HttpRequest request(String path, String json) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .POST(BodyPublishers.ofString(json))
                .build();
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static String putJson(String key, byte[] value) {
        return "{\"key\":\"" + base64(key.getBytes(UTF_8)) + "\",\"value\":\"" + base64(value) + "\"}";
    }

    @Test
    void aPageComesWithItsBody() throws Exception {
        HttpResponse<String> health =
                http.send(HttpRequest.newBuilder(URI.create(base + "/health")).build(), BodyHandlers.ofString());
        assertEquals(Version.HTTP_2, health.version());
        assertEquals("{\"health\":\"true\",\"reason\":\"\"}", health.body());
        HttpResponse<String> head = http.send(
                HttpRequest.newBuilder(URI.create(base + "/nowhere")).HEAD().build(), BodyHandlers.ofString());
        assertEquals(404, head.statusCode());
        assertEquals("", head.body());
    }

    @Test
    void bodiesLargerThanEveryWindowGoBothWays() throws Exception {
        byte[] value = new byte[VALUE_BYTES];
        new java.util.Random(1).nextBytes(value);
        // 24 values are more than the 32 MiB that Java's client takes ahead on a connection.
        int values = 24;
        for (int i = 0; i < values; i++) {
            HttpResponse<String> put =
                    http.send(request("/v3/kv/put", putJson("large" + (10 + i), value)), BodyHandlers.ofString());
            assertEquals(Version.HTTP_2, put.version());
            assertEquals(200, put.statusCode(), put.body());
        }
        String range = "{\"key\":\"" + base64("large".getBytes(UTF_8)) + "\",\"range_end\":\""
                + base64("largf".getBytes(UTF_8)) + "\"}";
        String plain = http.send(request("/v3/kv/range", range), BodyHandlers.ofString())
                .body();
        assertTrue(plain.length() > values * VALUE_BYTES, () -> "only " + plain.length());
        assertEquals(values, occurrences(base64(value), plain));
        String streamed = http.send(request("/v3/kv/range/stream", range), BodyHandlers.ofString())
                .body();
        assertEquals(values, occurrences(base64(value), streamed));
    }

    private static int occurrences(String part, String text) {
        int count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    @Test
    void oneConnectionCarriesManyRequestsAtATime() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            all.add(http.sendAsync(request("/v3/kv/put", putJson("many" + i, new byte[i])), BodyHandlers.ofString()));
        }
        for (CompletableFuture<HttpResponse<String>> one : all) {
            assertEquals(200, one.get(60, TimeUnit.SECONDS).statusCode());
        }
    }

    @Test
    void aBodyThatIsTooLargeIsRefusedAndTheConnectionGoesOn() throws Exception {
        HttpResponse<String> answer =
                http.send(request("/v3/kv/put", "{\"key\":\"" + "A".repeat(8 << 20) + "\"}"), BodyHandlers.ofString());
        assertEquals(413, answer.statusCode());
        assertEquals(
                200,
                http.send(request("/v3/kv/put", putJson("after", new byte[1])), BodyHandlers.ofString())
                        .statusCode());
    }

    @Test
    void aWatchIsSentPieceByPieceAndEndsWhenItsClientGoes() throws Exception {
        String watch = "{\"create_request\":{\"key\":\"" + base64("watched".getBytes(UTF_8)) + "\"}}";
        HttpResponse<Stream<String>> answer = http.send(request("/v3/watch", watch), BodyHandlers.ofLines());
        try (Stream<String> lines = answer.body()) {
            var line = lines.iterator();
            assertTrue(line.next().contains("\"created\":true"));
            var _ = http.send(request("/v3/kv/put", putJson("watched", new byte[10])), BodyHandlers.ofString());
            assertTrue(line.next().contains("\"events\""));
        }
        TestServers.await(
                "the end of the watch",
                () -> http.send(
                                HttpRequest.newBuilder(URI.create(base + "/metrics"))
                                        .build(),
                                BodyHandlers.ofString())
                        .body()
                        .contains("\netcd_debugging_mvcc_watcher_total 0"));
    }

    @Test
    void curlGetsTheWholeAnswerOverHttpTwo(@TempDir Path folder) throws Exception {
        assumeTrue(curlSpeaksHttpTwo(), "needs a curl with HTTP/2");
        Path body = Files.writeString(folder.resolve("put.json"), putJson("curl", new byte[VALUE_BYTES]));
        assertTrue(curl("/v3/kv/put", "--data-binary", "@" + body).startsWith("HTTP/2 {\"header\":"));
        String answer = curl("/v3/kv/range", "-d", "{\"key\":\"" + base64("curl".getBytes(UTF_8)) + "\"}");
        assertTrue(answer.length() > VALUE_BYTES, answer);
        assertEquals("HTTP/2 {\"health\":\"true\",\"reason\":\"\"}", curl("/health"));
    }

    private static boolean curlSpeaksHttpTwo() throws InterruptedException {
        try {
            Process version = new ProcessBuilder("curl", "--version")
                    .redirectErrorStream(true)
                    .start();
            String text = new String(version.getInputStream().readAllBytes(), UTF_8);
            return version.waitFor() == 0 && text.contains("HTTP2");
        } catch (IOException e) {
            return false;
        }
    }

    private String curl(String path, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "-sS",
                "-m",
                "60",
                "--cacert",
                authority.caFile().toString(),
                "-w",
                "%{stderr}HTTP/%{http_version} "));
        command.addAll(List.of(more));
        command.add(base + path);
        Process process = new ProcessBuilder(command).start();
        String out = new String(process.getInputStream().readAllBytes(), UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), err);
        return err + out;
    }
}
