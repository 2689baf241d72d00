package io.keelson.controllers.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.replicaset.ReplicaSetController;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeploymentControllerTest {
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

    private void create(int replicas, String more) {
        cluster.create(namespace, """
                apiVersion: apps/v1
                kind: Deployment
                metadata:
                  name: web
                spec:
                  replicas: %d
                %s
                  selector:
                    matchLabels: {app: web}
                  template:
                    metadata:
                      labels: {app: web}
                    spec:
                      containers:
                      - name: main
                        image: first
                """.formatted(replicas, more));
    }

    private void patch(String json) {
        cluster.client()
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName("web")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), json);
    }

    private void wantImage(String image) {
        patch("{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"" + image
                + "\"}]}}}}");
    }

    private Deployment deployment() {
        return cluster.client()
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName("web")
                .get();
    }

    private List<ReplicaSet> sets() {
        return cluster.client().apps().replicaSets().inNamespace(namespace).list().getItems().stream()
                .sorted(Comparator.comparingLong(
                        set -> Annotations.revision(set).orElse(0)))
                .toList();
    }

    private String reason(String type) {
        DeploymentCondition condition = Conditions.find(deployment().getStatus(), type);
        return condition == null ? "" : condition.getReason();
    }

    /** Plays the node: what runs becomes ready. */
    private void readyAll() {
        for (Pod pod : cluster.pods(namespace)) {
            if (Pods.phase(pod).equals("Pending") || Pods.phase(pod).isEmpty()) {
                cluster.ready(pod, Instant.now());
            }
        }
    }

    /** Waits for what {@code kubectl rollout status} waits for. */
    private void awaitRollout(int replicas) throws InterruptedException {
        TestCluster.await("the rollout ends", () -> {
            readyAll();
            Deployment deployment = deployment();
            DeploymentStatus status = deployment.getStatus();
            return status != null
                    && deployment.getMetadata().getGeneration().equals(status.getObservedGeneration())
                    && OrEmpty.of(status.getUpdatedReplicas()) == replicas
                    && OrEmpty.of(status.getReplicas()) == replicas
                    && OrEmpty.of(status.getAvailableReplicas()) == replicas
                    && reason(Conditions.PROGRESSING).equals("NewReplicaSetAvailable");
        });
    }

    private boolean hasEvent(Predicate<String> message) {
        return cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                .anyMatch(event -> event.getSource().getComponent().equals("deployment-controller")
                        && event.getReason().equals("ScalingReplicaSet")
                        && message.test(event.getMessage()));
    }

    @Test
    void aDeploymentIsRolledOutScaledAndRolledBack() throws InterruptedException {
        Manager manager = cluster.run(DeploymentController.descriptor(), ReplicaSetController.descriptor());
        create(3, "  revisionHistoryLimit: 1");
        awaitRollout(3);
        assertEquals(1, sets().size());
        ReplicaSet first = sets().getFirst();
        assertEquals("1", deployment().getMetadata().getAnnotations().get(Annotations.REVISION));

        wantImage("second");
        awaitRollout(3);
        assertEquals("2", deployment().getMetadata().getAnnotations().get(Annotations.REVISION));
        assertEquals(List.of(0, 3), sets().stream().map(Family::replicas).toList());

        patch("{\"spec\":{\"replicas\":5}}");
        awaitRollout(5);

        wantImage("first");
        awaitRollout(5);
        assertEquals(
                first.getMetadata().getUid(), sets().getLast().getMetadata().getUid());
        assertEquals("3", deployment().getMetadata().getAnnotations().get(Annotations.REVISION));
        assertEquals("1", sets().getLast().getMetadata().getAnnotations().get(Annotations.REVISION_HISTORY));

        wantImage("third");
        awaitRollout(5);
        TestCluster.await("one old ReplicaSet is kept", () -> sets().size() == 2);
        TestCluster.await(
                "events tell of it",
                () -> hasEvent(message -> message.matches("Scaled up replica set web-[a-z0-9]+ from 0 to 3"))
                        && hasEvent(message -> message.matches("Scaled down replica set web-[a-z0-9]+ from 1 to 0")));
        TestCluster.await("nothing is left to do", manager::idle);
        String version = deployment().getMetadata().getResourceVersion();
        patch("{\"metadata\":{\"annotations\":{\"kubernetes.io/change-cause\":\"said later\"}}}");
        TestCluster.await(
                "an annotation is handed on",
                () -> "said later"
                        .equals(sets().getLast().getMetadata().getAnnotations().get("kubernetes.io/change-cause")));
        assertTrue(!version.equals(deployment().getMetadata().getResourceVersion()));
    }

    @Test
    void aRecreatedDeploymentWaitsForTheEndOfItsOldPods() throws InterruptedException {
        cluster.run(DeploymentController.descriptor(), ReplicaSetController.descriptor());
        create(2, """
                  strategy: {type: Recreate}
                """.stripTrailing());
        awaitRollout(2);
        List<Pod> old = cluster.pods(namespace);
        for (Pod pod : old) {
            cluster.client()
                    .pods()
                    .inNamespace(namespace)
                    .withName(pod.getMetadata().getName())
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"metadata\":{\"finalizers\":[\"keelson.test/held\"]}}");
        }
        wantImage("second");
        TestCluster.await(
                "the old pods are on their way out",
                () -> cluster.pods(namespace).isEmpty());
        TestCluster.await(
                "the status says so",
                () -> Integer.valueOf(2).equals(deployment().getStatus().getTerminatingReplicas()));
        assertEquals(1, sets().size());
        for (Pod pod : old) {
            cluster.client()
                    .pods()
                    .inNamespace(namespace)
                    .withName(pod.getMetadata().getName())
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
        }
        awaitRollout(2);
        assertEquals(2, sets().size());
    }

    @Test
    void aReplicaSetThatFitsIsAdopted() throws InterruptedException {
        cluster.run(DeploymentController.descriptor(), ReplicaSetController.descriptor());
        create(2, "");
        awaitRollout(2);
        ReplicaSet set = sets().getFirst();
        cluster.client()
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName("web")
                .withPropagationPolicy(DeletionPropagation.ORPHAN)
                .delete();
        // No garbage collector is here to take the reference away.
        cluster.client()
                .resource(set)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"ownerReferences\":null}}");
        cluster.client()
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName("web")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
        TestCluster.await("it is gone", () -> deployment() == null);
        create(2, "");
        TestCluster.await(
                "the next one takes its ReplicaSet", () -> Owners.isControlledBy(sets().getFirst(), deployment()));
        awaitRollout(2);
        assertEquals(
                List.of(set.getMetadata().getUid()),
                sets().stream().map(each -> each.getMetadata().getUid()).toList());
    }

    @Test
    void aRolloutThatIsStuckIsSaidToBe() throws InterruptedException {
        ManualTime time = new ManualTime(Instant.now().truncatedTo(ChronoUnit.SECONDS));
        Manager manager = cluster.run(time, DeploymentController.descriptor(), ReplicaSetController.descriptor());
        create(1, "  progressDeadlineSeconds: 60");
        TestCluster.await(
                "it has a pod",
                () -> cluster.pods(namespace).size() == 1
                        && reason(Conditions.PROGRESSING).equals("ReplicaSetUpdated")
                        && manager.idle());
        time.advance(Duration.ofSeconds(62));
        TestCluster.await("it is stuck", () -> reason(Conditions.PROGRESSING).equals("ProgressDeadlineExceeded"));
        patch("{\"spec\":{\"paused\":true}}");
        TestCluster.await("a pause is seen", () -> {
            Deployment now = deployment();
            return now.getMetadata().getGeneration().equals(now.getStatus().getObservedGeneration());
        });
        assertEquals("ProgressDeadlineExceeded", reason(Conditions.PROGRESSING));
        patch("{\"spec\":{\"paused\":false}}");
        awaitRollout(1);
    }

    @Test
    void aThousandPodsAreThereInAFewSeconds() throws InterruptedException {
        cluster.run(DeploymentController.descriptor(), ReplicaSetController.descriptor());
        long start = System.nanoTime();
        create(1000, "");
        TestCluster.await("all pods are there", () -> {
            DeploymentStatus status = deployment().getStatus();
            return status != null && Integer.valueOf(1000).equals(status.getReplicas());
        });
        System.out.printf("1,000 pods within %.1f s%n", (System.nanoTime() - start) / 1e9);
        assertEquals(1000, cluster.pods(namespace).size());
    }
}
