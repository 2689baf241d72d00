package io.keelson.controllers.podautoscaler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerCondition;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With metrics of resources that a CustomResourceDefinition serves in the place of a metrics server. */
class HorizontalPodAutoscalerControllerTest {
    private static final TestCluster KINDS = new TestCluster();

    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();
    private final ManualTime time = new ManualTime(Instant.now().truncatedTo(ChronoUnit.SECONDS));

    @BeforeAll
    static void serveMetrics() throws InterruptedException {
        define("pods.metrics.k8s.io", """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata:
                  name: pods.metrics.k8s.io
                  annotations: {api-approved.kubernetes.io: "unapproved, for tests"}
                spec:
                  group: metrics.k8s.io
                  scope: Namespaced
                  names: {plural: pods, singular: pod, kind: PodMetrics}
                  versions:
                    - name: v1beta1
                      served: true
                      storage: true
                      schema:
                        openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
                """);
        define("crews.podautoscaler.keelson.test", """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: crews.podautoscaler.keelson.test}
                spec:
                  group: podautoscaler.keelson.test
                  scope: Namespaced
                  names: {plural: crews, singular: crew, kind: Crew}
                  versions:
                    - name: v1
                      served: true
                      storage: true
                      subresources:
                        scale:
                          specReplicasPath: .spec.size
                          statusReplicasPath: .status.size
                          labelSelectorPath: .status.selector
                      schema:
                        openAPIV3Schema:
                          type: object
                          properties:
                            spec: {type: object, properties: {size: {type: integer}}}
                            status:
                              type: object
                              properties: {size: {type: integer}, selector: {type: string}}
                """);
    }

    private static void define(String name, String definition) throws InterruptedException {
        KINDS.client().resource(definition).create();
        TestCluster.await(
                name + " is served",
                () -> OrEmpty.of(KINDS.client()
                                .apiextensions()
                                .v1()
                                .customResourceDefinitions()
                                .withName(name)
                                .get()
                                .getStatus()
                                .getConditions())
                        .stream()
                        .anyMatch(condition -> condition.getType().equals("Established")
                                && condition.getStatus().equals("True")));
    }

