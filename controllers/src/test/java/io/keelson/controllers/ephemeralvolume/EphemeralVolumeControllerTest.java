package io.keelson.controllers.ephemeralvolume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.TestCluster;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EphemeralVolumeControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();

    @AfterEach
    void close() {
        cluster.close();
    }

    private Pod pod(String name) {
        return (Pod) cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  containers: [{name: c, image: busybox}]
                  volumes:
                  - name: data
                    ephemeral:
                      volumeClaimTemplate:
                        metadata: {labels: {a: b}, annotations: {c: d}}
                        spec:
                          accessModes: [ReadWriteOnce]
                          storageClassName: ""
                          resources: {requests: {storage: 1Gi}}
                  - {name: plain, emptyDir: {}}
                """.formatted(name));
    }

    private Resource<PersistentVolumeClaim> claim(String name) {
        return cluster.client().persistentVolumeClaims().inNamespace(namespace).withName(name);
    }

    @Test
    void aPodGetsTheClaimsThatItDescribesAndOwnsThem() throws InterruptedException {
        cluster.run(EphemeralVolumeController.descriptor());
        Pod pod = pod("p");
        TestCluster.await("the claim is there", () -> claim("p-data").get() != null);
        PersistentVolumeClaim claim = claim("p-data").get();
        OwnerReference owner = claim.getMetadata().getOwnerReferences().getFirst();
        assertEquals(pod.getMetadata().getUid(), owner.getUid());
        assertEquals("Pod", owner.getKind());
        assertTrue(owner.getController());
        assertTrue(owner.getBlockOwnerDeletion());
        assertEquals("b", claim.getMetadata().getLabels().get("a"));
        assertEquals("d", claim.getMetadata().getAnnotations().get("c"));
        assertEquals(List.of("ReadWriteOnce"), claim.getSpec().getAccessModes());
        assertEquals(
                1,
                cluster.client()
                        .persistentVolumeClaims()
                        .inNamespace(namespace)
                        .list()
                        .getItems()
                        .size());
    }

    @Test
    void aClaimThatIsDeletedIsMadeAgain() throws InterruptedException {
        Figures figures = new Figures();
        cluster.run(Time.system(), figures.metrics(), EphemeralVolumeController.descriptor());
        pod("p");
        TestCluster.await("the claim is there", () -> claim("p-data").get() != null);
        String first = claim("p-data").get().getMetadata().getUid();
        claim("p-data").edit(now -> {
            now.getMetadata().setFinalizers(List.of());
            return now;
        });
        claim("p-data").delete();
        TestCluster.await("another one is there", () -> {
            PersistentVolumeClaim now = claim("p-data").get();
            return now != null && !now.getMetadata().getUid().equals(first);
        });
        assertNotEquals(first, claim("p-data").get().getMetadata().getUid());
        figures.await(2, "ephemeral_volume_controller_create_total");
        assertEquals(0, figures.of("ephemeral_volume_controller_create_failures_total"));
    }

    @Test
    void aClaimOfSomebodyElseIsToldAndLeftAlone() throws InterruptedException {
        cluster.create(namespace, """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: p-data}
                spec:
                  accessModes: [ReadWriteOnce]
                  storageClassName: ""
                  resources: {requests: {storage: 1Gi}}
                """);
        cluster.run(EphemeralVolumeController.descriptor());
        pod("p");
        String message = "ephemeral volume data: PVC %1$s/p-data was not created for pod %1$s/p (pod is not owner)"
                .formatted(namespace);
        TestCluster.await(
                "the conflict is told",
                () -> cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                        .anyMatch(event -> event.getReason().equals("FailedBinding")
                                && event.getType().equals("Warning")
                                && event.getMessage().equals(message)));
        assertTrue(claim("p-data").get().getMetadata().getOwnerReferences().isEmpty());
    }
}
