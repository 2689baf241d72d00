package io.keelson.controllers.hollow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.APIServiceBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.metrics.v1beta1.PodMetrics;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.TestNodes;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Metrics of simulated nodes through the API server, as kubectl top and autoscalers ask for them. */
class HollowMetricsTest {
    private static final String RULES = """
            rules:
            - runningAfter: 10ms
              usage: {cpu: 250m, memory: 64Mi}
            """;

    private final TestCluster cluster = TestCluster.alone();
    private final Time time = Time.system();
    private final HollowCluster hollow = new HollowCluster(
            new HollowSettings(
                    2, "node", Map.of("cpu", "4", "memory", "8Gi", "pods", "20"), 0, 0, PodRules.parse(RULES, 1)),
            cluster.client(),
            time,
            true);

    @AfterEach
    void close() {
        hollow.close();
        time.close();
        cluster.close();
    }

    private AggregatedApi serve() throws IOException {
        return new AggregatedApi(
                cluster.client(),
                "localhost",
                "hollow-metrics",
                List.of(ResourceMetrics.GROUP_VERSION),
                hollow.metrics());
    }

    private @Nullable PodMetrics pod(String namespace, String name) {
        try {
            return cluster.client().top().pods().metrics(namespace, name);
        } catch (KubernetesClientException e) {
            // Not served, or not measured, yet.
            return null;
        }
    }

    @Test
    void whatPodsAndNodesUseIsServedWhileTheSimulationRuns() throws Exception {
        hollow.start();
        TestCluster.await("all nodes are registered", () -> hollow.registeredNodes() == 2);
        String namespace = cluster.namespace();
        TestNodes nodes = new TestNodes(cluster.client());
        try (AggregatedApi api = serve()) {
            api.register();
            api.register();
            for (String name : List.of("a", "b")) {
                nodes.create(
                        new PodBuilder(TestNodes.pod(namespace, name, "node-1").build())
                                .editMetadata()
                                .addToLabels("app", name)
                                .endMetadata()
                                .editSpec()
                                .endSpec());
            }
            TestCluster.await("both are measured", () -> pod(namespace, "a") != null && pod(namespace, "b") != null);
            PodMetrics measured = pod(namespace, "a");
            assertNotNull(measured);
            Map<String, Quantity> usage = measured.getContainers().getFirst().getUsage();
            assertEquals(new Quantity("250m"), usage.get("cpu"));
            assertEquals(new Quantity("64Mi"), usage.get("memory"));
            assertEquals(
                    List.of("b"),
                    cluster
                            .client()
                            .top()
                            .pods()
                            .inNamespace(namespace)
                            .withLabels(Map.of("app", "b"))
                            .metrics()
                            .getItems()
                            .stream()
                            .map(pod -> pod.getMetadata().getName())
                            .toList());
            assertEquals(
                    new Quantity("500m"),
                    cluster.client().top().nodes().metrics("node-1").getUsage().get("cpu"));
            assertEquals(2, cluster.client().top().nodes().metrics().getItems().size());
            String path = "/apis/metrics.k8s.io/v1beta1/namespaces/" + namespace + "/pods";
            int refused = assertThrows(
                            KubernetesClientException.class,
                            () -> cluster.client().raw(path + "?labelSelector=%28%28", "GET", null))
                    .getCode();
            assertEquals(400, refused);
            assertEquals(
                    405,
                    assertThrows(
                                    KubernetesClientException.class,
                                    () -> cluster.client().raw(path, "POST", Map.of("kind", "PodMetrics")))
                            .getCode());
        }
        assertNull(cluster.client()
                .apiServices()
                .withName("v1beta1.metrics.k8s.io")
                .get());
        assertNull(cluster.client()
                .services()
                .inNamespace("kube-system")
                .withName("hollow-metrics")
                .get());
    }

    @Test
    void whatSomebodyElseServesIsLeftToHim() throws Exception {
        cluster.client()
                .resource(new APIServiceBuilder()
                        .withNewMetadata()
                        .withName("v1beta1.metrics.k8s.io")
                        .endMetadata()
                        .withNewSpec()
                        .withGroup("metrics.k8s.io")
                        .withVersion("v1beta1")
                        .withGroupPriorityMinimum(100)
                        .withVersionPriority(100)
                        .withInsecureSkipTLSVerify(true)
                        .withNewService()
                        .withName("metrics-server")
                        .withNamespace("kube-system")
                        .endService()
                        .endSpec()
                        .build())
                .create();
        try (AggregatedApi api = serve()) {
            String said =
                    assertThrows(IllegalStateException.class, api::register).getMessage();
            assertTrue(String.valueOf(said).contains("kubectl get apiservice v1beta1.metrics.k8s.io"), said);
        }
        assertNotNull(cluster.client()
                .apiServices()
                .withName("v1beta1.metrics.k8s.io")
                .get());
    }
}
