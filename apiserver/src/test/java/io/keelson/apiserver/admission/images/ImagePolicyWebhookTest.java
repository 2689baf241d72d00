package io.keelson.apiserver.admission.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.keelson.apiserver.admission.TestWrite;
import io.keelson.apiserver.certs.RemoteCalls;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagePolicyWebhookTest {
    private static final String POD = "{metadata: {name: web}, spec: {containers: [{name: c, image: app}]}}";
    private static final String FAILED_OPEN = "alpha.image-policy.k8s.io/failed-open";
    private static final String NOTES = "imagepolicywebhook.image-policy.k8s.io/";

    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private volatile String answer = "{\"status\":{\"allowed\":true}}";
    private volatile int status = 200;
    private Instant now = Instant.EPOCH;
    private HttpServer server;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private ImagePolicy policy(boolean defaultAllow) {
        return new ImagePolicy(
                RemoteServer.of("http://127.0.0.1:" + server.getAddress().getPort() + "/", null),
                Duration.ofSeconds(60),
                Duration.ofSeconds(20),
                Duration.ZERO,
                defaultAllow);
    }

    private ImagePolicyWebhook plugin(boolean defaultAllow) throws IOException {
        ImagePolicy policy = policy(defaultAllow);
        return new ImagePolicyWebhook(
                policy, new RemoteCalls(policy.backend(), Duration.ofSeconds(5), 1, Duration.ZERO), () -> now);
    }

    @Test
    void imagesAreShownWithTheNamespaceAndAnnotationsThatAreMeantForIt() throws Exception {
        TestWrite.create("pods", """
                {metadata: {name: web, annotations: {b.image-policy.k8s.io/t: '7', a.image-policy.k8s.io/x: w, o: z}},
                 spec: {initContainers: [{name: i, image: init}],
                 containers: [{name: c, image: app}, {name: d, image: log}],
                 ephemeralContainers: [{name: e, image: debug}]}}""").through(plugin(false));
        assertEquals(
                List.of("{\"apiVersion\":\"imagepolicy.k8s.io/v1alpha1\",\"kind\":\"ImageReview\",\"metadata\":{},"
                        + "\"spec\":{\"containers\":[{\"image\":\"app\"},{\"image\":\"log\"},{\"image\":\"init\"}],"
                        + "\"annotations\":{\"a.image-policy.k8s.io/x\":\"w\",\"b.image-policy.k8s.io/t\":\"7\"},"
                        + "\"namespace\":\"default\"},\"status\":{\"allowed\":false}}"),
                asked);
    }

    @Test
    void ephemeralContainersAreReviewedByThemselvesAndOtherPartsNotAtAll() throws Exception {
        ImagePolicyWebhook plugin = plugin(false);
        String debugged = "{metadata: {name: web}, spec: {containers: [{name: c, image: app}],"
                + " ephemeralContainers: [{name: e, image: debug}]}}";
        TestWrite.update("pods", "ephemeralcontainers", debugged, POD).through(plugin);
        assertEquals(1, asked.size());
        assertTrue(asked.getFirst().contains("\"containers\":[{\"image\":\"debug\"}],\"namespace\""), asked::toString);
        TestWrite.update("pods", "status", POD, POD).through(plugin);
        TestWrite.update("pods", "resize", POD, POD).through(plugin);
        TestWrite.create("configmaps", "{metadata: {name: c}}").through(plugin);
        assertEquals(1, asked.size());
        TestWrite.update("pods", "", POD, POD).through(plugin);
        assertEquals(2, asked.size());
    }

    @Test
    void answersAreObeyedAndRememberedForAWhile() throws Exception {
        ImagePolicyWebhook plugin = plugin(false);
        TestWrite.create("pods", POD).through(plugin);
        answer = "{\"status\":{\"allowed\":false}}";
        now = now.plusSeconds(59);
        TestWrite.create("pods", POD).through(plugin);
        assertEquals(1, asked.size());
        now = now.plusSeconds(1);
        assertEquals(
                "one or more images rejected by webhook backend",
                TestWrite.create("pods", POD).refusedBy(plugin));
        answer = "{\"status\":{\"allowed\":false,\"reason\":\"unsigned\"}}";
        now = now.plusSeconds(19);
        assertEquals(
                "one or more images rejected by webhook backend",
                TestWrite.create("pods", POD).refusedBy(plugin));
        assertEquals(2, asked.size());
        now = now.plusSeconds(1);
        assertEquals(
                "image policy webhook backend denied one or more images: unsigned",
                TestWrite.create("pods", POD).refusedBy(plugin));
        assertEquals(3, asked.size());
    }

    @Test
    void answersThatAreLongAreNotRemembered() throws Exception {
        ImagePolicyWebhook plugin = plugin(false);
        answer = "{\"status\":{\"allowed\":true,\"reason\":\"" + "x".repeat(20_000) + "\"}}";
        TestWrite.create("pods", POD).through(plugin);
        TestWrite.create("pods", POD).through(plugin);
        assertEquals(2, asked.size());
    }

    @Test
    void whatTheBackendNotesGoesIntoTheAuditLogAlsoFromMemory() throws Exception {
        ImagePolicyWebhook plugin = plugin(false);
        answer = "{\"status\":{\"allowed\":true,\"auditAnnotations\":{\"audit-required\":\"yes\",\"a/b\":\"no key\"}}}";
        for (int i = 0; i < 2; i++) {
            TestWrite write = TestWrite.create("pods", POD);
            write.through(plugin);
            assertEquals(
                    Map.of(NOTES + "audit-required", "yes"), write.request().auditAnnotations());
        }
        assertEquals(1, asked.size());
    }

    private void assertIsNoAnswer() throws Exception {
        TestWrite closed = TestWrite.create("pods", POD);
        assertTrue(closed.refusedBy(plugin(false)).contains(status == 200 ? "backend" : String.valueOf(status)));
        assertEquals(Map.of(), closed.request().auditAnnotations());
        TestWrite open = TestWrite.create("pods", POD);
        ObjectNode pod = open.through(plugin(true));
        assertEquals("true", ObjectMeta.annotation(pod, FAILED_OPEN));
        assertEquals(Map.of(NOTES + "failed-open", "true"), open.request().auditAnnotations());
    }

    @Test
    void withoutAnAnswerThePolicyDecidesAndItIsSaid() throws Exception {
        for (int code : new int[] {500, 403, 302}) {
            status = code;
            assertIsNoAnswer();
        }
        status = 200;
        for (String garbage : List.of(
                "{\"status\":{\"allowed\":\"yes\"}}",
                "{\"status\":{\"allowed\":true,\"auditAnnotations\":{\"a\":1}}}",
                "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\"}",
                "{\"kind\":\"ImageReview\",\"apiVersion\":\"imagepolicy.k8s.io/v1\",\"status\":{\"allowed\":true}}")) {
            answer = garbage;
            assertIsNoAnswer();
        }
        answer = "{\"status\":{\"allowed\":false}}";
        assertEquals(
                "one or more images rejected by webhook backend",
                TestWrite.create("pods", POD).refusedBy(plugin(true)));
        answer = "{\"status\":{\"allowed\":true}}";
        assertFalse(ObjectMeta.annotations(TestWrite.create("pods", POD).through(plugin(true)))
                .containsKey(FAILED_OPEN));
    }

    @Test
    void aCallThatFailsIsTriedFiveTimes() throws Exception {
        status = 503;
        ImagePolicy policy = policy(false);
        try (RemoteCalls calls = policy.open()) {
            TestWrite.create("pods", POD).refusedBy(new ImagePolicyWebhook(policy, calls, () -> now));
        }
        assertEquals(5, asked.size());
    }

    private ImagePolicy read(String fields) throws IOException {
        Path kubeconfig = Files.writeString(
                folder.resolve("kubeconfig"),
                "clusters: [{name: c, cluster: {server: 'https://images.example.com/p'}}]");
        String configuration = "imagePolicy: {kubeConfigFile: '" + kubeconfig + "'" + fields + "}";
        return ImagePolicy.read(Yaml.parseObject(configuration.getBytes(StandardCharsets.UTF_8), new ArrayList<>()));
    }

    private String refused(String fields) {
        return String.valueOf(
                assertThrows(IOException.class, () -> read(fields), fields).getMessage());
    }

    @Test
    void whatAConfigurationDoesNotSayIsAsUsual() throws IOException {
        ImagePolicy usual = read("");
        assertEquals("https://images.example.com/p", usual.backend().url());
        assertEquals(Duration.ofMinutes(5), usual.allowLife());
        assertEquals(Duration.ofSeconds(30), usual.denyLife());
        assertEquals(Duration.ofMillis(500), usual.retryBackoff());
        assertFalse(usual.defaultAllow());
        ImagePolicy none = read(", allowTTL: -1, denyTTL: 0, retryBackoff: -1, defaultAllow: true");
        assertEquals(Duration.ZERO, none.allowLife());
        assertEquals(Duration.ofSeconds(30), none.denyLife());
        assertEquals(Duration.ZERO, none.retryBackoff());
        assertTrue(none.defaultAllow());
        ImagePolicy limits = read(", allowTTL: 1800, denyTTL: 2, retryBackoff: 1");
        assertEquals(Duration.ofMinutes(30), limits.allowLife());
        assertEquals(Duration.ofSeconds(2), limits.denyLife());
        assertEquals(Duration.ofMillis(1), limits.retryBackoff());
    }

    @Test
    void whatIsOutOfBoundsOrOfNoUseIsRefused() {
        assertEquals("valid value is between 1s and 30m0s, got 1s", refused(", allowTTL: 1"));
        assertEquals("valid value is between 1s and 30m0s, got 30m1s", refused(", allowTTL: 1801"));
        assertEquals("valid value is between 1s and 30m0s, got -2s", refused(", denyTTL: -2"));
        assertEquals("valid value is between 1s and 30m0s, got 1h0m0s", refused(", denyTTL: 3600"));
        assertEquals("valid value is between 1ns and 5m0s, got 5m0.001s", refused(", retryBackoff: 300001"));
        assertEquals("valid value is between 1ns and 5m0s, got -20ms", refused(", retryBackoff: -20"));
        assertEquals("imagePolicy.allowTTL: expected an integer, got 1.5", refused(", allowTTL: 1.5"));
        assertEquals("imagePolicy.denyTTL: expected an integer, got 99999999999", refused(", denyTTL: 99999999999"));
        assertEquals(
                "strict decoding error: imagePolicy.allowTTL: expected a number, got string",
                refused(", allowTTL: 30s"));
        assertEquals("strict decoding error: unknown field \"imagePolicy.allowTtl\"", refused(", allowTtl: 30"));
        ObjectNode empty = Yaml.parseObject("imagePolicy: {}".getBytes(StandardCharsets.UTF_8), new ArrayList<>());
        assertEquals(
                "imagePolicy.kubeConfigFile: Required value",
                assertThrows(IOException.class, () -> ImagePolicy.read(empty)).getMessage());
    }
}
