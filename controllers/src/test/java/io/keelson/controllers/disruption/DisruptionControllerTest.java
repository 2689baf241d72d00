package io.keelson.controllers.disruption;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.EvictionBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatus;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DisruptionControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();
    private final ManualTime time = new ManualTime(Instant.now().truncatedTo(ChronoUnit.SECONDS));

    @AfterEach
    void close() {
        cluster.close();
    }

    private Pod pod(String name, HasMetadata... controllers) {
        PodBuilder pod = new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .addToLabels("app", "web")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage("i")
                .endContainer()
                .endSpec();
        for (HasMetadata controller : controllers) {
            pod.editMetadata()
                    .addToOwnerReferences(Owners.controllerReference(controller))
                    .endMetadata();
        }
        Pod created = cluster.client().resource(pod.build()).create();
        cluster.ready(created, time.instant());
        return created;
    }

    private void budget(String limit) {
        cluster.create(namespace, """
                apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata: {name: web}
                spec:
                  %s
                  selector: {matchLabels: {app: web}}
                """.formatted(limit));
    }

    private HasMetadata replicaSet(int replicas) {
        return cluster.create(namespace, """
                apiVersion: apps/v1
                kind: ReplicaSet
                metadata: {name: web}
                spec:
                  replicas: %d
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec: {containers: [{name: c, image: i}]}
                """.formatted(replicas));
    }

    private PodDisruptionBudgetStatus status() {
        return cluster.client()
                .policy()
                .v1()
                .podDisruptionBudget()
                .inNamespace(namespace)
                .withName("web")
                .get()
                .getStatus();
    }

    private PodDisruptionBudgetStatus await(String what, Predicate<PodDisruptionBudgetStatus> condition)
            throws InterruptedException {
        TestCluster.await(what, () -> {
            PodDisruptionBudgetStatus status = status();
            return status.getObservedGeneration() != null && condition.test(status);
        });
        return status();
    }

    private boolean told(String reason) {
        return cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                .anyMatch(event -> reason.equals(event.getReason()));
    }

    private boolean evicted(String name) {
        return cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName(name)
                .evict(new EvictionBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .endMetadata()
                        .build());
    }

    @Test
    void aPercentageCountsByTheScaleOfTheController() throws InterruptedException {
        cluster.run(time, DisruptionController.descriptor());
        HasMetadata set = replicaSet(4);
        budget("minAvailable: 50%");
        for (int i = 0; i < 3; i++) {
            pod("web-" + i, set);
        }
        PodDisruptionBudgetStatus status =
                await("one of three may go, of four that are to be", now -> now.getDisruptionsAllowed() == 1);
        assertEquals(4, status.getExpectedPods());
        assertEquals(2, status.getDesiredHealthy());
        assertEquals(3, status.getCurrentHealthy());
        assertEquals("SufficientPods", status.getConditions().getFirst().getReason());

        assertTrue(evicted("web-0"));
        status = await("no more may go", now -> now.getDisruptionsAllowed() == 0 && now.getCurrentHealthy() == 2);
        assertEquals("InsufficientPods", status.getConditions().getFirst().getReason());
        assertFalse(evicted("web-1"));
    }

    @Test
    void aNumberCountsThePodsThatAreThere() throws InterruptedException {
        cluster.run(time, DisruptionController.descriptor());
        budget("minAvailable: 1");
        TestCluster.await("it says that there are none", () -> told("NoPods"));
        pod("a");
        pod("b");
        PodDisruptionBudgetStatus status = await("one may go", now -> now.getDisruptionsAllowed() == 1);
        assertEquals(2, status.getExpectedPods());
    }

    @Test
    void nothingIsWrittenWhereNothingChanged() throws InterruptedException {
        try (TestCluster before = new TestCluster()) {
            before.run(DisruptionController.descriptor());
            budget("minAvailable: 1");
            pod("a");
            await("it is counted", now -> now.getCurrentHealthy() == 1);
        }
        String version = version("web");
        pod("later");
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName("later")
                .withGracePeriod(0)
                .delete();
        cluster.run(time, DisruptionController.descriptor());
        cluster.create(namespace, """
                apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata: {name: next}
                spec: {minAvailable: 1, selector: {matchLabels: {app: none}}}
                """);
        // One worker takes the budgets in their order.
        TestCluster.await(
                "the next one is counted",
                () -> cluster.client()
                                .policy()
                                .v1()
                                .podDisruptionBudget()
                                .inNamespace(namespace)
                                .withName("next")
                                .get()
                                .getStatus()
                                .getObservedGeneration()
                        != null);
        assertEquals(version, version("web"));
    }

    private String version(String budget) {
        return cluster.client()
                .policy()
                .v1()
                .podDisruptionBudget()
                .inNamespace(namespace)
                .withName(budget)
                .get()
                .getMetadata()
                .getResourceVersion();
    }

    @Test
    void aBudgetCanSelectByExpressionsOrAll() throws InterruptedException {
        cluster.run(time, DisruptionController.descriptor());
        cluster.create(namespace, """
                apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata: {name: web}
                spec: {minAvailable: 0, selector: {matchExpressions: [{key: app, operator: In, values: [web]}]}}
                """);
        cluster.create(namespace, """
                apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata: {name: all}
                spec: {minAvailable: 0, selector: {}}
                """);
        pod("a");
        await("the pod is counted", now -> now.getCurrentHealthy() == 1);
        TestCluster.await(
                "the pod is one of all",
                () -> cluster.client()
                                .policy()
                                .v1()
                                .podDisruptionBudget()
                                .inNamespace(namespace)
                                .withName("all")
                                .get()
                                .getStatus()
                                .getCurrentHealthy()
                        == 1);
        TestCluster.await("an event says that there are two", () -> told("MultiplePodDisruptionBudgets"));
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName("a")
                .edit(now -> new PodBuilder(now)
                        .editMetadata()
                        .addToLabels("app", "other")
                        .endMetadata()
                        .build());
        await("the pod is not counted any more", now -> now.getCurrentHealthy() == 0);
    }

    @Test
    void podsOfNobodyCountForNothing() throws InterruptedException {
        cluster.run(time, DisruptionController.descriptor());
        pod("a");
        budget("maxUnavailable: 1");
        TestCluster.await("it says so", () -> told("UnmanagedPods"));
        PodDisruptionBudgetStatus status = await("it is healthy", now -> now.getCurrentHealthy() == 1);
        assertEquals(0, status.getExpectedPods());
        assertEquals(0, status.getDisruptionsAllowed());
    }

    @Test
    void aControllerWithoutScaleIsAFaultThatAllowsNothing() throws InterruptedException {
        cluster.run(time, DisruptionController.descriptor());
        HasMetadata job = cluster.create(namespace, """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: web}
                spec:
                  template:
                    spec: {restartPolicy: Never, containers: [{name: c, image: i}]}
                """);
        pod("a", job);
        budget("maxUnavailable: 1");
        TestCluster.await(
                "the condition says so",
                () -> status().getConditions().stream()
                        .anyMatch(condition -> "SyncFailed".equals(condition.getReason())
                                && "jobs.batch does not implement the scale subresource"
                                        .equals(condition.getMessage())));
        assertEquals(0, status().getDisruptionsAllowed());
        TestCluster.await("and an event", () -> told("CalculateExpectedPodCountFailed"));
    }

    @Test
    void aControllerOfACustomKindIsAskedForItsScale() throws InterruptedException {
        cluster.client().resource("""
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: fleets.disruption.keelson.test}
                spec:
                  group: disruption.keelson.test
                  scope: Namespaced
                  names: {plural: fleets, singular: fleet, kind: Fleet}
                  versions:
                    - name: v1
                      served: true
                      storage: true
                      subresources:
                        scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}
                        status: {}
                      schema:
                        openAPIV3Schema:
                          type: object
                          properties:
                            spec: {type: object, properties: {size: {type: integer}}}
                            status: {type: object, properties: {size: {type: integer}}}
                """).create();
        TestCluster.await(
                "the kind is served",
                () -> OrEmpty.of(cluster.client()
                                .apiextensions()
                                .v1()
                                .customResourceDefinitions()
                                .withName("fleets.disruption.keelson.test")
                                .get()
                                .getStatus()
                                .getConditions())
                        .stream()
                        .anyMatch(condition -> condition.getType().equals("Established")
                                && condition.getStatus().equals("True")));
        HasMetadata fleet = cluster.create(namespace, """
                apiVersion: disruption.keelson.test/v1
                kind: Fleet
                metadata: {name: web}
                spec: {size: 3}
                """);
        cluster.run(time, DisruptionController.descriptor());
        pod("a", fleet);
        pod("b", fleet);
        budget("maxUnavailable: 2");
        PodDisruptionBudgetStatus status = await("one may go", now -> now.getDisruptionsAllowed() == 1);
        assertEquals(3, status.getExpectedPods());
        assertEquals(1, status.getDesiredHealthy());
    }

    @Test
    void anEvictionThatDoesNotComeToPassIsForgotten() throws InterruptedException {
        Manager manager = cluster.run(time, DisruptionController.descriptor());
        budget("minAvailable: 1");
        pod("a");
        pod("b");
        await("one may go", now -> now.getDisruptionsAllowed() == 1);
        cluster.client()
                .policy()
                .v1()
                .podDisruptionBudget()
                .inNamespace(namespace)
                .withName("web")
                .editStatus(budget -> {
                    budget.getStatus().setDisruptionsAllowed(0);
                    budget.getStatus()
                            .getDisruptedPods()
                            .put("a", time.instant().toString());
                    return budget;
                });
        await("it is not counted", now -> now.getCurrentHealthy() == 1 && now.getDisruptionsAllowed() == 0);
        TestCluster.await("nothing is left to do", manager::idle);
        time.advance(Duration.ofSeconds(121));
        await("it is again", now -> now.getCurrentHealthy() == 2 && now.getDisruptionsAllowed() == 1);
        assertTrue(status().getDisruptedPods().isEmpty());
        TestCluster.await("an event says so", () -> told("NotDeleted"));
    }

    @Test
    void aMarkOfADisruptionThatDidNotComeToPassIsTakenBack() throws InterruptedException {
        Manager manager = cluster.run(time, DisruptionController.descriptor());
        Pod pod = pod("a");
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName("a")
                .editStatus(now -> new PodBuilder(now)
                        .editStatus()
                        .addNewCondition()
                        .withType("DisruptionTarget")
                        .withStatus("True")
                        .withReason("PreemptionByScheduler")
                        .withLastTransitionTime(time.instant().toString())
                        .endCondition()
                        .endStatus()
                        .build());
        time.advance(Duration.ofSeconds(119));
        TestCluster.await("the mark was seen", manager::idle);
        assertEquals("True", mark(pod));
        TestCluster.await("the mark is taken back", () -> {
            time.advance(Duration.ofSeconds(1));
            return "False".equals(mark(pod));
        });
    }

    private String mark(Pod pod) {
        return cluster.client().resource(pod).get().getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals("DisruptionTarget"))
                .findFirst()
                .orElseThrow()
                .getStatus();
    }
}
