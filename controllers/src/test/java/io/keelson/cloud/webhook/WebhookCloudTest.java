package io.keelson.cloud.webhook;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.Instance;
import io.keelson.cloud.LoadBalancers;
import io.keelson.cloud.Route;
import io.keelson.cloud.Zones;
import io.keelson.cloud.node.CloudNodeController;
import io.keelson.cloud.node.CloudNodeSettings;
import io.keelson.cloud.service.ServiceLoadBalancerController;
import io.keelson.cloud.service.ServiceLoadBalancerSettings;
import io.keelson.controllers.config.ConfigException;
import io.keelson.controllers.manager.ServingCertificate;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.testing.TestCallers;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.TestNodes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebhookCloudTest {
    private static final String CLUSTER = "my cluster/../x";

    private final ContractServer server;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final AtomicBoolean leads = new AtomicBoolean(true);

    @TempDir
    Path folder;

    WebhookCloudTest() throws IOException {
        server = new ContractServer();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        server.close();
    }

    private WebhookCloud cloud(WebhookSettings settings) throws IOException {
        WebhookCloud cloud = new WebhookCloud(settings, leads::get);
        open.add(cloud);
        return cloud;
    }

    private WebhookSettings settings(Duration timeout, int retries) {
        return new WebhookSettings(server.url("http"), null, null, timeout, retries, Set.copyOf(WebhookSettings.PARTS));
    }

    private WebhookCloud cloud() throws IOException {
        return cloud(settings(Duration.ofSeconds(10), 2));
    }

    private static Node node(String name, @Nullable String providerId) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withProviderID(providerId)
                .endSpec()
                .withNewStatus()
                .addNewAddress("10.0.0.1", "InternalIP")
                .endStatus()
                .build();
    }

    private static Service service() {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("web")
                .withUid("0A1B2C3D-0000-1111-2222-333344445555")
                .addToAnnotations("acme/size", "large")
                .endMetadata()
                .withNewSpec()
                .withType("LoadBalancer")
                .withIpFamilies("IPv4")
                .withLoadBalancerIP("203.0.113.7")
                .withLoadBalancerSourceRanges("10.0.0.0/8")
                .withExternalTrafficPolicy("Local")
                .withHealthCheckNodePort(31000)
                .withSessionAffinity("ClientIP")
                .addNewPort()
                .withName("http")
                .withAppProtocol("h2c")
                .withProtocol("TCP")
                .withPort(80)
                .withNodePort(30080)
                .endPort()
                .endSpec()
                .build();
    }

    @Test
    void whatIsAskedAndUnderstoodIsWhatTheDescriptionSays() throws IOException {
        WebhookCloud cloud = cloud();
        Node known = node("node-a", "acme://rack1/node-a");
        assertEquals(
                Optional.of(new Instance(
                        "acme://rack1/node-a",
                        "large",
                        List.of(new NodeAddress("10.0.0.1", "InternalIP")),
                        Map.of("acme.example/height", "12"))),
                cloud.instances().orElseThrow().find(known));
        assertTrue(cloud.instances().orElseThrow().exists(known));
        assertFalse(cloud.instances().orElseThrow().isShutDown(known));
        assertFalse(cloud.instances().orElseThrow().exists(node("gone", null)));
        assertEquals(
                new Zones.Zone("rack1", "berlin"), cloud.zones().orElseThrow().of(known));
        Route route = cloud.routes().orElseThrow().list(CLUSTER).getFirst();
        assertEquals(
                new Route("r-1", "node-a", "10.244.1.0/24", List.of(new NodeAddress("10.0.0.1", "InternalIP")), false),
                route);
        cloud.routes().orElseThrow().create(CLUSTER, "uid", route);
        cloud.routes().orElseThrow().delete(CLUSTER, new Route("a/b ?", "", "", null, true));
        LoadBalancers balancers = cloud.loadBalancers().orElseThrow();
        assertTrue(balancers.find(CLUSTER, service()).isEmpty());
        assertEquals(
                "web.acme.example",
                balancers
                        .ensure(CLUSTER, service(), List.of(known))
                        .getIngress()
                        .getLast()
                        .getHostname());
        assertEquals(
                "203.0.113.7",
                balancers
                        .find(CLUSTER, service())
                        .orElseThrow()
                        .getIngress()
                        .getFirst()
                        .getIp());
        balancers.update(CLUSTER, service(), List.of(known, node("new", null)));
        balancers.delete(CLUSTER, service());
        balancers.delete(CLUSTER, service());
        assertEquals(List.of(), server.problems);
        assertEquals(Description.read().operationIds(), server.asked, "all that is described is used");
        String path = "/base/v1/clusters/my%20cluster%2F..%2Fx/load-balancers/a0a1b2c3d00001111222233334444555";
        assertTrue(server.requests.contains("PUT " + path + "/nodes"), () -> server.requests.toString());
        assertTrue(server.requests.contains("DELETE /base/v1/clusters/my%20cluster%2F..%2Fx/routes/a%2Fb%20%3F"));
    }

    @Test
    void theDescriptionInTheDocumentsIsTheOneThatIsShipped() throws IOException {
        Path documents = Path.of("docs/cloud-webhook.openapi.yaml");
        Path file = Files.exists(documents) ? documents : Path.of("..").resolve(documents);
        assertArrayEquals(Description.bytes(), Files.readAllBytes(file));
    }

    private static void fail(HttpExchange exchange, int status, String message) throws IOException {
        byte[] body = message.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Test
    void onlyWhatMayArriveTwiceIsSentAgain() throws IOException {
        AtomicInteger failing = new AtomicInteger(2);
        server.instead = exchange -> {
            if (failing.getAndDecrement() > 0) {
                fail(exchange, 503, "{\"message\": \"busy\"}");
                return true;
            }
            return false;
        };
        WebhookCloud cloud = cloud();
        assertTrue(cloud.instances().orElseThrow().exists(node("a", null)), "after two failures");
        assertEquals(3, server.requests.size());
        failing.set(3);
        CloudException refusal = assertThrows(
                CloudException.class, () -> cloud.loadBalancers().orElseThrow().delete("c", service()));
        assertTrue(String.valueOf(refusal.getMessage()).endsWith(": status 503: busy"), refusal.getMessage());
        assertEquals(6, server.requests.size());
        failing.set(1);
        assertThrows(
                CloudException.class,
                () -> cloud.routes().orElseThrow().create("c", "u", new Route("", "a", "10.0.0.0/24", null, false)));
        assertEquals(7, server.requests.size(), "nobody knows whether it was made");
        assertEquals(List.of(), server.problems);
    }

    @Test
    void whoDoesNotLeadAnyMoreChangesNothingNotEvenWithTheSecondTry() throws IOException {
        LoadBalancers balancers = cloud().loadBalancers().orElseThrow();
        server.instead = exchange -> {
            // While the answer is on its way another process takes over.
            leads.set(false);
            fail(exchange, 503, "{}");
            return true;
        };
        CloudException refusal = assertThrows(CloudException.class, () -> balancers.ensure("c", service(), List.of()));
        assertTrue(
                String.valueOf(refusal.getMessage()).startsWith("this process does not lead any more: PUT "),
                refusal.getMessage());
        assertEquals(1, server.requests.size());
        assertThrows(CloudException.class, () -> balancers.delete("c", service()));
        assertThrows(CloudException.class, () -> balancers.update("c", service(), List.of()));
        assertEquals(1, server.requests.size());
        server.instead = null;
        assertTrue(balancers.find("c", service()).isEmpty(), "it may look");
    }

    @Test
    void aRefusalIsToldAndNotRepeatedAndMaySayWhenToAskAgain() throws IOException {
        server.instead = exchange -> {
            fail(exchange, 422, "{\"message\": \"" + "no such size; ".repeat(100) + "\"}");
            return true;
        };
        LoadBalancers balancers = cloud().loadBalancers().orElseThrow();
        CloudException refusal = assertThrows(CloudException.class, () -> balancers.ensure("c", service(), List.of()));
        String message = String.valueOf(refusal.getMessage());
        assertTrue(message.contains("status 422: no such size; no such size;") && message.length() < 800, message);
        assertEquals(1, server.requests.size());
        server.instead = exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "7");
            fail(exchange, 429, "slow down");
            return true;
        };
        CloudException later = assertThrows(CloudException.class, () -> balancers.find("c", service()));
        assertEquals(Duration.ofSeconds(7), later.retryAfter());
        assertEquals(2, server.requests.size());
    }

    @Test
    void answersThatAreNoneDoNoHarm() throws IOException {
        WebhookCloud cloud = cloud(settings(Duration.ofSeconds(5), 0));
        for (String body : List.of("", "null", "[]", "\"x\"", "<html>", "{\"providerID\": {}}", "[".repeat(5000))) {
            server.instead = exchange -> {
                fail(exchange, 200, body);
                return true;
            };
            assertThrows(
                    CloudException.class, () -> cloud.instances().orElseThrow().find(node("a", null)), body);
        }
        server.instead = exchange -> {
            fail(
                    exchange,
                    200,
                    "{\"ingress\": [null, {}], \"routes\": [null], \"addresses\": [null, {\"type\": \"x\"}], \"more\":"
                            + " 1, \"labels\": {\"a\": null}}");
            return true;
        };
        assertEquals(
                new Instance("", "", List.of(), Map.of()),
                cloud.instances().orElseThrow().find(node("a", null)).orElseThrow());
        assertEquals(List.of(), cloud.routes().orElseThrow().list("c"));
    }

    @Test
    void whatIsNotFoundByTheServerAloneIsGone() throws IOException {
        WebhookCloud cloud = cloud(settings(Duration.ofSeconds(5), 0));
        Node node = node("a", null);
        LoadBalancers balancers = cloud.loadBalancers().orElseThrow();
        for (String body : List.of(
                "<html>no such page</html>",
                "{}",
                "{\"message\": \"no Route matched with those values\"}",
                "{\"reason\": \"NoSuchPath\"}",
                "")) {
            server.instead = exchange -> {
                fail(exchange, 404, body);
                return true;
            };
            assertThrows(
                    CloudException.class, () -> cloud.instances().orElseThrow().exists(node), body);
            assertThrows(CloudException.class, () -> balancers.find("c", service()), body);
            assertThrows(CloudException.class, () -> balancers.delete("c", service()), body);
        }
        server.instead = exchange -> {
            fail(exchange, 404, "{\"reason\": \"NotFound\"}");
            return true;
        };
        assertFalse(cloud.instances().orElseThrow().exists(node));
        assertTrue(balancers.find("c", service()).isEmpty());
        balancers.delete("c", service());
        server.instead = exchange -> {
            fail(exchange, 200, "{\"status\": \"well\"}");
            return true;
        };
        assertThrows(
                CloudException.class,
                () -> balancers.ensure("c", service(), List.of()),
                "a Service does not lose its addresses");
        assertThrows(CloudException.class, () -> cloud.routes().orElseThrow().list("c"), "routes are not made twice");
    }

    @Test
    void anAnswerThatIsTooLargeOrTooSlowIsGivenUp() throws IOException {
        WebhookCloud cloud = cloud(settings(Duration.ofMillis(300), 0));
        server.instead = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] piece = new byte[1 << 20];
            for (int i = 0; i < 6; i++) {
                exchange.getResponseBody().write(piece);
            }
            return true;
        };
        assertThrows(CloudException.class, () -> cloud.routes().orElseThrow().list("c"));
        server.instead = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < 40; i++) {
                exchange.getResponseBody().write(' ');
                exchange.getResponseBody().flush();
                pause();
            }
            return true;
        };
        CloudException slow = assertThrows(
                CloudException.class, () -> cloud.routes().orElseThrow().list("c"));
        assertTrue(String.valueOf(slow.getMessage()).contains("no answer within 300 ms"), slow.getMessage());
        server.close();
        CloudException away = assertThrows(
                CloudException.class, () -> cloud.routes().orElseThrow().list("c"));
        assertTrue(String.valueOf(away.getMessage()).startsWith("GET http://localhost:"), away.getMessage());
    }

    /** Plays a server that sends a byte now and then. */
    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void theServerIsTrustedByItsAuthorityAndShownTheToken() throws Exception {
        SSLContext certificate = ServingCertificate.selfSigned("cloud");
        HttpsServer https = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        https.setHttpsConfigurator(new HttpsConfigurator(certificate));
        try (ContractServer secure = new ContractServer(https)) {
            Path authority = folder.resolve("ca.crt");
            Files.writeString(authority, certificateOf(https.getAddress().getPort()));
            Path token = folder.resolve("token");
            Files.writeString(token, "s3cret\n");
            Set<String> parts = Set.copyOf(WebhookSettings.PARTS);
            WebhookCloud trusting =
                    cloud(new WebhookSettings(secure.url("https"), authority, token, Duration.ofSeconds(10), 0, parts));
            assertTrue(trusting.instances().orElseThrow().exists(node("a", null)));
            Files.writeString(token, "other");
            assertTrue(trusting.instances().orElseThrow().exists(node("a", null)));
            assertEquals(List.of("Bearer s3cret", "Bearer other"), secure.tokens);
            Files.writeString(token, "two words");
            assertThrows(
                    CloudException.class,
                    () -> trusting.instances().orElseThrow().exists(node("a", null)));
            WebhookCloud distrusting =
                    cloud(new WebhookSettings(secure.url("https"), null, null, Duration.ofSeconds(10), 0, parts));
            assertThrows(
                    CloudException.class,
                    () -> distrusting.instances().orElseThrow().exists(node("a", null)));
            assertEquals(2, secure.requests.size());
        }
        assertThrows(IOException.class, () -> Trust.of(folder.resolve("token")));
    }

    /** What a server shows, in PEM. */
    private static String certificateOf(int port) throws Exception {
        SSLContext anybody = TestCallers.showing();
        try (SSLSocket socket =
                (SSLSocket) anybody.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.startHandshake();
            byte[] encoded = socket.getSession().getPeerCertificates()[0].getEncoded();
            return "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(encoded)
                    + "\n-----END CERTIFICATE-----\n";
        }
    }

    @Test
    void nodesAndServicesOfARealApiGetWhatTheServerSays() throws Exception {
        try (TestCluster cluster = new TestCluster()) {
            TestNodes nodes = new TestNodes(cluster.client());
            String name = nodes.create(Map.of());
            nodes.taint(
                    name,
                    new TaintBuilder()
                            .withKey("node.cloudprovider.kubernetes.io/uninitialized")
                            .withEffect("NoSchedule")
                            .build());
            String namespace = cluster.namespace();
            cluster.create(namespace, """
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {type: LoadBalancer, ports: [{port: 80}]}
                """);
            WebhookCloud cloud = cloud();
            cluster.run(
                    CloudNodeController.descriptor(cloud, CloudNodeSettings.DEFAULT)
                            .orElseThrow(),
                    ServiceLoadBalancerController.descriptor(
                            cloud.loadBalancers().orElseThrow(), ServiceLoadBalancerSettings.DEFAULT));
            TestCluster.await("the node is known", () -> {
                Node node = nodes.get(name);
                return node != null
                        && node.getSpec() != null
                        && "acme://rack1/node-a".equals(node.getSpec().getProviderID())
                        && node.getStatus() != null
                        && OrEmpty.of(node.getStatus().getAddresses())
                                .contains(new NodeAddress("10.0.0.1", "InternalIP"));
            });
            var found = cluster.client().services().inNamespace(namespace).withName("web");
            TestCluster.await("the Service has its addresses", () -> {
                var status = found.get().getStatus();
                return status != null
                        && status.getLoadBalancer() != null
                        && OrEmpty.of(status.getLoadBalancer().getIngress()).size() == 2;
            });
            String own = LoadBalancers.name(found.get());
            JsonNode wanted = server.things.get("/v1/clusters/kubernetes/load-balancers/" + own);
            assertNotNull(wanted);
            assertEquals("web", wanted.path("service").asText());
            found.delete();
            TestCluster.await("it is gone", () -> found.get() == null);
            assertFalse(server.things.containsKey("/v1/clusters/kubernetes/load-balancers/" + own));
            assertEquals(List.of(), server.problems);
        }
    }

    private static WebhookSettings parse(String rest) throws ConfigException {
        return WebhookSettings.parse(
                "hook.yaml",
                ("apiVersion: cloud.keelson.io/v1\nkind: WebhookCloud\n" + rest).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void itsFileIsReadAndMistakesAreToldWithTheirLines() throws ConfigException {
        assertEquals(WebhookSettings.of(URI.create("https://cloud.example/x")), parse("url: https://cloud.example/x/"));
        WebhookSettings all = parse("""
            url: http://127.0.0.1:8080
            certificateAuthority: ca.crt
            tokenFile: token
            timeout: 1s
            retries: 0
            parts: [instances]
            """);
        assertEquals(
                new WebhookSettings(
                        URI.create("http://127.0.0.1:8080"),
                        Path.of("ca.crt"),
                        Path.of("token"),
                        Duration.ofSeconds(1),
                        0,
                        Set.of("instances")),
                all);
        refused("hook.yaml:1: the field \"url\" is missing", "");
        refused("hook.yaml:3: url: must be a URL with https://", "url: ftp://x");
        refused("hook.yaml:3: url: must be a URL with https://", "url: cloud");
        refused("hook.yaml:3: url: is no URL", "url: 'https://a b'");
        refused("hook.yaml:3: url: must be with https://", "url: http://cloud.example");
        refused("hook.yaml:3: url: must be a URL without", "url: https://me:you@cloud.example");
        refused("hook.yaml:4: parts[0]: must be one of", "url: https://a\nparts: [dns]");
        refused("hook.yaml:4: parts: zones are those", "url: https://a\nparts: [zones]");
        refused("hook.yaml:4: retries: must be a whole number", "url: https://a\nretries: 11");
    }

    private static void refused(String expected, String rest) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> parse(rest));
        String message = String.valueOf(refusal.getMessage());
        assertTrue(message.startsWith(expected), () -> message + " does not begin with " + expected);
    }
}
