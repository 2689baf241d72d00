package io.keelson.controllers.resourceclaim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodResourceClaimStatus;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.UnreliableClient;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A controller that crashes between its writes makes one claim for each entry, and none is left. */
class ResourceClaimCrashTest {
    private static final int PODS = 4;

    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();

    @AfterEach
    void close() {
        cluster.close();
    }

    private List<ResourceClaim> claims() {
        return cluster.client()
                .resources(ResourceClaim.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private void createPods() {
        cluster.create(namespace, """
                apiVersion: resource.k8s.io/v1
                kind: ResourceClaimTemplate
                metadata: {name: t}
                spec:
                  spec: {devices: {requests: [{name: r, exactly: {deviceClassName: gpu.example.com}}]}}
                """);
        for (int i = 0; i < PODS; i++) {
            cluster.create(namespace, """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: p%d}
                    spec:
                      containers: [{name: c, image: busybox}]
                      resourceClaims:
                      - {name: one, resourceClaimTemplateName: t}
                      - {name: two, resourceClaimTemplateName: t}
                    """.formatted(i));
        }
    }

    private static boolean isComplete(Pod pod) {
        List<PodResourceClaimStatus> statuses = pod.getStatus().getResourceClaimStatuses();
        return statuses != null && statuses.size() == 2;
    }

    @Test
    void whateverFailsEachEntryHasOneClaimAndItGoesWithThePodsWork() throws InterruptedException {
        AtomicInteger failed = new AtomicInteger();
        KubernetesClient reliable = cluster.client();
        try (Time time = Time.system();
                KubernetesClient unreliable = UnreliableClient.of(cluster, 7, 0.3, failed);
                EventRecorder events = new EventRecorder(reliable, time);
                Manager manager = new Manager(
                        List.of(ResourceClaimController.descriptor()),
                        new Context(unreliable, events, time),
                        new Caches(reliable, change -> {
                            change.run();
                            change.run();
                        }),
                        new ControllerMetrics())) {
            manager.start();
            createPods();
            TestCluster.await(
                    "all pods know their claims",
                    () -> cluster.pods(namespace).stream().allMatch(ResourceClaimCrashTest::isComplete));
            assertEquals(2 * PODS, claims().size());
            cluster.pods(namespace).forEach(pod -> cluster.ended(pod, "Succeeded"));
            TestCluster.await("no claim is left", () -> claims().isEmpty());
            assertTrue(failed.get() > 0);
        }
    }
}
