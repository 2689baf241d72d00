package io.keelson.controllers.resourceclaim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodResourceClaimStatus;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaimBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.TestCluster;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ResourceClaimControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();

    @AfterEach
    void close() {
        cluster.close();
    }

    private void template() {
        cluster.create(namespace, """
                apiVersion: resource.k8s.io/v1
                kind: ResourceClaimTemplate
                metadata: {name: t}
                spec:
                  metadata: {labels: {a: b}}
                  spec: {devices: {requests: [{name: r, exactly: {deviceClassName: gpu.example.com}}]}}
                """);
    }

    private Pod pod(String name, String node) {
        return (Pod) cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  %s
                  terminationGracePeriodSeconds: 0
                  containers: [{name: c, image: busybox, resources: {claims: [{name: gpu}]}}]
                  resourceClaims: [{name: gpu, resourceClaimTemplateName: t}]
                """.formatted(name, node.isEmpty() ? "" : "nodeName: " + node));
    }

    private List<ResourceClaim> claims() {
        return cluster.client()
                .resources(ResourceClaim.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private Resource<ResourceClaim> claim(String name) {
        return cluster.client()
                .resources(ResourceClaim.class)
                .inNamespace(namespace)
                .withName(name);
    }

    private String claimOf(String pod) throws InterruptedException {
        Resource<Pod> resource = cluster.client().pods().inNamespace(namespace).withName(pod);
        TestCluster.await("the pod knows its claim", () -> {
            List<PodResourceClaimStatus> statuses = resource.get().getStatus().getResourceClaimStatuses();
            return statuses != null && statuses.size() == 1;
        });
        PodResourceClaimStatus status =
                resource.get().getStatus().getResourceClaimStatuses().getFirst();
        assertEquals("gpu", status.getName());
        return status.getResourceClaimName();
    }

    /** Plays the scheduler. */
    private void allocate(String name, Pod... consumers) {
        claim(name)
                .edit(now -> new ResourceClaimBuilder(now)
                        .editMetadata()
                        .addToFinalizers(Reservation.FINALIZER)
                        .endMetadata()
                        .build());
        claim(name).editStatus(now -> {
            ResourceClaimBuilder allocated = new ResourceClaimBuilder(now)
                    .editOrNewStatus()
                    .withNewAllocation()
                    .withNewDevices()
                    .addNewResult()
                    .withRequest("r")
                    .withDriver("gpu.example.com")
                    .withPool("pool")
                    .withDevice("one")
                    .endResult()
                    .endDevices()
                    .endAllocation()
                    .endStatus();
            for (Pod consumer : consumers) {
                allocated
                        .editStatus()
                        .addNewReservedFor()
                        .withResource("pods")
                        .withName(consumer.getMetadata().getName())
                        .withUid(consumer.getMetadata().getUid())
                        .endReservedFor()
                        .endStatus();
            }
            return allocated.build();
        });
    }

    @Test
    void aPodGetsTheClaimOfItsTemplateAndGivesItBack() throws InterruptedException {
        template();
        Manager manager = cluster.run(ResourceClaimController.descriptor());
        Pod pod = pod("p", "");
        String name = claimOf("p");
        ResourceClaim claim = claim(name).get();
        assertEquals(
                pod.getMetadata().getUid(),
                claim.getMetadata().getOwnerReferences().getFirst().getUid());
        assertEquals("gpu", claim.getMetadata().getAnnotations().get("resource.kubernetes.io/pod-claim-name"));
        assertEquals("b", claim.getMetadata().getLabels().get("a"));
        allocate(name, pod);
        TestCluster.await("nothing is left to do", manager::idle);
        assertTrue(Reservation.isAllocated(claim(name).get()));
        assertEquals(1, claims().size());
        cluster.ended(pod, "Succeeded");
        TestCluster.await("the claim is gone with its use", () -> claims().isEmpty());
    }

    @Test
    void aSharedClaimIsFreeWhenItsLastPodIsGone() throws InterruptedException {
        cluster.create(namespace, """
                apiVersion: resource.k8s.io/v1
                kind: ResourceClaim
                metadata: {name: shared}
                spec: {devices: {requests: [{name: r, exactly: {deviceClassName: gpu.example.com}}]}}
                """);
        Pod pod = (Pod) cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: p}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers: [{name: c, image: busybox}]
                  resourceClaims: [{name: gpu, resourceClaimName: shared}]
                """);
        Pod gone = new PodBuilder(pod)
                .editMetadata()
                .withName("gone")
                .withUid("00000000-0000-0000-0000-000000000001")
                .endMetadata()
                .build();
        cluster.run(ResourceClaimController.descriptor());
        allocate("shared", pod, gone);
        TestCluster.await(
                "who is not there has it no more",
                () -> Reservation.of(claim("shared").get()).size() == 1);
        assertTrue(Reservation.isAllocated(claim("shared").get()));
        cluster.client().resource(pod).delete();
        TestCluster.await(
                "it is free", () -> !Reservation.isAllocated(claim("shared").get()));
        TestCluster.await("nothing holds it", () -> !claim("shared").get().hasFinalizer(Reservation.FINALIZER));
    }

    @Test
    void aPodThatIsOnANodeAlreadyGetsItsReservation() throws InterruptedException {
        template();
        cluster.run(ResourceClaimController.descriptor());
        Pod pod = pod("p", "some-node");
        String name = claimOf("p");
        allocate(name);
        TestCluster.await(
                "it is reserved", () -> Reservation.of(claim(name).get()).size() == 1);
        assertEquals(
                pod.getMetadata().getUid(),
                Reservation.of(claim(name).get()).getFirst().getUid());
    }

    @Test
    void aTemplateThatIsNotThereIsToldAndUsedWhenItComes() throws InterruptedException {
        cluster.run(ResourceClaimController.descriptor());
        pod("p", "");
        TestCluster.await(
                "it is told",
                () -> cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                        .anyMatch(event -> event.getReason().equals("FailedResourceClaimCreation")
                                && event.getMessage()
                                        .equals("PodResourceClaim gpu: resource claim template \"t\":"
                                                + " resourceclaimtemplate.resource.k8s.io \"t\" not found")));
        template();
        assertFalse(claimOf("p").isEmpty());
    }
}
