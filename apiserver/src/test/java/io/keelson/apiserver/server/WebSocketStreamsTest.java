package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.proxy.KubeletSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exec as other clients than kubectl do it: over WebSockets of Java, with the older protocol and the newer one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WebSocketStreamsTest {
    private TestKubelet kubelet;
    private ApiServer server;
    private HttpClient client;

    /** Gathers what comes, channel by channel. */
    private static final class Channels implements WebSocket.Listener {
        private final Map<Integer, ByteArrayOutputStream> received = new ConcurrentHashMap<>();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            int channel = data.get();
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            received.computeIfAbsent(channel, _ -> new ByteArrayOutputStream()).writeBytes(bytes);
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed.completeExceptionally(error);
        }

        String text(int channel) {
            return received.getOrDefault(channel, new ByteArrayOutputStream()).toString(StandardCharsets.UTF_8);
        }
    }

    @BeforeAll
    void start() throws Exception {
        kubelet = new TestKubelet();
        server = ApiServer.start(ApiServerConfig.ephemeral());
        client = client(server);
        fill(server, client, kubelet.port());
    }

    private static HttpClient client(ApiServer server) throws IOException {
        RemoteServer remote = server.kubeconfig().current(Path.of("."));
        return HttpClient.newBuilder()
                .sslContext(remote.tls())
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    private static void fill(ApiServer server, HttpClient client, int port) throws Exception {
        post(server, client, "/api/v1/nodes", """
                {"apiVersion":"v1","kind":"Node","metadata":{"name":"old"}}""");
        ask(server, client, "PATCH", "/api/v1/nodes/old/status", """
                {"status":{"addresses":[{"type":"Hostname","address":"127.0.0.1"}],
                 "daemonEndpoints":{"kubeletEndpoint":{"Port":%d}}}}""".formatted(port));
        post(server, client, "/api/v1/namespaces/default/serviceaccounts", """
                {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default"}}""");
        post(server, client, "/api/v1/namespaces/default/pods", """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},
                 "spec":{"nodeName":"old","containers":[{"name":"a","image":"b"}]}}""");
    }

    private static void post(ApiServer server, HttpClient client, String path, String object) throws Exception {
        assertEquals(201, ask(server, client, "POST", path, object).statusCode());
    }

    private static HttpResponse<String> ask(
            ApiServer server, HttpClient client, String method, String path, String body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(server.url() + path))
                        .header(
                                "Content-Type",
                                method.equals("PATCH") ? "application/merge-patch+json" : "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @AfterAll
    void stop() throws IOException {
        if (server != null) {
            server.close();
        }
        if (kubelet != null) {
            kubelet.close();
        }
    }

    private WebSocket open(Channels channels, String protocol, String query) throws Exception {
        URI uri = URI.create(
                server.url().replace("https:", "wss:") + "/api/v1/namespaces/default/pods/web/exec?" + query);
        return client.newWebSocketBuilder()
                .subprotocols(protocol)
                .buildAsync(uri, channels)
                .get(20, TimeUnit.SECONDS);
    }

    private static ByteBuffer message(int channel, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(bytes.length + 1)
                .put((byte) channel)
                .put(bytes)
                .flip();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v4.channel.k8s.io", "v5.channel.k8s.io"})
    void tellsHowACommandEnded(String protocol) throws Exception {
        Channels channels = new Channels();
        WebSocket socket = open(
                channels,
                protocol,
                "stdout=true&stderr=true&command=sh&command=-c&command=echo%20out%3Becho%20err%3E%262%3Bexit%205");
        assertEquals(protocol, socket.getSubprotocol());
        assertEquals(WebSocket.NORMAL_CLOSURE, channels.closed.get(20, TimeUnit.SECONDS));
        assertEquals("out\n", channels.text(1));
        assertEquals("err\n", channels.text(2));
        ObjectNode status = Json.parseObject(channels.text(3).getBytes(StandardCharsets.UTF_8));
        assertEquals("NonZeroExitCode", status.path("reason").asText());
        assertEquals(
                "5",
                status.path("details").path("causes").path(0).path("message").asText());
    }

    @Test
    void endsTheInputOfAProcessByItself() throws Exception {
        Channels channels = new Channels();
        WebSocket socket = open(channels, "v5.channel.k8s.io", "stdin=true&stdout=true&command=cat");
        socket.sendBinary(message(0, "some input"), true).get(20, TimeUnit.SECONDS);
        socket.sendBinary(ByteBuffer.wrap(new byte[] {(byte) 255, 0}), true).get(20, TimeUnit.SECONDS);
        assertEquals(WebSocket.NORMAL_CLOSURE, channels.closed.get(20, TimeUnit.SECONDS));
        assertEquals("some input", channels.text(1));
        assertEquals("Success", Json.parse(channels.text(3)).path("status").asText());
    }

    @Test
    void givesTerminalsTheirSize() throws Exception {
        Channels channels = new Channels();
        WebSocket socket =
                open(channels, "v5.channel.k8s.io", "stdin=true&stdout=true&stderr=true&tty=true&command=cat");
        socket.sendBinary(message(4, "{\"Width\":80,\"Height\":24}\n"), true).get(20, TimeUnit.SECONDS);
        assertEquals("{\"Width\":80,\"Height\":24}", kubelet.size());
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(20, TimeUnit.SECONDS);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (kubelet.backend().connections() > 0) {
            assertTrue(System.nanoTime() < deadline, "the process is not left");
            Thread.sleep(20);
        }
    }

    @Test
    void believesOnlyThoseNodesThatItIsToBelieve(@TempDir Path folder) throws Exception {
        try (TestBackend stranger = new TestBackend(
                InetAddress.getLoopbackAddress(), List.of("elsewhere"), call -> call.answer(200, "text/plain", "x"))) {
            Path trusted = Files.write(
                    folder.resolve("ca.crt"), Pem.encode(kubelet.backend().authority()));
            KubeletSettings defaults = KubeletSettings.DEFAULT;
            ApiServerConfig ephemeral = ApiServerConfig.ephemeral();
            ConnectionSettings connections = new ConnectionSettings(
                    ServingSettings.DEFAULT,
                    Http2Serving.DEFAULT,
                    new KubeletSettings(defaults.addressTypes(), null, null, trusted, defaults.timeout(), 0),
                    ConnectionSettings.DEFAULT.aggregation(),
                    false,
                    null);
            try (ApiServer strict = ApiServer.start(new ApiServerConfig(
                    ephemeral.bindAddress(),
                    0,
                    null,
                    null,
                    null,
                    null,
                    ephemeral.authorizationModes(),
                    true,
                    ephemeral.serviceRange(),
                    ephemeral.eventTimeToLive(),
                    ephemeral.requestTimeoutMin(),
                    ephemeral.cluster().withConnections(connections)))) {
                HttpClient admin = client(strict);
                fill(strict, admin, kubelet.port());
                String log = "/api/v1/namespaces/default/pods/web/log";
                assertEquals(200, ask(strict, admin, "GET", log, "").statusCode());
                ask(strict, admin, "PATCH", "/api/v1/nodes/old/status", """
                        {"status":{"daemonEndpoints":{"kubeletEndpoint":{"Port":%d}}}}""".formatted(stranger.port()));
                HttpResponse<String> refused = ask(strict, admin, "GET", log, "");
                assertEquals(500, refused.statusCode());
                assertTrue(refused.body().contains("certificate signed by unknown authority"), refused.body());
                assertEquals(0, stranger.calls().size());
                assertEquals(
                        200,
                        ask(strict, admin, "GET", log + "?insecureSkipTLSVerifyBackend=true", "")
                                .statusCode());
            }
        }
    }
}
