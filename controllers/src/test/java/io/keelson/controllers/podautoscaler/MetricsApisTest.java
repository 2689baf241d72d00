package io.keelson.controllers.podautoscaler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.APIServiceCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerCondition;
import io.keelson.controllers.deployment.DeploymentController;
import io.keelson.controllers.hollow.AggregatedApi;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.SelectorParser;
import io.keelson.controllers.objects.Selectors;
import io.keelson.controllers.replicaset.ReplicaSetController;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With the three APIs of metrics behind the API server, as a metrics server and adapters are. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricsApisTest {
    private static final List<String> APIS =
            List.of("metrics.k8s.io/v1beta1", "custom.metrics.k8s.io/v1beta2", "external.metrics.k8s.io/v1beta1");
    private static final Pattern RESOURCE = Pattern.compile("/apis/metrics\\.k8s\\.io/v1beta1/namespaces/([^/]+)/pods");
    private static final Pattern OF_PODS =
            Pattern.compile("/apis/custom\\.metrics\\.k8s\\.io/v1beta2/namespaces/([^/]+)/pods/\\*/([^/]+)");
    private static final Pattern OF_OBJECT =
            Pattern.compile("/apis/custom\\.metrics\\.k8s\\.io/v1beta2/namespaces/([^/]+)/services/web/([^/]+)");
    private static final Pattern EXTERNAL =
            Pattern.compile("/apis/external\\.metrics\\.k8s\\.io/v1beta1/namespaces/([^/]+)/([^/]+)");

    /** A type of metric: how it is asked for, and how much of it a pod is to have. */
    enum Type {
        RESOURCE(
                "FailedGetResourceMetric",
                "{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}"),
        CONTAINER_RESOURCE(
                "FailedGetContainerResourceMetric",
                "{type: ContainerResource, containerResource: {name: cpu, container: c,"
                        + " target: {type: AverageValue, averageValue: 50m}}}"),
        PODS(
                "FailedGetPodsMetric",
                "{type: Pods, pods: {metric: {name: load}, target: {type: AverageValue, averageValue: 50m}}}"),
        OBJECT(
                "FailedGetObjectMetric",
                "{type: Object, object: {metric: {name: load}, describedObject: {apiVersion: v1, kind: Service,"
                        + " name: web}, target: {type: AverageValue, averageValue: 50m}}}"),
        EXTERNAL(
                "FailedGetExternalMetric",
                "{type: External, external: {metric: {name: load, selector: {matchLabels: {queue: jobs}}},"
                        + " target: {type: AverageValue, averageValue: 50m}}}");

        private final String failure;
        private final String metric;

        Type(String failure, String metric) {
            this.failure = failure;
            this.metric = metric;
        }

        /** As an autoscaler calls it. */
        private String kind() {
            return metric.substring("{type: ".length(), metric.indexOf(','));
        }
    }

    private TestCluster cluster;
    private AggregatedApi api;
    private String namespace = "";
    private ManualTime time = new ManualTime(Instant.EPOCH);
    /** In thousandths, all pods of a namespace together. */
    private final Map<String, Integer> load = new ConcurrentHashMap<>();
    /** Pods that are not measured. */
    private final Set<String> missing = ConcurrentHashMap.newKeySet();

    private volatile boolean down;
    private @Nullable Manager running;
    private Figures figures = new Figures();

    @BeforeAll
    void serve() throws IOException, InterruptedException {
        cluster = TestCluster.alone();
        api = new AggregatedApi(cluster.client(), "localhost", "test-metrics", APIS, this::answer);
        api.register();
        for (String name :
                List.of("v1beta1.metrics.k8s.io", "v1beta2.custom.metrics.k8s.io", "v1beta1.external.metrics.k8s.io")) {
            TestCluster.await(name + " is available", () -> isAvailable(name));
        }
        cluster.run(DeploymentController.descriptor(), ReplicaSetController.descriptor());
    }

    private boolean isAvailable(String name) {
        var found = cluster.client().apiServices().withName(name).get();
        List<APIServiceCondition> conditions = found.getStatus() == null
                ? List.of()
                : OrEmpty.of(found.getStatus().getConditions());
        return conditions.stream()
                .anyMatch(condition -> condition.getType().equals("Available")
                        && condition.getStatus().equals("True"));
    }

    @AfterAll
    void end() {
        api.close();
        cluster.close();
    }

    @AfterEach
    void forget() {
        if (running != null) {
            running.close();
        }
        down = false;
        cluster.client()
                .autoscaling()
                .v2()
                .horizontalPodAutoscalers()
                .inNamespace(namespace)
                .delete();
        missing.clear();
    }

    private @Nullable String answer(String path, Map<String, String> query) {
        if (down) {
            throw new IllegalStateException("metrics cannot be had, as a test wants");
        }
        for (String groupVersion : APIS) {
            if (path.equals("/apis/" + groupVersion)) {
                return """
                        {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "%s", "resources": []}
                        """.formatted(groupVersion);
            }
        }
        Matcher resource = RESOURCE.matcher(path);
        if (resource.matches()) {
            return pods(resource.group(1), query, """
                    {"metadata": {"name": "%1$s"}, "timestamp": "%2$s", "window": "15s", "containers": [
                     {"name": "c", "usage": {"cpu": "%3$dm"}}]}""");
        }
        Matcher ofPods = OF_PODS.matcher(path);
        if (ofPods.matches()) {
            return pods(ofPods.group(1), query, """
                    {"describedObject": {"kind": "Pod", "name": "%1$s"}, "metric": {"name": "load"},
                     "timestamp": "%2$s", "windowSeconds": 15, "value": "%3$dm"}""");
        }
        Matcher ofObject = OF_OBJECT.matcher(path);
        if (ofObject.matches()) {
            return one(ofObject.group(1), "{\"describedObject\": {\"kind\": \"Service\", \"name\": \"web\"}, ");
        }
        Matcher external = EXTERNAL.matcher(path);
        if (external.matches()) {
            assertEquals("queue=jobs", query.get("labelSelector"));
            return one(external.group(1), "{\"metricName\": \"load\", ");
        }
        return null;
    }

    private String one(String asked, String begin) {
        String item = begin + "\"timestamp\": \"%s\", \"value\": \"%dm\"}".formatted(time.instant(), load.get(asked));
        return "{\"items\": [" + (missing.contains("all") ? "" : item) + "]}";
    }

    private String pods(String asked, Map<String, String> query, String item) {
        Predicate<Map<String, String>> selected =
                Selectors.of(SelectorParser.parse(Objects.requireNonNull(query.get("labelSelector"))));
        List<Pod> pods = cluster.pods(asked).stream()
                .filter(pod -> selected.test(pod.getMetadata().getLabels()))
                .filter(pod -> !missing.contains("all")
                        && !missing.contains(pod.getMetadata().getName()))
                .toList();
        return pods.stream()
                .map(pod -> item.formatted(
                        pod.getMetadata().getName(), time.instant(), load.getOrDefault(asked, 0) / pods.size()))
                .collect(Collectors.joining(",", "{\"items\": [", "]}"));
    }

    /** A Deployment with pods that are ready, and an autoscaler by a metric of which each pod is to have 50m. */
    private void scaled(Type type, int replicas, int used) throws InterruptedException {
        namespace = cluster.namespace();
        time = new ManualTime(Instant.now().truncatedTo(ChronoUnit.SECONDS));
        load.put(namespace, used);
        cluster.create(namespace, """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web}
                spec:
                  replicas: %d
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 100m}}}]}
                """.formatted(replicas));
        cluster.create(namespace, """
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {ports: [{port: 80}]}
                """);
        ready(replicas);
        figures = new Figures();
        running = cluster.run(time, figures.metrics(), HorizontalPodAutoscalerController.descriptor());
        cluster.create(namespace, """
                apiVersion: autoscaling/v2
                kind: HorizontalPodAutoscaler
                metadata: {name: web}
                spec:
                  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
                  minReplicas: 1
                  maxReplicas: 10
                  metrics: [%s]
                """.formatted(type.metric));
    }

    /** Plays the node until so many pods are ready, and the Deployment says so. */
    private void ready(int replicas) throws InterruptedException {
        TestCluster.await(replicas + " pods are ready", () -> {
            for (Pod pod : cluster.pods(namespace)) {
                if (!Pods.isReady(pod)) {
                    started(pod, "True", time.instant().minusSeconds(3600));
                }
            }
            var status = cluster.client()
                    .apps()
                    .deployments()
                    .inNamespace(namespace)
                    .withName("web")
                    .get()
                    .getStatus();
            return OrEmpty.of(status.getReplicas()) == replicas && OrEmpty.of(status.getReadyReplicas()) == replicas;
        });
    }

    private void started(Pod pod, String ready, Instant since) {
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName(pod.getMetadata().getName())
                .editStatus(now -> new PodBuilder(now)
                        .editOrNewStatus()
                        .withPhase("Running")
                        .withStartTime(since.toString())
                        .withConditions()
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus(ready)
                        .withLastTransitionTime(since.toString())
                        .endCondition()
                        .endStatus()
                        .build());
    }

    private int replicas() {
        return cluster.client()
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName("web")
                .get()
                .getSpec()
                .getReplicas();
    }

    private void awaitReplicas(int replicas) throws InterruptedException {
        TestCluster.await("it has " + replicas, () -> {
            time.advance(Duration.ofSeconds(15));
            return replicas() == replicas;
        });
    }

    private String condition(String type) {
        HorizontalPodAutoscaler found = cluster.client()
                .autoscaling()
                .v2()
                .horizontalPodAutoscalers()
                .inNamespace(namespace)
                .withName("web")
                .get();
        List<HorizontalPodAutoscalerCondition> conditions = found.getStatus() == null
                ? List.of()
                : OrEmpty.of(found.getStatus().getConditions());
        return conditions.stream()
                .filter(condition -> condition.getType().equals(type))
                .map(condition -> condition.getStatus() + ' ' + condition.getReason() + ": " + condition.getMessage())
                .findFirst()
                .orElse("");
    }

    private void awaitCondition(String type, String beginning) throws InterruptedException {
        TestCluster.await(type + " is " + beginning, () -> {
            time.advance(Duration.ofSeconds(15));
            return condition(type).startsWith(beginning);
        });
    }

    @ParameterizedTest
    @EnumSource
    void aDeploymentIsScaledUpHeldAndScaledDownByEachTypeOfMetric(Type type) throws InterruptedException {
        scaled(type, 2, 200);
        awaitReplicas(4);
        awaitCondition("ScalingActive", "True ValidMetricFound");
        ready(4);

        load.put(namespace, 40);
        Instant low = time.instant();
        TestCluster.await("it is held", () -> {
            time.advance(Duration.ofSeconds(1));
            return condition("AbleToScale").startsWith("True ScaleDownStabilized");
        });
        assertEquals(4, replicas());
        awaitReplicas(1);
        String prefix = "horizontal_pod_autoscaler_controller_";
        figures.await(1, prefix + "reconciliations_total{action=\"scale_up\",error=\"none\"}");
        figures.await(1, prefix + "reconciliations_total{action=\"scale_down\",error=\"none\"}");
        String labels = "{action=\"scale_up\",error=\"none\",metric_type=\"" + type.kind() + "\"}";
        figures.await(1, prefix + "metric_computation_total" + labels);
        figures.await(1, prefix + "metric_computation_duration_seconds_count" + labels);
        assertFalse(time.instant().isBefore(low.plus(Duration.ofMinutes(4))), "it was not held for long enough");
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotMeasuredScalesNothingAndIsSaid(Type type) throws InterruptedException {
        missing.add("all");
        scaled(type, 2, 200);
        awaitCondition("ScalingActive", "False " + type.failure);
        assertTrue(condition("ScalingActive").contains("no metrics returned from "), condition("ScalingActive"));
        assertEquals(2, replicas());
        missing.clear();
        awaitReplicas(4);
        awaitCondition("ScalingActive", "True ValidMetricFound");
    }

    @Test
    void podsThatAreNotMeasuredOrNotReadyCountAsUsingNothing() throws InterruptedException {
        scaled(Type.RESOURCE, 2, 100);
        Pod other = cluster.pods(namespace).getLast();
        missing.add(other.getMetadata().getName());
        // 100m of one pod are twice its 50m, and what the two are to have together.
        awaitHeld();
        missing.clear();
        // Of the pod that is left to be counted this is as much as it is to have: nothing happens until that is seen.
        started(other, "False", time.instant());
        awaitHeld();
        load.put(namespace, 200);
        awaitHeld();
        started(other, "True", time.instant().minusSeconds(3600));
        awaitReplicas(4);
    }

    /** It is looked at several times, and stays as it is. */
    private void awaitHeld() throws InterruptedException {
        Instant begin = time.instant();
        TestCluster.await("it is looked at", () -> {
            time.advance(Duration.ofSeconds(15));
            return time.instant().isAfter(begin.plusSeconds(120))
                    && condition("AbleToScale").startsWith("True ReadyForNewScale")
                    && condition("ScalingActive").startsWith("True ValidMetricFound");
        });
        assertEquals(2, replicas());
    }

    @Test
    void metricsThatCannotBeHadScaleNothingAndAreSaid() throws InterruptedException {
        scaled(Type.RESOURCE, 2, 200);
        awaitReplicas(4);
        ready(4);
        down = true;
        load.put(namespace, 500);
        awaitCondition("ScalingActive", "False FailedGetResourceMetric");
        String said = condition("ScalingActive");
        assertTrue(said.contains("failed to get cpu utilization: unable to get metrics for resource cpu: "), said);
        assertTrue(said.contains("unable to fetch metrics from resource metrics API: "), said);
        assertEquals(4, replicas());
        down = false;
        TestCluster.await("metrics are available", () -> isAvailable("v1beta1.metrics.k8s.io"));
        awaitReplicas(10);
        awaitCondition("ScalingActive", "True ValidMetricFound");
    }
}
