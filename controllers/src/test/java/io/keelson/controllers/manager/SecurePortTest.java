package io.keelson.controllers.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The port that the controller manager, the scheduler and others serve their health and metrics on. */
class SecurePortTest {
    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();
    private final AtomicBoolean well = new AtomicBoolean(true);
    private final ManualTime time = new ManualTime(Instant.now());
    private SecurePort port;
    private HttpClient http;

    @BeforeEach
    void serve() throws IOException, GeneralSecurityException {
        ControllerMetrics metrics = new ControllerMetrics();
        metrics.counter("tests_total", "Tests").inc();
        Map<String, BooleanSupplier> checks = new LinkedHashMap<>();
        checks.put("ping", () -> true);
        checks.put("work", well::get);
        port = new SecurePort(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                PortSettings.of(ServingCertificate.selfSigned("kube-test")),
                access(AccessSettings.DEFAULT),
                metrics.registry(),
                checks);
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, new TrustManager[] {new Trusting()}, null);
        http = HttpClient.newBuilder().sslContext(trusting).build();
    }

    private DelegatedAccess access(AccessSettings settings) {
        return new DelegatedAccess(cluster.client(), cluster.client(), settings, time);
    }

    @AfterEach
    void close() {
        http.close();
        port.close();
        cluster.close();
    }

    /** The certificate vouches for itself, and nobody knows it. */
    private static final class Trusting extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port.port() + path))
                .timeout(Duration.ofSeconds(20));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private String token(String account) {
        cluster.client()
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName(account)
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
        return cluster.client()
                .serviceAccounts()
                .inNamespace(namespace)
                .withName(account)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(600L)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }

    private void mayReadMetrics(String account) {
        String role = namespace + "-metrics";
        cluster.client()
                .resource(new ClusterRoleBuilder()
                        .withNewMetadata()
                        .withName(role)
                        .endMetadata()
                        .addNewRule()
                        .withVerbs("get")
                        .withNonResourceURLs("/metrics")
                        .endRule()
                        .build())
                .create();
        cluster.client()
                .resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(role)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                        .addNewSubject()
                        .withKind("ServiceAccount")
                        .withName(account)
                        .withNamespace(namespace)
                        .endSubject()
                        .build())
                .create();
    }

    @Test
    void everybodyMayAskForHealth() throws Exception {
        for (String path : new String[] {"/healthz", "/livez", "/readyz"}) {
            HttpResponse<String> plain = get(path);
            assertEquals(200, plain.statusCode());
            assertEquals("ok", plain.body());
            assertEquals(
                    "[+]ping ok\n[+]work ok\n" + path.substring(1) + " check passed\n",
                    get(path + "?verbose").body());
        }
        well.set(false);
        HttpResponse<String> bad = get("/readyz");
        assertEquals(500, bad.statusCode());
        assertEquals("[+]ping ok\n[-]work failed: reason withheld\nreadyz check failed\n", bad.body());
    }

    @Test
    void metricsAreForWhomTheApiServerLetsReadThem() throws Exception {
        assertEquals(401, get("/metrics").statusCode());
        assertEquals(401, get("/metrics", "Authorization", "Bearer nobody's").statusCode());
        assertEquals(401, get("/metrics", "Authorization", "Basic YTpi").statusCode());
        assertEquals(
                401,
                get("/metrics", "Authorization", "Bearer " + "x".repeat(20_000)).statusCode());
        String bearer = "Bearer " + token("reader");
        assertEquals(403, get("/metrics", "Authorization", bearer).statusCode());
        mayReadMetrics("reader");
        TestCluster.await("he may", () -> {
            // Answers are kept for ten seconds.
            time.advance(Duration.ofSeconds(11));
            return isAllowed(bearer);
        });
        HttpResponse<String> read = get("/metrics", "Authorization", bearer);
        assertTrue(read.headers().firstValue("Content-Type").orElse("").startsWith("text/plain"));
        assertTrue(read.body().contains("tests_total 1.0"), read::body);
        cluster.client()
                .rbac()
                .clusterRoleBindings()
                .withName(namespace + "-metrics")
                .delete();
        assertEquals(200, get("/metrics", "Authorization", bearer).statusCode(), "the answer is kept");
        TestCluster.await("he may no more", () -> {
            time.advance(Duration.ofSeconds(11));
            return !isAllowed(bearer);
        });
    }

    private boolean isAllowed(String bearer) {
        try {
            return get("/metrics", "Authorization", bearer).statusCode() == 200;
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void nothingElseIsServed() throws Exception {
        assertEquals(404, get("/").statusCode());
        assertEquals(404, get("/debug/pprof").statusCode());
        HttpRequest post = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port.port() + "/healthz"))
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build();
        assertEquals(
                405, http.send(post, HttpResponse.BodyHandlers.discarding()).statusCode());
    }

    private SecurePort served(PortSettings settings) throws IOException {
        return new SecurePort(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                settings,
                access(settings.access()),
                new ControllerMetrics().registry(),
                Map.of());
    }

    private static int status(HttpClient client, SecurePort at, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + at.port() + path))
                .timeout(Duration.ofSeconds(20))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private static Path file(Path folder, String name, String encoded) throws IOException {
        return Files.write(folder.resolve(name), Base64.getDecoder().decode(encoded));
    }

    @Test
    void clientsAreKnownByCertificatesOfTheAuthorityAlone(@TempDir Path folder) throws Exception {
        Config admin = cluster.client().getConfiguration();
        TrustManager[] anybody = {new Trusting()};
        // Where every API server says whose certificates clients may show.
        ConfigMap shown = cluster.client()
                .configMaps()
                .inNamespace("kube-system")
                .withName("extension-apiserver-authentication")
                .waitUntilCondition(Objects::nonNull, 20, TimeUnit.SECONDS);
        ClientCertificates clients = ClientCertificates.read(
                Files.writeString(folder.resolve("ca.crt"), shown.getData().get("client-ca-file")));
        PortSettings settings = new PortSettings(
                ServingCertificate.selfSigned("kube-test", new TrustManager[] {clients.atHandshake()}),
                PortSettings.PROTOCOLS,
                List.of(),
                clients,
                AccessSettings.DEFAULT);
        SSLContext known = ServingCertificate.of(
                file(folder, "admin.crt", admin.getClientCertData()),
                file(folder, "admin.key", admin.getClientKeyData()),
                anybody);
        SSLContext unknown = ServingCertificate.selfSigned("system:masters", anybody);
        try (SecurePort at = served(settings);
                HttpClient administrator =
                        HttpClient.newBuilder().sslContext(known).build();
                HttpClient stranger =
                        HttpClient.newBuilder().sslContext(unknown).build()) {
            assertEquals(200, status(administrator, at, "/metrics"));
            assertEquals(401, status(stranger, at, "/metrics"));
            assertEquals(200, status(stranger, at, "/healthz"));
        }
        assertThrows(
                IOException.class,
                () -> ClientCertificates.read(Files.writeString(folder.resolve("none"), "no certificate")));
    }

    @Test
    void whatIsOpenAndHowOldTlsMayBeIsForFlagsToSay() throws Exception {
        AccessSettings open = new AccessSettings(
                null, null, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1), List.of("/met*"));
        SSLParameters old = new SSLParameters(null, new String[] {"TLSv1.2"});
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, new TrustManager[] {new Trusting()}, null);
        SSLContext own = ServingCertificate.selfSigned("kube-test");
        PortSettings usual = new PortSettings(own, PortSettings.PROTOCOLS, List.of(), null, open);
        PortSettings strict = new PortSettings(own, List.of("TLSv1.3"), List.of(), null, open);
        try (SecurePort at = served(usual);
                SecurePort newer = served(strict);
                HttpClient behind = HttpClient.newBuilder()
                        .sslContext(trusting)
                        .sslParameters(old)
                        .build()) {
            assertEquals(200, status(http, at, "/metrics"));
            assertEquals(401, status(http, at, "/healthz"));
            assertEquals(200, status(behind, at, "/metrics"));
            assertEquals(200, status(http, newer, "/metrics"));
            assertThrows(IOException.class, () -> status(behind, newer, "/metrics"));
        }
    }

    @Test
    void aPortThatIsTakenIsSaidToBe() {
        assertThrows(BindException.class, () -> {
            try (SecurePort second = new SecurePort(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port.port()),
                    PortSettings.of(ServingCertificate.selfSigned("kube-test")),
                    access(AccessSettings.DEFAULT),
                    new ControllerMetrics().registry(),
                    Map.of())) {
                assertFalse(second.port() > 0);
            }
        });
    }
}
