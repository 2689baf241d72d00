package io.keelson.controllers.podautoscaler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpecBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.keelson.controllers.objects.ScaleSubresources;
import io.keelson.controllers.testing.ManualTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against an HTTP server that answers as the APIs for metrics do. */
class MetricEvaluationTest {
    private static final Instant NOW = Instant.parse("2026-01-01T10:00:00Z");

    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private HttpServer server;
    private KubernetesClient client;
    private MetricEvaluation evaluation;

    MetricEvaluationTest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
        evaluation = new MetricEvaluation(
                new MetricsApi(client, new ScaleSubresources(client, new ManualTime(NOW))),
                HorizontalPodAutoscalerSettings.DEFAULT);
    }

    @BeforeEach
    void serve() {
        server.createContext("/", exchange -> {
            String answer = answers.get(exchange.getRequestURI().toString());
            byte[] body = (answer == null ? "{\"kind\":\"Status\",\"code\":404,\"message\":\"not here\"}" : answer)
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer == null ? 404 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void close() {
        client.close();
        server.stop(0);
    }

    private static Pod pod(String name) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("main")
                .withNewResources()
                .addToRequests("cpu", new Quantity("200m"))
                .endResources()
                .endContainer()
                .addNewContainer()
                .withName("side")
                .withNewResources()
                .addToRequests("cpu", new Quantity("50m"))
                .endResources()
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .withStartTime("2026-01-01T08:00:00Z")
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .withLastTransitionTime("2026-01-01T08:00:30Z")
                .endCondition()
                .endStatus()
                .build();
    }

    private MetricEvaluation.Result evaluate(MetricSpec metric) {
        return evaluation.evaluate(
                new MetricEvaluation.Target(
                        "n", "app=web", List.of(pod("a"), pod("b")), 2, 2, new Tolerance(0.1, 0.1), NOW),
                metric);
    }

    private MetricEvaluation.Proposed proposed(MetricSpec metric) {
        return assertInstanceOf(MetricEvaluation.Proposed.class, evaluate(metric));
    }

    private void usage() {
        answers.put("/apis/metrics.k8s.io/v1beta1/namespaces/n/pods?labelSelector=app%3Dweb", """
                {"kind": "PodMetricsList", "items": [
                  {"metadata": {"name": "a"}, "timestamp": "2026-01-01T09:59:50Z", "window": "15.2s",
                   "containers": [{"name": "main", "usage": {"cpu": "300m"}}, {"name": "side", "usage": {"cpu": "0"}}]},
                  {"metadata": {"name": "b"}, "timestamp": "2026-01-01T09:59:50Z", "window": "15s",
                   "containers": [{"name": "main", "usage": {"cpu": "100m"}},
                                  {"name": "side", "usage": {"cpu": "100m"}}]}
                ]}""");
    }

    @Test
    void resourcesAreSetInRelationToWhatIsRequested() {
        usage();
        MetricEvaluation.Proposed proposed = proposed(new MetricSpecBuilder()
                .withType("Resource")
                .withNewResource()
                .withName("cpu")
                .withNewTarget()
                .withType("Utilization")
                .withAverageUtilization(50)
                .endTarget()
                .endResource()
                .build());
        assertEquals(4, proposed.replicas());
        assertEquals("cpu resource utilization (percentage of request)", proposed.name());
        assertEquals(100, proposed.status().getResource().getCurrent().getAverageUtilization());
        assertEquals(
                "250m",
                proposed.status().getResource().getCurrent().getAverageValue().toString());
    }

    @Test
    void oneContainerCanCountAlone() {
        usage();
        MetricSpec metric = new MetricSpecBuilder()
                .withType("ContainerResource")
                .withNewContainerResource()
                .withName("cpu")
                .withContainer("side")
                .withNewTarget()
                .withType("AverageValue")
                .withAverageValue(new Quantity("25m"))
                .endTarget()
                .endContainerResource()
                .build();
        MetricEvaluation.Proposed proposed = proposed(metric);
        assertEquals(4, proposed.replicas());
        assertEquals("cpu container resource", proposed.name());
        metric.getContainerResource().setContainer("none");
        assertEquals(
                new MetricEvaluation.Failed(
                        "FailedGetContainerResourceMetric",
                        "failed to get cpu usage: unable to get metrics for resource cpu: container none not present in"
                                + " metrics for pod n/a",
                        "failed to get cpu container metric value: failed to get cpu usage: unable to get metrics for"
                                + " resource cpu: container none not present in metrics for pod n/a"),
                evaluate(metric));
    }

    @Test
    void aRequestThatIsMissingIsAFault() {
        usage();
        MetricSpec metric = new MetricSpecBuilder()
                .withType("Resource")
                .withNewResource()
                .withName("cpu")
                .withNewTarget()
                .withType("Utilization")
                .withAverageUtilization(50)
                .endTarget()
                .endResource()
                .build();
        Pod bare = pod("b");
        bare.getSpec().getContainers().get(1).setResources(null);
        MetricEvaluation.Failed failed = assertInstanceOf(
                MetricEvaluation.Failed.class,
                evaluation.evaluate(
                        new MetricEvaluation.Target(
                                "n", "app=web", List.of(pod("a"), bare), 2, 2, new Tolerance(0.1, 0.1), NOW),
                        metric));
        assertEquals(
                "failed to get cpu utilization: missing request for cpu in container side of Pod b", failed.detail());
    }

    @Test
    void withoutAnApiForMetricsTheMessageSaysSo() {
        MetricEvaluation.Failed failed = assertInstanceOf(
                MetricEvaluation.Failed.class,
                evaluate(new MetricSpecBuilder()
                        .withType("Resource")
                        .withNewResource()
                        .withName("memory")
                        .withNewTarget()
                        .withType("Utilization")
                        .withAverageUtilization(50)
                        .endTarget()
                        .endResource()
                        .build()));
        assertEquals(
                "failed to get memory utilization: unable to get metrics for resource memory: unable to fetch metrics"
                        + " from resource metrics API: the server could not find the requested resource (get"
                        + " pods.metrics.k8s.io)",
                failed.detail());
    }

    @Test
    void podsCanHaveMetricsOfTheirOwn() {
        answers.put(
                "/apis/custom.metrics.k8s.io",
                "{\"versions\": [{\"version\": \"v1beta1\"}, {\"version\": \"v1beta2\"}]}");
        answers.put(
                "/apis/custom.metrics.k8s.io/v1beta2/namespaces/n/pods/*/requests"
                        + "?labelSelector=app%3Dweb&metricLabelSelector=verb%3DGET",
                """
                {"items": [
                  {"describedObject": {"kind": "Pod", "name": "a"}, "timestamp": "2026-01-01T09:59:50Z", "value": "30"},
                  {"describedObject": {"kind": "Pod", "name": "b"}, "timestamp": "2026-01-01T09:59:50Z",
                   "value": "10500m"}
                ]}""");
        MetricEvaluation.Proposed proposed = proposed(new MetricSpecBuilder()
                .withType("Pods")
                .withNewPods()
                .withNewMetric()
                .withName("requests")
                .withNewSelector()
                .addToMatchLabels("verb", "GET")
                .endSelector()
                .endMetric()
                .withNewTarget()
                .withType("AverageValue")
                .withAverageValue(new Quantity("5"))
                .endTarget()
                .endPods()
                .build());
        assertEquals(9, proposed.replicas());
        assertEquals("pods metric requests", proposed.name());
        assertEquals(
                "20250m",
                proposed.status().getPods().getCurrent().getAverageValue().toString());
    }

    private static MetricSpec object(String apiVersion, String kind, String type, String target) {
        return new MetricSpecBuilder()
                .withType("Object")
                .withNewObject()
                .withNewDescribedObject(apiVersion, kind, "front")
                .withNewMetric()
                .withName("rate")
                .endMetric()
                .withNewTarget()
                .withType(type)
                .withValue(type.equals("Value") ? new Quantity(target) : null)
                .withAverageValue(type.equals("Value") ? null : new Quantity(target))
                .endTarget()
                .endObject()
                .build();
    }

    @Test
    void aMetricCanBeOneOfAnObject() {
        answers.put("/apis/custom.metrics.k8s.io", "{\"versions\": [{\"version\": \"v1beta1\"}]}");
        answers.put(
                "/apis/networking.k8s.io/v1",
                "{\"resources\": [{\"name\": \"ingresses\", \"kind\": \"Ingress\", \"namespaced\": true}]}");
        answers.put(
                "/apis/custom.metrics.k8s.io/v1beta1/namespaces/n/ingresses.networking.k8s.io/front/rate",
                "{\"items\": [{\"value\": \"9\"}]}");
        answers.put(
                "/apis/custom.metrics.k8s.io/v1beta1/namespaces/n/metrics/rate", "{\"items\": [{\"value\": \"4\"}]}");
        MetricEvaluation.Proposed whole = proposed(object("networking.k8s.io/v1", "Ingress", "Value", "3"));
        assertEquals(6, whole.replicas());
        assertEquals("Ingress metric rate", whole.name());
        assertEquals("9", whole.status().getObject().getCurrent().getValue().toString());
        MetricEvaluation.Proposed shared = proposed(object("networking.k8s.io/v1", "Ingress", "AverageValue", "3"));
        assertEquals(3, shared.replicas());
        assertEquals(
                "4500m",
                shared.status().getObject().getCurrent().getAverageValue().toString());
        assertEquals(2, proposed(object("v1", "Namespace", "Value", "4")).replicas());
        MetricEvaluation.Failed failed = assertInstanceOf(
                MetricEvaluation.Failed.class, evaluate(object("example.com/v1", "Thing", "Value", "3")));
        assertEquals("FailedGetObjectMetric", failed.reason());
    }

    private static MetricSpec external(String type, String target) {
        return new MetricSpecBuilder()
                .withType("External")
                .withNewExternal()
                .withNewMetric()
                .withName("queue")
                .withNewSelector()
                .addToMatchLabels("name", "jobs")
                .endSelector()
                .endMetric()
                .withNewTarget()
                .withType(type)
                .withValue(type.equals("Value") ? new Quantity(target) : null)
                .withAverageValue(type.equals("Value") ? null : new Quantity(target))
                .endTarget()
                .endExternal()
                .build();
    }

    @Test
    void whatIsOutsideIsSummedUp() {
        answers.put(
                "/apis/external.metrics.k8s.io/v1beta1/namespaces/n/queue?labelSelector=name%3Djobs",
                "{\"items\": [{\"value\": \"20\"}, {\"value\": \"10\"}]}");
        MetricEvaluation.Proposed shared = proposed(external("AverageValue", "7"));
        assertEquals(5, shared.replicas());
        assertEquals(
                "15",
                shared.status().getExternal().getCurrent().getAverageValue().toString());
        assertEquals(
                "external metric queue(&LabelSelector{MatchLabels:map[string]string{name: jobs,},"
                        + "MatchExpressions:[]LabelSelectorRequirement{},})",
                shared.name());
        assertEquals(4, proposed(external("Value", "15")).replicas());
        answers.clear();
        MetricEvaluation.Failed failed =
                assertInstanceOf(MetricEvaluation.Failed.class, evaluate(external("Value", "15")));
        assertEquals("FailedGetExternalMetric", failed.reason());
    }

    @Test
    void nonsenseFromAnApiForMetricsIsAFault() {
        answers.put("/apis/external.metrics.k8s.io/v1beta1/namespaces/n/queue?labelSelector=name%3Djobs", "oops");
        assertInstanceOf(MetricEvaluation.Failed.class, evaluate(external("Value", "15")));
        answers.put(
                "/apis/external.metrics.k8s.io/v1beta1/namespaces/n/queue?labelSelector=name%3Djobs",
                "{\"items\": [{\"value\": \"lots\"}]}");
        assertInstanceOf(MetricEvaluation.Failed.class, evaluate(external("Value", "15")));
        answers.put(
                "/apis/external.metrics.k8s.io/v1beta1/namespaces/n/queue?labelSelector=name%3Djobs",
                "{\"items\": []}");
        assertInstanceOf(MetricEvaluation.Failed.class, evaluate(external("Value", "15")));
    }
}
