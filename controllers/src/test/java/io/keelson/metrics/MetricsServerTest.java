package io.keelson.metrics;

import static io.keelson.controllers.testing.TestCluster.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.APIService;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.keelson.controllers.manager.PortSettings;
import io.keelson.controllers.manager.ServingCertificate;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.podautoscaler.HorizontalPodAutoscalerController;
import io.keelson.controllers.podautoscaler.HorizontalPodAutoscalerSettings;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.TestNodes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Behind a real API server, in front of kubelets that say what is wanted of them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsServerTest {
    private static final String REGISTERED = "v1beta1.metrics.k8s.io";
    private static final long BEGIN = System.currentTimeMillis();

    @TempDir
    private Path folder;

    private TestCluster cluster;
    private String namespace = "";
    private TestNodes nodes;
    private FakeKubelet good;
    private FakeKubelet silent;
    private FakeKubelet lying;
    private String node = "";
    private MetricsServer server;
    private final CountDownLatch ended = new CountDownLatch(1);

    @BeforeAll
    void serve() throws Exception {
        cluster = TestCluster.alone();
        namespace = cluster.namespace();
        nodes = new TestNodes(cluster.client());
        good = new FakeKubelet(this::said);
        silent = new FakeKubelet(() -> {
            try {
                boolean _ = ended.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return "";
        });
        lying = new FakeKubelet(() -> "node_cpu_usage_seconds_total{".repeat(1000));
        node = node(good);
        String _ = node(silent);
        String _ = node(lying);
        for (String name : List.of("web-1", "web-2")) {
            cluster.create(namespace, """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: %s, labels: {app: web}}
                    spec:
                      nodeName: %s
                      containers: [{name: c, image: i, resources: {requests: {cpu: 100m}}}]
                    """.formatted(name, node));
        }
        server = MetricsServer.start(settings());
        await("it is available", this::isAvailable);
        await("there is something to tell", () -> !list("/nodes").isEmpty());
    }

    private String node(FakeKubelet kubelet) {
        String name = nodes.create(Map.of());
        cluster.client()
                .nodes()
                .withName(name)
                .editStatus(now -> new NodeBuilder(now)
                        .editOrNewStatus()
                        .withAddresses(new NodeAddress("127.0.0.1", "InternalIP"))
                        .addToAllocatable("cpu", new Quantity("2"))
                        .addToAllocatable("memory", new Quantity("1Gi"))
                        .withNewDaemonEndpoints()
                        .withNewKubeletEndpoint(kubelet.port())
                        .endDaemonEndpoints()
                        .endStatus()
                        .build());
        return name;
    }

    /** The node uses half a processor, each pod a fifth of one, since the test began. */
    private String said() {
        long now = System.currentTimeMillis();
        double seconds = (now - BEGIN) / 1000.0 + 60;
        StringBuilder text = new StringBuilder("# HELP node_cpu_usage_seconds_total x\n");
        text.append("node_cpu_usage_seconds_total %f %d%n".formatted(seconds / 2, now));
        text.append("node_memory_working_set_bytes %d %d%n".formatted(256 << 20, now));
        for (String pod : List.of("web-1", "web-2", "gone")) {
            String labels = "{container=\"c\",namespace=\"" + namespace + "\",pod=\"" + pod + "\"}";
            text.append("container_cpu_usage_seconds_total%s %f %d%n".formatted(labels, seconds / 5, now));
            text.append("container_memory_working_set_bytes%s %d %d%n".formatted(labels, 32 << 20, now));
            text.append("container_start_time_seconds%s %d%n".formatted(labels, BEGIN / 1000 - 60));
        }
        return text.append("scrape_error 0\n").toString();
    }

    private MetricsServerSettings settings() {
        return new MetricsServerSettings(
                cluster.client().getConfiguration(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                PortSettings.of(ServingCertificate.selfSigned("metrics-server")),
                true,
                Duration.ofMillis(1500),
                "",
                new KubeletSettings(
                        new KubeletAddress(List.of("Hostname", "InternalIP"), 1, true),
                        null,
                        true,
                        null,
                        null,
                        Duration.ofMillis(1000),
                        4),
                Optional.of("localhost"));
    }

    private boolean isAvailable() {
        APIService found = cluster.client().apiServices().withName(REGISTERED).get();
        return found != null
                && found.getStatus() != null
                && OrEmpty.of(found.getStatus().getConditions()).stream()
                        .anyMatch(condition -> condition.getType().equals("Available")
                                && condition.getStatus().equals("True"));
    }

    private List<?> list(String path) {
        try {
            return cluster.client().top().nodes().metrics().getItems();
        } catch (KubernetesClientException notYet) {
            return List.of(path).subList(1, 1);
        }
    }

    @AfterAll
    void end() {
        server.close();
        assertNull(cluster.client().apiServices().withName(REGISTERED).get());
        ended.countDown();
        good.close();
        silent.close();
        lying.close();
        cluster.close();
    }

    private String kubectl(String... words) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("kubectl", "--kubeconfig", cluster.kubeconfig(folder).toString()));
        command.addAll(List.of(words));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeTrue(false, "there is no kubectl");
            throw e;
        }
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return said;
    }

    private static List<List<String>> words(String table) {
        return table.lines().map(line -> List.of(line.strip().split("\\s+"))).toList();
    }

    @Test
    void kubectlTopShowsNodesAndPods() throws Exception {
        List<List<String>> top = words(kubectl("top", "nodes"));
        assertEquals("NAME", top.getFirst().getFirst(), top.toString());
        List<String> measured = top.stream()
                .filter(line -> line.getFirst().equals(node))
                .findFirst()
                .orElseThrow();
        assertEquals(500, Integer.parseInt(measured.get(1).replace("m", "")), 50);
        assertEquals("256Mi", measured.get(3));
        List<List<String>> pods = words(kubectl("top", "pods", "-n", namespace, "--no-headers"));
        assertEquals(
                List.of("web-1", "web-2"), pods.stream().map(List::getFirst).toList(), "only those that there are");
        assertEquals(200, Integer.parseInt(pods.getFirst().get(1).replace("m", "")), 30);
        assertEquals("32Mi", pods.getFirst().get(2));
        assertEquals(
                1,
                words(kubectl("top", "pod", "web-2", "-n", namespace, "--containers", "--no-headers"))
                        .size());
        List<List<String>> table = words(kubectl("get", "pods.metrics.k8s.io", "-n", namespace, "-l", "app=web"));
        assertEquals(List.of("NAME", "CPU", "MEMORY", "WINDOW"), table.getFirst());
        assertEquals(3, table.size());
    }

    @Test
    void autoscalerScalesByIt() throws Exception {
        cluster.create(namespace, """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web}
                spec:
                  replicas: 2
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec: {containers: [{name: c, image: i}]}
                """);
        cluster.create(namespace, """
                apiVersion: autoscaling/v2
                kind: HorizontalPodAutoscaler
                metadata: {name: web}
                spec:
                  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
                  minReplicas: 1
                  maxReplicas: 10
                  metrics:
                    - type: Resource
                      resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}
                """);
        for (Pod pod : cluster.pods(namespace)) {
            Instant before = Instant.now().minusSeconds(3600).truncatedTo(ChronoUnit.SECONDS);
            cluster.ready(pod, before);
            var _ = cluster.client()
                    .pods()
                    .inNamespace(namespace)
                    .withName(pod.getMetadata().getName())
                    .editStatus(now -> new PodBuilder(now)
                            .editStatus()
                            .withStartTime(before.toString())
                            .endStatus()
                            .build());
        }
        cluster.run(HorizontalPodAutoscalerController.descriptor(HorizontalPodAutoscalerSettings.DEFAULT));
        AtomicReference<String> conditions = new AtomicReference<>("");
        try {
            await("the autoscaler knows what is used", () -> {
                HorizontalPodAutoscaler scaler = cluster.client()
                        .autoscaling()
                        .v2()
                        .horizontalPodAutoscalers()
                        .inNamespace(namespace)
                        .withName("web")
                        .get();
                conditions.set(String.valueOf(scaler.getStatus()));
                return scaler.getStatus() != null
                        && OrEmpty.of(scaler.getStatus().getDesiredReplicas()) > 2;
            });
        } catch (AssertionError e) {
            throw new AssertionError(conditions.get(), e);
        }
    }

    @Test
    void kubeletsAreAskedWithTheRightsOfThisProcess() {
        Config config = cluster.client().getConfiguration();
        assertTrue(config.getClientCertData() != null);
        assertEquals(1, good.callers.size());
    }

    @Test
    void whoIsNotKnownOrMayNotIsRefused() throws Exception {
        String path = "/apis/metrics.k8s.io/v1beta1/nodes";
        HttpResponse<String> anonymous = direct(path, Map.of());
        assertEquals(403, anonymous.statusCode());
        assertTrue(
                anonymous
                        .body()
                        .contains("nodes.metrics.k8s.io is forbidden: User \\\"system:anonymous\\\" cannot list"),
                anonymous.body());
        assertEquals(
                403,
                direct(path, Map.of("X-Remote-User", "admin", "X-Remote-Group", "system:masters"))
                        .statusCode(),
                "nobody is believed without a proxy's certificate");
        assertEquals(401, direct(path, Map.of("Authorization", "Bearer none")).statusCode());
        assertEquals(200, direct("/livez", Map.of()).statusCode());
        assertEquals(403, direct("/metrics", Map.of()).statusCode());
        assertTrue(kubectl("get", "--raw", path, "--as=nobody").contains("Forbidden"));
        cluster.create(namespace, """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: views}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
                subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: viewer}]
                """);
        await("who may look at a namespace may look at its metrics", () -> {
            try {
                return kubectl("top", "pods", "-n", namespace, "--as=viewer").contains("web-1");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        assertFalse(kubectl("top", "nodes", "--as=viewer").contains(node));
    }

    private HttpResponse<String> direct(String path, Map<String, String> headers) throws Exception {
        SSLContext any = SSLContext.getInstance("TLS");
        TrustManager[] all = SSLUtils.trustManagers(null, null, true, null, null);
        any.init(null, all, null);
        try (HttpClient http = HttpClient.newBuilder().sslContext(any).build()) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + path));
            headers.forEach(request::header);
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
