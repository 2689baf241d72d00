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
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.api.model.rbac.SubjectBuilder;
import io.fabric8.kubernetes.client.internal.SSLUtils;
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
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
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
                access(ReviewSettings.DEFAULT),
                metrics.registry(),
                checks);
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, new TrustManager[] {new Trusting()}, null);
        http = HttpClient.newBuilder().sslContext(trusting).build();
    }

    private DelegatedAccess access(ReviewSettings settings) throws IOException {
        return DelegatedAccess.of(cluster.client(), cluster.client(), settings, time);
    }

    private SecurePort served(PortSettings settings) throws IOException {
        return new SecurePort(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                settings,
                access(settings.reviews()),
                new ControllerMetrics().registry(),
                Map.of());
    }

    /** The usual, with other open paths and an authority of clients. */
    private static PortSettings settings(List<String> protocols, List<String> open, @Nullable Path clients) {
        ReviewSettings usual = ReviewSettings.DEFAULT;
        ReviewSettings reviews = new ReviewSettings(
                null,
                null,
                open,
                usual.tokenKept(),
                usual.allowedKept(),
                usual.refusedKept(),
                clients,
                null,
                List.of(),
                usual.proxyHeaders());
        return new PortSettings(ServingCertificate.selfSigned("kube-test"), protocols, List.of(), reviews);
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

    private void mayRead(String account, String... paths) {
        bind(
                new SubjectBuilder()
                        .withKind("ServiceAccount")
                        .withName(account)
                        .withNamespace(namespace)
                        .build(),
                paths);
    }

    private void bind(Subject subject, String... paths) {
        String role = namespace + "-metrics";
        cluster.client()
                .resource(new ClusterRoleBuilder()
                        .withNewMetadata()
                        .withName(role)
                        .endMetadata()
                        .addNewRule()
                        .withVerbs("get")
                        .withNonResourceURLs(paths)
                        .endRule()
                        .build())
                .create();
        cluster.client()
                .resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(role)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                        .withSubjects(subject)
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
        assertEquals(403, get("/metrics").statusCode(), "nobody in particular may not");
        assertEquals(401, get("/metrics", "Authorization", "Bearer nobody's").statusCode());
        assertEquals(403, get("/metrics", "Authorization", "Basic YTpi").statusCode());
        assertEquals(
                401,
                get("/metrics", "Authorization", "Bearer " + "x".repeat(20_000)).statusCode());
        String bearer = "Bearer " + token("reader");
        assertEquals(403, get("/metrics", "Authorization", bearer).statusCode());
        mayRead("reader", "/metrics");
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
    void whoMayReadAllFindsEachCheckByItsNameAndNothingElse() throws Exception {
        assertEquals(403, get("/").statusCode());
        assertEquals(403, get("/healthz/work").statusCode());
        String bearer = "Bearer " + token("reader");
        mayRead("reader", "*");
        TestCluster.await("he may", () -> {
            time.advance(Duration.ofSeconds(11));
            return isAllowed(bearer);
        });
        assertEquals("ok", get("/livez/work", "Authorization", bearer).body());
        well.set(false);
        HttpResponse<String> bad = get("/healthz/work", "Authorization", bearer);
        assertEquals(500, bad.statusCode());
        assertEquals("internal server error: work failed\n", bad.body());
        for (String path : List.of("/", "/debug/pprof", "/healthz/other", "/healthz/", "/metrics/more")) {
            assertEquals(404, get(path, "Authorization", bearer).statusCode(), path);
        }
    }

    @Test
    void onlyReadingIsAnswered() throws Exception {
        HttpRequest head = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port.port() + "/healthz"))
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .build();
        assertEquals(
                200, http.send(head, HttpResponse.BodyHandlers.discarding()).statusCode());
        HttpRequest post = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port.port() + "/healthz"))
                .POST(HttpRequest.BodyPublishers.ofString("x"))
                .build();
        assertEquals(
                405, http.send(post, HttpResponse.BodyHandlers.discarding()).statusCode());
    }

    @Test
    void whoHasACertificateIsKnownByIt(@TempDir Path folder) throws Exception {
        TestCertificates clients = new TestCertificates("clients");
        Path file = Files.writeString(folder.resolve("clients.crt"), clients.pem());
        port.close();
        port = served(settings(PortSettings.PROTOCOLS, List.of("/livez", "/open/*"), file));
        assertEquals(200, get("/livez").statusCode());
        assertEquals(404, get("/open/sesame").statusCode());
        assertEquals(403, get("/metrics").statusCode());
        bind(
                new SubjectBuilder()
                        .withKind("User")
                        .withName(namespace + "-scraper")
                        .withApiGroup("rbac.authorization.k8s.io")
                        .build(),
                "/metrics");
        show(clients, "CN=" + namespace + "-scraper");
        TestCluster.await("he may", () -> {
            time.advance(Duration.ofSeconds(11));
            return isAllowed("Basic none");
        });
        show(clients, "CN=somebody");
        assertEquals(403, get("/metrics").statusCode());
        show(new TestCertificates("others"), "CN=" + namespace + "-scraper");
        assertEquals(401, get("/metrics").statusCode());
    }

    /** Shows a certificate of this authority from now on. */
    private void show(TestCertificates authority, String subject) throws Exception {
        KeyPair keys = TestCertificates.keys();
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setKeyEntry(
                "client", keys.getPrivate(), new char[0], new Certificate[] {authority.client(subject, keys)});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, new char[0]);
        show(managers.getKeyManagers());
    }

    private void show(KeyManager[] keys) throws GeneralSecurityException {
        SSLContext showing = SSLContext.getInstance("TLS");
        showing.init(keys, new TrustManager[] {new Trusting()}, null);
        http.close();
        http = HttpClient.newBuilder().sslContext(showing).build();
    }

    @Test
    void theAdministratorIsKnownByTheAuthorityThatApiServersName(@TempDir Path folder) throws Exception {
        // Where every API server says whose certificates clients may show.
        ConfigMap shown = cluster.client()
                .configMaps()
                .inNamespace("kube-system")
                .withName("extension-apiserver-authentication")
                .waitUntilCondition(Objects::nonNull, 20, TimeUnit.SECONDS);
        Path file = Files.writeString(folder.resolve("ca.crt"), shown.getData().get("client-ca-file"));
        port.close();
        port = served(settings(PortSettings.PROTOCOLS, ReviewSettings.DEFAULT.openPaths(), file));
        show(SSLUtils.keyManagers(cluster.client().getConfiguration()));
        assertEquals(200, get("/metrics").statusCode());
        show(new TestCertificates("kubernetes"), "O=system:masters,CN=kubernetes-admin");
        assertEquals(401, get("/metrics").statusCode());
        assertEquals(200, get("/healthz").statusCode());
    }

    @Test
    void whatIsOpenAndHowOldTlsMayBeIsForFlagsToSay() throws Exception {
        List<String> open = List.of("/met*");
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, new TrustManager[] {new Trusting()}, null);
        port.close();
        port = served(settings(PortSettings.PROTOCOLS, open, null));
        assertEquals(200, get("/metrics").statusCode());
        assertEquals(403, get("/healthz/ping").statusCode());
        assertEquals(200, get("/healthz").statusCode(), "the API server lets everybody");
        http.close();
        http = HttpClient.newBuilder()
                .sslContext(trusting)
                .sslParameters(new SSLParameters(null, new String[] {"TLSv1.2"}))
                .build();
        assertEquals(200, get("/metrics").statusCode());
        port.close();
        port = served(settings(List.of("TLSv1.3"), open, null));
        assertThrows(IOException.class, () -> get("/metrics"));
        http.close();
        http = HttpClient.newBuilder().sslContext(trusting).build();
        assertEquals(200, get("/metrics").statusCode());
    }

    @Test
    void aPortThatIsTakenIsSaidToBe() {
        assertThrows(BindException.class, () -> {
            try (SecurePort second = new SecurePort(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port.port()),
                    PortSettings.of(ServingCertificate.selfSigned("kube-test")),
                    access(ReviewSettings.DEFAULT),
                    new ControllerMetrics().registry(),
                    Map.of())) {
                assertFalse(second.port() > 0);
            }
        });
    }
}
