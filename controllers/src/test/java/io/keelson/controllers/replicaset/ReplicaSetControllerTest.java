package io.keelson.controllers.replicaset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ReplicationControllerStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplicaSetControllerTest {
    private final TestCluster cluster = new TestCluster();
    private String namespace = "";

    @BeforeEach
    void namespace() {
        namespace = cluster.namespace();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private ReplicaSet create(int replicas, String more) {
        return (ReplicaSet) cluster.create(namespace, """
                apiVersion: apps/v1
                kind: ReplicaSet
                metadata:
                  name: web
                spec:
                  replicas: %d
                %s
                  selector:
                    matchLabels: {app: web}
                  template:
                    metadata:
                      labels: {app: web, tier: front}
                      finalizers: [keelson.test/held]
                    spec:
                      containers:
                      - name: main
                        image: none
                """.formatted(replicas, more));
    }

    private void scale(int replicas) {
        cluster.client()
                .apps()
                .replicaSets()
                .inNamespace(namespace)
                .withName("web")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"replicas\":" + replicas + "}}");
    }

    private ReplicaSetStatus status() {
        return cluster.client()
                .apps()
                .replicaSets()
                .inNamespace(namespace)
                .withName("web")
                .get()
                .getStatus();
    }

    private void pod(String name, String labels) {
        cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: %s
                  labels: {%s}
                spec:
                  containers:
                  - name: main
                    image: none
                """.formatted(name, labels));
    }

    private Pod pod(String name) {
        return cluster.client().pods().inNamespace(namespace).withName(name).get();
    }

    private void awaitPods(int count) throws InterruptedException {
        TestCluster.await(count + " pods", () -> cluster.pods(namespace).size() == count);
    }

    @Test
    void podsAreCreatedCountedReplacedAndTakenAway() throws InterruptedException {
        Manager manager = cluster.run(ReplicaSetController.descriptor());
        create(3, "");
        awaitPods(3);
        TestCluster.await("all are counted", () -> Integer.valueOf(3).equals(status().getReplicas()));
        Pod first = cluster.pods(namespace).getFirst();
        assertTrue(first.getMetadata().getName().startsWith("web-"));
        cluster.ready(first, Instant.now());
        TestCluster.await("one is ready", () -> Integer.valueOf(1).equals(status().getAvailableReplicas()));
        assertEquals(3, status().getFullyLabeledReplicas());
        assertEquals(1, status().getReadyReplicas());
        assertEquals(1L, status().getObservedGeneration());

        cluster.client().resource(first).delete();
        awaitPods(3);
        TestCluster.await(
                "the one that is deleted is on its way",
                () -> Integer.valueOf(1).equals(status().getTerminatingReplicas())
                        && Integer.valueOf(3).equals(status().getReplicas()));
        cluster.ended(cluster.pods(namespace).getFirst(), "Failed");
        TestCluster.await(
                "one that failed is replaced", () -> cluster.pods(namespace).size() == 4);

        scale(0);
        awaitPods(1);
        TestCluster.await(
                "nothing is counted any more",
                () -> Integer.valueOf(0).equals(status().getReplicas())
                        && Long.valueOf(2).equals(status().getObservedGeneration())
                        && Integer.valueOf(4).equals(status().getTerminatingReplicas()));
        TestCluster.await("nothing is left to do", manager::idle);
        List<Event> events =
                cluster.client().v1().events().inNamespace(namespace).list().getItems();
        assertTrue(events.stream()
                .anyMatch(event -> event.getReason().equals("SuccessfulCreate")
                        && event.getMessage().startsWith("Created pod: web-")
                        && event.getSource().getComponent().equals("replicaset-controller")));
        TestCluster.await(
                "an event tells of a deletion",
                () -> cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                        .anyMatch(event -> event.getReason().equals("SuccessfulDelete")
                                && event.getMessage().startsWith("Deleted pod: web-")));
    }

    @Test
    void theCheapestPodGoesFirst() throws InterruptedException {
        cluster.run(ReplicaSetController.descriptor());
        create(4, "");
        awaitPods(4);
        Pod cheap = cluster.pods(namespace).get(2);
        cluster.client()
                .resource(cheap)
                .edit(pod -> new PodBuilder(pod)
                        .editMetadata()
                        .addToAnnotations(DeletionOrder.DELETION_COST, "-5")
                        .endMetadata()
                        .build());
        scale(3);
        TestCluster.await(
                "the cheap one goes",
                () -> pod(cheap.getMetadata().getName()).getMetadata().getDeletionTimestamp() != null);
        awaitPods(3);
    }

    @Test
    void podsThatFitAreAdoptedAndThoseThatDoNotAnyMoreAreReleased() throws InterruptedException {
        cluster.run(ReplicaSetController.descriptor());
        pod("orphan", "app: web");
        pod("stranger", "app: other");
        ReplicaSet set = create(2, "");
        TestCluster.await("the orphan is adopted", () -> {
            Pod orphan = pod("orphan");
            return orphan != null && Owners.isControlledBy(orphan, set);
        });
        awaitPods(3);
        assertNull(Owners.controllerOf(pod("stranger")));
        TestCluster.await("one lacks a label", () -> Integer.valueOf(1).equals(status().getFullyLabeledReplicas()));
        cluster.client()
                .resource(pod("orphan"))
                .edit(pod -> new PodBuilder(pod)
                        .editMetadata()
                        .addToLabels("app", "gone")
                        .endMetadata()
                        .build());
        TestCluster.await("it is released", () -> {
            Pod orphan = pod("orphan");
            return orphan != null && Owners.controllerOf(orphan) == null;
        });
        awaitPods(4);
        cluster.client()
                .resource(pod("stranger"))
                .edit(pod -> new PodBuilder(pod)
                        .editMetadata()
                        .addToLabels("app", "web")
                        .endMetadata()
                        .build());
        TestCluster.await("who comes to fit is adopted, and one of three goes", () -> {
            // read once: the stranger may be the one that goes, between two reads too
            Pod stranger = pod("stranger");
            return cluster.pods(namespace).stream()
                                    .filter(pod -> Owners.isControlledBy(pod, set))
                                    .count()
                            == 2
                    && (stranger == null || Owners.isControlledBy(stranger, set));
        });
    }

    @Test
    void whatTheApiRefusesIsSaidInTheStatus() throws InterruptedException {
        cluster.run(ReplicaSetController.descriptor());
        cluster.create(namespace, """
                apiVersion: v1
                kind: LimitRange
                metadata:
                  name: small
                spec:
                  limits:
                  - type: Container
                    min: {cpu: "1"}
                    max: {cpu: "1"}
                    default: {cpu: "1"}
                    defaultRequest: {cpu: "1"}
                """);
        cluster.create(namespace, """
                apiVersion: apps/v1
                kind: ReplicaSet
                metadata:
                  name: web
                spec:
                  replicas: 20
                  selector:
                    matchLabels: {app: web}
                  template:
                    metadata:
                      labels: {app: web}
                    spec:
                      containers:
                      - name: main
                        image: none
                        resources:
                          requests: {cpu: "3"}
                          limits: {cpu: "3"}
                """);
        TestCluster.await("the failure is said", () -> !status().getConditions().isEmpty());
        assertEquals("ReplicaFailure", status().getConditions().getFirst().getType());
        assertEquals("FailedCreate", status().getConditions().getFirst().getReason());
        String message = status().getConditions().getFirst().getMessage();
        assertTrue(message.startsWith("pods \"web-") && message.contains("maximum cpu usage"), message);
        TestCluster.await(
                "an event tells of it in the API's words",
                () -> cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                        .anyMatch(event -> event.getReason().equals("FailedCreate")
                                && event.getMessage().startsWith("Error creating: pods \"web-")));
        cluster.client().limitRanges().inNamespace(namespace).withName("small").delete();
        awaitPods(20);
        TestCluster.await("it is taken back", () -> status().getConditions().isEmpty());
    }

    @Test
    void aPodBecomesAvailableWhenItHasBeenReadyForLongEnough() throws InterruptedException {
        ManualTime time = new ManualTime(Instant.now().truncatedTo(ChronoUnit.SECONDS));
        Manager manager = cluster.run(time, ReplicaSetController.descriptor());
        create(1, "  minReadySeconds: 60");
        awaitPods(1);
        cluster.ready(cluster.pods(namespace).getFirst(), time.instant());
        TestCluster.await("it is ready", () -> Integer.valueOf(1).equals(status().getReadyReplicas()));
        TestCluster.await("nothing is left to do", manager::idle);
        assertEquals(0, status().getAvailableReplicas() == null ? 0 : status().getAvailableReplicas());
        time.advance(Duration.ofSeconds(60));
        TestCluster.await("it is available", () -> Integer.valueOf(1).equals(status().getAvailableReplicas()));
    }

    @Test
    void anObjectThatIsNotTheLatestIsNotWrittenOverIt() {
        ReplicaSet stale = create(1, "");
        scale(2);
        assertEquals(
                409,
                assertThrows(
                                KubernetesClientException.class,
                                () -> cluster.client().resource(stale).updateStatus())
                        .getCode());
        assertEquals(
                409,
                assertThrows(
                                KubernetesClientException.class,
                                () -> cluster.client().resource(stale).update())
                        .getCode());
    }

    @Test
    void replicationControllersAreLookedAfterAlike() throws InterruptedException {
        cluster.run(ReplicationControllerController.descriptor(), ReplicaSetController.descriptor());
        cluster.create(namespace, """
                apiVersion: v1
                kind: ReplicationController
                metadata:
                  name: old
                spec:
                  replicas: 2
                  selector: {app: old}
                  template:
                    metadata:
                      labels: {app: old}
                    spec:
                      containers:
                      - name: main
                        image: none
                """);
        awaitPods(2);
        cluster.pods(namespace).forEach(pod -> cluster.ready(pod, Instant.now()));
        TestCluster.await("both are available", () -> {
            ReplicationControllerStatus status = cluster.client()
                    .replicationControllers()
                    .inNamespace(namespace)
                    .withName("old")
                    .get()
                    .getStatus();
            return Integer.valueOf(2).equals(status.getAvailableReplicas())
                    && Integer.valueOf(2).equals(status.getReplicas())
                    && Long.valueOf(1).equals(status.getObservedGeneration());
        });
        TestCluster.await(
                "events are told by its own name",
                () -> cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                        .anyMatch(event -> event.getSource().getComponent().equals("replication-controller")));
    }
}
