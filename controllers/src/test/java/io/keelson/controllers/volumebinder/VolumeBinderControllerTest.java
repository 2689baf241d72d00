package io.keelson.controllers.volumebinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.TestCluster;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VolumeBinderControllerTest {
    /** So many that it would take long if each chose the same volume first and failed to write it. */
    private static final int MANY = 60;

    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();

    @AfterEach
    void close() {
        cluster.close();
    }

    private void volume(String name, String size, String storageClass) {
        cluster.create(namespace, """
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: %1$s-%2$s}
                spec:
                  accessModes: [ReadWriteOnce]
                  capacity: {storage: %3$s}
                  storageClassName: "%4$s"
                  hostPath: {path: /data/%2$s}
                """.formatted(namespace, name, size, storageClass));
    }

    private void claim(String name, String storageClass) {
        cluster.create(namespace, """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: %s}
                spec:
                  accessModes: [ReadWriteOnce]
                  resources: {requests: {storage: 1Gi}}
                  storageClassName: "%s"
                """.formatted(name, storageClass));
    }

    private Resource<PersistentVolumeClaim> theClaim(String name) {
        return cluster.client().persistentVolumeClaims().inNamespace(namespace).withName(name);
    }

    private Resource<PersistentVolume> theVolume(String name) {
        return cluster.client().persistentVolumes().withName(namespace + '-' + name);
    }

    private void awaitPhase(String claim, String phase) throws InterruptedException {
        TestCluster.await(
                claim + " is " + phase,
                () -> phase.equals(theClaim(claim).get().getStatus().getPhase()));
    }

    private void awaitVolumePhase(String volume, String phase) throws InterruptedException {
        TestCluster.await(
                volume + " is " + phase,
                () -> phase.equals(theVolume(volume).get().getStatus().getPhase()));
    }

    @Test
    void aClaimGetsTheSmallestVolumeThatFitsAndGivesItBack() throws InterruptedException {
        Figures figures = new Figures();
        cluster.run(Time.system(), figures.metrics(), VolumeBinderController.descriptor());
        volume("large", "5Gi", namespace);
        volume("fitting", "2Gi", namespace);
        volume("small", "1Mi", namespace);
        awaitVolumePhase("large", "Available");
        awaitVolumePhase("fitting", "Available");
        claim("c", namespace);
        awaitPhase("c", "Bound");
        PersistentVolumeClaim claim = theClaim("c").get();
        assertEquals(namespace + "-fitting", claim.getSpec().getVolumeName());
        assertEquals(new Quantity("2Gi"), claim.getStatus().getCapacity().get("storage"));
        PersistentVolume volume = theVolume("fitting").get();
        assertEquals(
                claim.getMetadata().getUid(), volume.getSpec().getClaimRef().getUid());
        assertNotNull(volume.getStatus().getLastPhaseTransitionTime());
        String ofClass = "storage_class=\"" + namespace + "\"";
        figures.await(1, "pv_collector_bound_pv_count{" + ofClass + "}");
        assertEquals(2, figures.of("pv_collector_unbound_pv_count{" + ofClass + "}"));
        figures.await(
                1,
                "pv_collector_bound_pvc_count{namespace=\"" + namespace + "\"," + ofClass
                        + ",volume_attributes_class=\"\"}");
        figures.await(
                3, "pv_collector_total_pv_count{plugin_name=\"kubernetes.io/host-path\",volume_mode=\"Filesystem\"}");
        theClaim("c").edit(now -> {
            now.getMetadata().setFinalizers(List.of());
            return now;
        });
        theClaim("c").delete();
        awaitVolumePhase("fitting", "Released");
        assertEquals("Available", theVolume("large").get().getStatus().getPhase());
    }

    @Test
    void aVolumeThatComesLaterIsForTheClaimThatWaits() throws InterruptedException {
        cluster.run(VolumeBinderController.descriptor());
        claim("waits", namespace);
        TestCluster.await(
                "it is told that its class is not there",
                () -> cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                        .anyMatch(event -> event.getMessage()
                                .equals("storageclass.storage.k8s.io \"" + namespace + "\" not found")));
        volume("late", "1Gi", namespace);
        awaitPhase("waits", "Bound");
    }

    @Test
    void aClaimOfAClassThatComesLaterAsksItsProvisioner() throws InterruptedException {
        cluster.run(VolumeBinderController.descriptor());
        claim("c", namespace);
        cluster.create(namespace, """
                apiVersion: storage.k8s.io/v1
                kind: StorageClass
                metadata: {name: %s}
                provisioner: csi.example.com
                """.formatted(namespace));
        TestCluster.await("the provisioner is asked", () -> {
            var annotations = theClaim("c").get().getMetadata().getAnnotations();
            return annotations != null
                    && "csi.example.com".equals(annotations.get("volume.kubernetes.io/storage-provisioner"));
        });
    }

    @Test
    void aBoundClaimWhoseVolumeIsDeletedIsLost() throws InterruptedException {
        cluster.run(VolumeBinderController.descriptor());
        volume("v", "1Gi", namespace);
        claim("c", namespace);
        awaitPhase("c", "Bound");
        theVolume("v").edit(now -> {
            now.getMetadata().setFinalizers(List.of());
            return now;
        });
        theVolume("v").delete();
        awaitPhase("c", "Lost");
    }

    @Test
    void manyClaimsAndAsManyVolumesFindEachOther() throws InterruptedException {
        cluster.run(VolumeBinderController.descriptor());
        for (int i = 0; i < MANY; i++) {
            claim("c" + i, namespace);
            volume("v" + i, "1Gi", namespace);
        }
        TestCluster.await(
                "all are bound",
                () -> cluster.client().persistentVolumeClaims().inNamespace(namespace).list().getItems().stream()
                                .filter(claim ->
                                        "Bound".equals(claim.getStatus().getPhase()))
                                .map(claim -> claim.getSpec().getVolumeName())
                                .distinct()
                                .count()
                        == MANY);
    }
}
