package io.keelson.controllers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.keelson.controllers.deployment.DeploymentController;
import io.keelson.controllers.endpointslice.EndpointSliceController;
import io.keelson.controllers.job.JobController;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.replicaset.ReplicaSetController;
import io.keelson.controllers.statefulset.StatefulSetController;
import io.keelson.controllers.testing.Crashes;
import io.keelson.controllers.testing.TestCluster;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Controllers whose process dies before or after one of its first writes, again and again, and that are told of changes late
 * and twice, come to the same end as one that lives.
 */
class CrashTest {
    private static final int WRITES_PER_LIFE = 3;

    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();

    @AfterEach
    void close() {
        cluster.close();
    }

    /** The nodes' part: pods run, or have ended. */
    private void play(String phase) {
        for (Pod pod : cluster.pods(namespace)) {
            if (phase.equals("Running") && !Pods.isReady(pod)) {
                cluster.ready(pod, Instant.now());
            } else if (!phase.equals("Running") && !Pods.isTerminal(pod)) {
                cluster.ended(pod, phase);
            }
        }
    }

    private Deployment deployment() {
        return cluster.client()
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName("web")
                .get();
    }

    private boolean rolledOut(String image, int replicas) {
        play("Running");
        Deployment deployment = deployment();
        DeploymentStatus status = deployment.getStatus();
        List<Pod> pods = cluster.pods(namespace);
        return status != null
                && deployment.getMetadata().getGeneration().equals(status.getObservedGeneration())
                && OrEmpty.of(status.getUpdatedReplicas()) == replicas
                && OrEmpty.of(status.getAvailableReplicas()) == replicas
                && OrEmpty.of(status.getReplicas()) == replicas
                && pods.size() == replicas
                && pods.stream()
                        .allMatch(pod -> pod.getSpec()
                                .getContainers()
                                .getFirst()
                                .getImage()
                                .equals(image));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void aDeploymentRollsOutHoweverOftenItsControllersDie(long seed) throws InterruptedException {
        cluster.create(namespace, """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: web}
                spec:
                  replicas: 3
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec: {containers: [{name: c, image: "web:1"}]}
                """);
        Crashes crashes =
                new Crashes(cluster, seed, DeploymentController.descriptor(), ReplicaSetController.descriptor());
        int deaths = crashes.until("three pods of the first image", WRITES_PER_LIFE, () -> rolledOut("web:1", 3));
        cluster.client()
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName("web")
                .edit(found -> new DeploymentBuilder(found)
                        .editSpec()
                        .editTemplate()
                        .editSpec()
                        .editFirstContainer()
                        .withImage("web:2")
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build());
        deaths += crashes.until("three pods of the second image", WRITES_PER_LIFE, () -> rolledOut("web:2", 3));
        assertTrue(deaths >= 4, "only " + deaths + " lives ended by dying");
        List<ReplicaSet> replicaSets = cluster.client()
                .apps()
                .replicaSets()
                .inNamespace(namespace)
                .list()
                .getItems();
        assertEquals(2, replicaSets.size(), "one ReplicaSet for each template");
        assertEquals("2", deployment().getMetadata().getAnnotations().get("deployment.kubernetes.io/revision"));
    }

    @Test
    void aStatefulSetHasEachPodAndClaimOnce() throws InterruptedException {
        cluster.create(namespace, """
                apiVersion: apps/v1
                kind: StatefulSet
                metadata: {name: db}
                spec:
                  replicas: 3
                  serviceName: db
                  selector: {matchLabels: {app: db}}
                  template:
                    metadata: {labels: {app: db}}
                    spec: {containers: [{name: c, image: "db:1"}]}
                  volumeClaimTemplates:
                  - metadata: {name: data}
                    spec:
                      accessModes: [ReadWriteOnce]
                      resources: {requests: {storage: 1Gi}}
                """);
        int deaths = new Crashes(cluster, 3, StatefulSetController.descriptor())
                .until("three pods, ready", WRITES_PER_LIFE, () -> {
                    play("Running");
                    StatefulSet set = cluster.client()
                            .apps()
                            .statefulSets()
                            .inNamespace(namespace)
                            .withName("db")
                            .get();
                    StatefulSetStatus status = set.getStatus();
                    return status != null
                            && OrEmpty.of(status.getReadyReplicas()) == 3
                            && OrEmpty.of(status.getUpdatedReplicas()) == 3;
                });
        assertTrue(deaths >= 2, "only " + deaths + " lives ended by dying");
        assertEquals(Set.of("db-0", "db-1", "db-2"), names(cluster.pods(namespace)));
        assertEquals(
                Set.of("data-db-0", "data-db-1", "data-db-2"),
                names(cluster.client()
                        .persistentVolumeClaims()
                        .inNamespace(namespace)
                        .list()
                        .getItems()));
    }

    private static Set<String> names(List<? extends HasMetadata> objects) {
        Set<String> names = new TreeSet<>();
        objects.forEach(object -> names.add(object.getMetadata().getName()));
        return names;
    }

    @Test
    void aJobCountsEachPodOnce() throws InterruptedException {
        cluster.create(namespace, """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: sums}
                spec:
                  completions: 5
                  parallelism: 2
                  completionMode: Indexed
                  template:
                    spec:
                      restartPolicy: Never
                      containers: [{name: c, image: "sums:1"}]
                """);
        int deaths = new Crashes(cluster, 4, JobController.descriptor())
                .until("the job is complete", WRITES_PER_LIFE, () -> {
                    play("Succeeded");
                    Job job = job();
                    return job.getStatus() != null
                            && OrEmpty.of(job.getStatus().getConditions()).stream()
                                    .anyMatch(condition -> condition.getType().equals("Complete")
                                            && condition.getStatus().equals("True"));
                });
        assertTrue(deaths >= 2, "only " + deaths + " lives ended by dying");
        assertEquals(5, job().getStatus().getSucceeded());
        assertEquals("0-4", job().getStatus().getCompletedIndexes());
        assertEquals(0, OrEmpty.of(job().getStatus().getFailed()));
    }

    private Job job() {
        return cluster.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName("sums")
                .get();
    }

    @Test
    void aServicesEndpointsAreEachThereOnce() throws InterruptedException {
        cluster.create(namespace, """
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {selector: {app: web}, ports: [{port: 80}]}
                """);
        String node = namespace + "-node";
        cluster.client()
                .resource("apiVersion: v1\nkind: Node\nmetadata: {name: " + node + "}")
                .create();
        for (int i = 0; i < 5; i++) {
            cluster.create(namespace, """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: web-%d, labels: {app: web}}
                    spec: {nodeName: %s, containers: [{name: c, image: "web:1"}]}
                    """.formatted(i, node));
            int number = i;
            cluster.client()
                    .pods()
                    .inNamespace(namespace)
                    .withName("web-" + i)
                    .editStatus(pod -> new PodBuilder(pod)
                            .editStatus()
                            .withPhase("Running")
                            .withPodIP("10.0.0." + (number + 1))
                            .withPodIPs(new PodIP("10.0.0." + (number + 1)))
                            .endStatus()
                            .build());
        }
        new Crashes(cluster, 5, EndpointSliceController.descriptor())
                .until("five endpoints", 1, () -> endpoints().size() == 5);
        assertEquals(Set.of("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"), Set.copyOf(endpoints()));
        assertEquals(5, endpoints().size(), "an endpoint is there twice");
    }

    private List<String> endpoints() {
        return cluster.client().discovery().v1().endpointSlices().inNamespace(namespace).list().getItems().stream()
                .flatMap(slice -> OrEmpty.of(slice.getEndpoints()).stream())
                .flatMap(endpoint -> endpoint.getAddresses().stream())
                .toList();
    }
}
