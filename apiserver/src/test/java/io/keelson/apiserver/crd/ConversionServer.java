package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
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
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A conversion webhook that does its work: between {@code v1} with {@code spec.host} and {@code spec.port}, and {@code v2}
 * with {@code spec.address}. What it answers can be spoilt.
 */
final class ConversionServer implements AutoCloseable {
    private final HttpsServer server;
    private final CertificateAuthority authority;
    private final AtomicInteger calls = new AtomicInteger();
    private volatile UnaryOperator<ObjectNode> spoil = UnaryOperator.identity();
    private volatile int status = 200;

    ConversionServer(String... names) {
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
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/convert", this::handle);
            server.start();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    String url() {
        return "https://127.0.0.1:" + port() + "/convert";
    }

    int port() {
        return server.getAddress().getPort();
    }

    String caBundle() {
        return Base64.getEncoder().encodeToString(Pem.encode(authority.certificate()));
    }

    int calls() {
        return calls.get();
    }

    /** Changes answers before they are sent. */
    void spoil(UnaryOperator<ObjectNode> change) {
        spoil = change;
    }

    void answerWith(int code) {
        status = code;
    }

    private void handle(HttpExchange exchange) throws IOException {
        calls.incrementAndGet();
        try (exchange) {
            JsonNode request =
                    Json.parseObject(exchange.getRequestBody().readAllBytes()).path("request");
            ObjectNode review =
                    Json.object().put("apiVersion", "apiextensions.k8s.io/v1").put("kind", "ConversionReview");
            ObjectNode response = review.putObject("response");
            response.set("uid", request.path("uid"));
            response.putObject("result").put("status", "Success");
            ArrayNode converted = response.putArray("convertedObjects");
            for (JsonNode object : request.path("objects")) {
                converted.add(convert(
                        (ObjectNode) object, request.path("desiredAPIVersion").asText()));
            }
            byte[] bytes = Json.encode(spoil.apply(review));
            exchange.getResponseHeaders().add("Content-Type", status == 200 ? "application/json" : "text/plain");
            if (status == 302) {
                exchange.getResponseHeaders().add("Location", url());
            }
            byte[] body = status == 200 ? bytes : "out of order".getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static ObjectNode convert(ObjectNode object, String desired) {
        ObjectNode spec = object.withObject("/spec");
        if (desired.endsWith("/v2") && spec.has("host")) {
            spec.put(
                    "address",
                    spec.path("host").asText() + ":" + spec.path("port").asInt());
            spec.remove(List.of("host", "port"));
        } else if (desired.endsWith("/v1") && spec.has("address")) {
            String[] parts = spec.path("address").asText().split(":", -1);
            spec.remove("address");
            spec.put("host", parts[0]).put("port", Integer.parseInt(parts[1]));
        }
        return object.put("apiVersion", desired);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
