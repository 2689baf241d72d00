package io.keelson.apiserver.admission.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.keelson.apiserver.certs.CertificateAuthority;
import io.keelson.apiserver.certs.CertificateProfile;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** An HTTPS server with webhooks on it, good ones and bad ones, each at a path of its own. */
final class HookServer implements AutoCloseable {
    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CertificateAuthority authority;

    /** Answers a review. */
    interface Hook {
        /** @param request of the review that came in */
        ObjectNode answer(JsonNode request) throws InterruptedException;
    }

    /** Answers with anything at all. */
    interface RawHook {
        void answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    HookServer(String... names) {
        try {
            Instant now = Instant.now();
            authority = CertificateAuthority.create("webhooks", now);
            Credential credential = authority.issue(CertificateProfile.server("webhook", List.of(names)), now);
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", credential.key(), new char[0], new Certificate[] {
                credential.certificate(), authority.certificate()
            });
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(context));
            server.setExecutor(threads);
            server.start();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url(String path) {
        return "https://127.0.0.1:" + port() + path;
    }

    String caBundle() {
        return Base64.getEncoder().encodeToString(Pem.encode(authority.certificate()));
    }

    /** As {@code clientConfig}. */
    String client(String path) {
        return "{'url': '" + url(path) + "', 'caBundle': '" + caBundle() + "'}";
    }

    /** Puts a webhook at a path; the requests that it is asked about come into the queue. */
    BlockingQueue<JsonNode> at(String path, Hook hook) {
        BlockingQueue<JsonNode> asked = new LinkedBlockingQueue<>();
        raw(path, exchange -> {
            JsonNode review = Json.parse(exchange.getRequestBody().readAllBytes());
            asked.add(review);
            send(exchange, 200, "application/json", Json.encode(hook.answer(review.path("request"))));
        });
        return asked;
    }

    void raw(String path, RawHook hook) {
        server.createContext(path, exchange -> {
            try (exchange) {
                hook.answer(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().add("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    /** A review with a response to the request. */
    static ObjectNode response(JsonNode request, boolean allowed) {
        ObjectNode review =
                Json.object().put("apiVersion", "admission.k8s.io/v1").put("kind", "AdmissionReview");
        review.putObject("response").put("uid", request.path("uid").asText()).put("allowed", allowed);
        return review;
    }

    static ObjectNode patching(JsonNode request, String patch) {
        ObjectNode review = response(request, true);
        review.withObject("/response")
                .put("patchType", "JSONPatch")
                .put("patch", patch.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        return review;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