    @AfterAll
    static void serveNoMetrics() {
        KINDS.close();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private void deployment(String name, int replicas) {
        cluster.create(namespace, """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %s}
                spec:
                  replicas: %d
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec: {containers: [{name: c, image: i}]}
                """.formatted(name, replicas));
    }

    private void pod(String name, String cpu) {
        Pod pod = cluster.client()
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .addToLabels("app", "web")
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("c")
                        .withImage("i")
                        .withNewResources()
                        .addToRequests("cpu", new Quantity("100m"))
                        .endResources()
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        cluster.ready(pod, time.instant().minusSeconds(3600));
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName(name)
                .editStatus(now -> new PodBuilder(now)
                        .editStatus()
                        .withStartTime(time.instant().minusSeconds(3600).toString())
                        .endStatus()
                        .build());
        uses(name, cpu);
    }

    private void uses(String pod, String cpu) {
        String metrics = "/apis/metrics.k8s.io/v1beta1/namespaces/" + namespace + "/pods";
        try {
            cluster.client().raw(metrics + '/' + pod, "DELETE", new DeleteOptions());
        } catch (KubernetesClientException e) {
            assertEquals(404, e.getCode());
        }
        cluster.client().raw(metrics, "POST", """
                {"apiVersion": "metrics.k8s.io/v1beta1", "kind": "PodMetrics",
                 "metadata": {"name": "%s", "labels": {"app": "web"}}, "timestamp": "%s", "window": "15s",
                 "containers": [{"name": "c", "usage": {"cpu": "%s"}}]}
                """.formatted(pod, time.instant(), cpu));
    }

    private void autoscaler(String name, String target, String more) {
        cluster.create(namespace, """
                apiVersion: autoscaling/v2
                kind: HorizontalPodAutoscaler
                metadata: {name: %s}
                spec:
                  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %s}
                  minReplicas: 1
                  maxReplicas: 10
                  metrics:
                    - type: Resource
                      resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}
                  %s
                """.formatted(name, target, more));
    }

    private HorizontalPodAutoscaler autoscaler(String name) {
        return cluster.client()
                .autoscaling()
                .v2()
                .horizontalPodAutoscalers()
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    private String reason(String name, String type) {
        HorizontalPodAutoscaler found = autoscaler(name);
        List<HorizontalPodAutoscalerCondition> conditions = found.getStatus() == null
                ? List.of()
                : OrEmpty.of(found.getStatus().getConditions());
        return conditions.stream()
                .filter(condition -> condition.getType().equals(type))
                .map(condition -> condition.getStatus() + ' ' + condition.getReason())
                .findFirst()
                .orElse("");
    }

    private void awaitReason(String name, String type, String reason) throws InterruptedException {
        TestCluster.await(
                type + " of " + name + " is " + reason, () -> reason(name, type).equals(reason));
    }

    private int replicas(String name) {
        return cluster.client()
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName(name)
                .get()
                .getSpec()
                .getReplicas();
    }

    private boolean told(String reason, String message) {
        return cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                .anyMatch(event ->
                        reason.equals(event.getReason()) && event.getMessage().contains(message));
    }

    @Test
    void aDeploymentGrowsWithItsUseAndShrinksAfterAWhile() throws InterruptedException {
        deployment("web", 2);
        pod("a", "90m");
        pod("b", "110m");
        cluster.run(time, HorizontalPodAutoscalerController.descriptor());
        autoscaler("web", "web", "");
        TestCluster.await("it is scaled up", () -> replicas("web") == 4);
        awaitReason("web", "AbleToScale", "True SucceededRescale");
        awaitReason("web", "ScalingActive", "True ValidMetricFound");
        awaitReason("web", "ScalingLimited", "False DesiredWithinRange");
        HorizontalPodAutoscaler scaled = autoscaler("web");
        assertEquals(2, scaled.getStatus().getCurrentReplicas());
        assertEquals(4, scaled.getStatus().getDesiredReplicas());
        assertEquals(time.instant().toString(), scaled.getStatus().getLastScaleTime());
        assertEquals(
                100,
                scaled.getStatus()
                        .getCurrentMetrics()
                        .getFirst()
                        .getResource()
                        .getCurrent()
                        .getAverageUtilization());
        TestCluster.await(
                "an event says so",
                () -> told(
                        "SuccessfulRescale",
                        "New size: 4; reason: cpu resource utilization (percentage of request) above target"));

        pod("c", "5m");
        pod("d", "5m");
        uses("a", "5m");
        uses("b", "5m");
        TestCluster.await("it is not scaled down at once", () -> {
            time.advance(Duration.ofSeconds(1));
            return reason("web", "AbleToScale").equals("True ScaleDownStabilized");
        });
        assertEquals(4, replicas("web"));
        TestCluster.await("it is scaled down in the end", () -> {
            time.advance(Duration.ofSeconds(15));
            return replicas("web") == 1;
        });
    }

    @Test
    void whateverHasAScaleIsScaled() throws InterruptedException {
        cluster.create(namespace, """
                apiVersion: podautoscaler.keelson.test/v1
                kind: Crew
                metadata: {name: crew}
                spec: {size: 1}
                status: {size: 1, selector: "app in (web),!gone"}
                """);
        pod("a", "150m");
        cluster.run(time, HorizontalPodAutoscalerController.descriptor());
        cluster.create(namespace, """
                apiVersion: autoscaling/v2
                kind: HorizontalPodAutoscaler
                metadata: {name: crew}
                spec:
                  scaleTargetRef: {apiVersion: podautoscaler.keelson.test/v1, kind: Crew, name: crew}
                  maxReplicas: 10
                  metrics:
                    - type: Resource
                      resource: {name: cpu, target: {type: AverageValue, averageValue: 50m}}
                """);
        awaitReason("crew", "AbleToScale", "True SucceededRescale");
        assertEquals(3, autoscaler("crew").getStatus().getDesiredReplicas());
        GenericKubernetesResource crew = cluster.client()
                .genericKubernetesResources("podautoscaler.keelson.test/v1", "Crew")
                .inNamespace(namespace)
                .withName("crew")
                .get();
        assertEquals(3, crew.<Integer>get("spec", "size"));
    }

    @Test
    void aPolicyLimitsHowFarItGrows() throws InterruptedException {
        deployment("web", 1);
        pod("a", "500m");
        cluster.run(time, HorizontalPodAutoscalerController.descriptor());
        autoscaler("web", "web", "behavior: {scaleUp: {policies: [{type: Pods, value: 1, periodSeconds: 60}]}}");
        TestCluster.await("it is scaled up by one", () -> replicas("web") == 2);
        awaitReason("web", "ScalingLimited", "True ScaleUpLimit");
    }

    @Test
    void limitsHoldWithoutMetrics() throws InterruptedException {
        deployment("many", 20);
        deployment("none", 0);
        cluster.run(time, HorizontalPodAutoscalerController.descriptor());
        autoscaler("many", "many", "");
        autoscaler("none", "none", "");
        TestCluster.await("it is scaled down to the maximum", () -> replicas("many") == 10);
        awaitReason("none", "ScalingActive", "False ScalingDisabled");
        assertEquals(0, replicas("none"));
        TestCluster.await(
                "an event says so",
                () -> told("SuccessfulRescale", "reason: Current number of replicas above Spec.MaxReplicas"));
    }

    @Test
    void whatIsMissingIsSaid() throws InterruptedException {
        deployment("web", 1);
        // Several events about one object at one moment would have one name.
        Figures figures = new Figures();
        cluster.run(Time.system(), figures.metrics(), HorizontalPodAutoscalerController.descriptor());
        autoscaler("lost", "nowhere", "");
        autoscaler("web", "web", "");
        awaitReason("lost", "AbleToScale", "False FailedGetScale");
        awaitReason("web", "ScalingActive", "False FailedGetResourceMetric");
        assertTrue(autoscaler("web").getStatus().getConditions().stream()
                .anyMatch(condition -> condition
                        .getMessage()
                        .equals("the HPA was unable to compute the replica count: failed to get cpu utilization: unable"
                                + " to get metrics for resource cpu: no metrics returned from resource metrics API")));
        TestCluster.await(
                "an event says so", () -> told("FailedComputeMetricsReplicas", "invalid metrics (1 invalid out of 1)"));
        TestCluster.await("and another", () -> told("FailedGetScale", "deployments.apps \"nowhere\" not found"));
        String prefix = "horizontal_pod_autoscaler_controller_";
        String failed = "{action=\"none\",error=\"internal\"}";
        figures.await(2, prefix + "reconciliations_total" + failed);
        figures.await(2, prefix + "reconciliation_duration_seconds_count" + failed);
        String metric = "{action=\"none\",error=\"internal\",metric_type=\"Resource\"}";
        figures.await(1, prefix + "metric_computation_total" + metric);
        figures.await(1, prefix + "metric_computation_duration_seconds_count" + metric);
    }

    @Test
    void podsOfTwoAutoscalersAreScaledByNone() throws InterruptedException {
        deployment("one", 1);
        deployment("two", 1);
        pod("a", "500m");
        cluster.run(time, HorizontalPodAutoscalerController.descriptor());
        autoscaler("one", "one", "behavior: {scaleUp: {selectPolicy: Disabled}}");
        autoscaler("two", "two", "behavior: {scaleUp: {selectPolicy: Disabled}}");
        TestCluster.await("both are ambiguous", () -> {
            time.advance(Duration.ofSeconds(15));
            return reason("one", "ScalingActive").equals("False AmbiguousSelector")
                    && reason("two", "ScalingActive").equals("False AmbiguousSelector");
        });
        TestCluster.await(
                "an event says whose",
                () -> told(
                        "AmbiguousSelector",
                        "pods by selector app=web are controlled by multiple HPAs: [{one %s} {two %s}]"
                                .formatted(namespace, namespace)));
    }
}
