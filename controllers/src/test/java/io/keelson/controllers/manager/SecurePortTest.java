package io.keelson.controllers.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.SubjectBuilder;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCallers;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The port that the controller manager, the scheduler and others serve their health and metrics on. */
class SecurePortTest {
    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();
    private final TestCallers callers = new TestCallers(cluster, namespace);
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
        http = HttpClient.newBuilder().sslContext(TestCallers.showing()).build();
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

    private HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port.port() + path))
                .timeout(Duration.ofSeconds(20));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static PolicyRule reading(String... paths) {
        return new PolicyRuleBuilder()
                .withVerbs("get")
                .withNonResourceURLs(paths)
                .build();
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
        String bearer = "Bearer " + callers.token("reader");
        assertEquals(403, get("/metrics", "Authorization", bearer).statusCode());
        String role = callers.allow(callers.account("reader"), reading("/metrics"));
        TestCluster.await("he may", () -> {
            // Answers are kept for ten seconds.
            time.advance(Duration.ofSeconds(11));
            return isAllowed(bearer);
        });
        HttpResponse<String> read = get("/metrics", "Authorization", bearer);
        assertTrue(read.headers().firstValue("Content-Type").orElse("").startsWith("text/plain"));
        assertTrue(read.body().contains("tests_total 1.0"), read::body);
        cluster.client().rbac().clusterRoleBindings().withName(role).delete();
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
        String bearer = "Bearer " + callers.token("reader");
        callers.allow(callers.account("reader"), reading("*"));
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
        callers.allow(
                new SubjectBuilder()
                        .withKind("User")
                        .withName(namespace + "-scraper")
                        .withApiGroup("rbac.authorization.k8s.io")
                        .build(),
                reading("/metrics"));
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
        show(TestCallers.showing(managers.getKeyManagers()));
    }

    private void show(SSLContext showing) {
        http.close();
        http = HttpClient.newBuilder().sslContext(showing).build();
    }

    @Test
    void theAdministratorIsKnownByTheAuthorityThatApiServersName(@TempDir Path folder) throws Exception {
        port.close();
        port = served(settings(PortSettings.PROTOCOLS, ReviewSettings.DEFAULT.openPaths(), callers.authority(folder)));
        show(callers.administrator());
        assertEquals(200, get("/metrics").statusCode());
        show(new TestCertificates("kubernetes"), "O=system:masters,CN=kubernetes-admin");
        assertEquals(401, get("/metrics").statusCode());
        assertEquals(200, get("/healthz").statusCode());
    }

    @Test
    void whatIsOpenAndHowOldTlsMayBeIsForFlagsToSay() throws Exception {
        List<String> open = List.of("/met*");
        SSLContext trusting = TestCallers.showing();
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
