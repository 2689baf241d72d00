package io.keelson.controllers.localpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.volumebinder.VolumeBinderController;
import io.keelson.controllers.volumeexpand.VolumeExpandController;
import io.keelson.controllers.volumeprotection.ClaimProtectionController;
import io.keelson.controllers.volumeprotection.VolumeProtectionController;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A claim works out of the box, with all the controllers that take part. */
class LocalPathControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();
    private final String node = "node-of-" + namespace;

    private Manager start() throws InterruptedException {
        Manager manager = cluster.run(
                VolumeBinderController.descriptor(),
                ClaimProtectionController.descriptor(),
                VolumeProtectionController.descriptor(),
                VolumeExpandController.descriptor(),
                LocalPathController.descriptor());
        cluster.create(namespace, """
                apiVersion: v1
                kind: Node
                metadata: {name: %1$s, labels: {kubernetes.io/hostname: %1$s}}
                """.formatted(node));
        TestCluster.await("there is a class", () -> standard() != null);
        return manager;
    }

    private @Nullable StorageClass standard() {
        return cluster.client()
                .storage()
                .v1()
                .storageClasses()
                .withName("standard")
                .get();
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private Resource<PersistentVolumeClaim> claim() {
        return cluster.client().persistentVolumeClaims().inNamespace(namespace).withName("c");
    }

    private PersistentVolume boundVolume() throws InterruptedException {
        cluster.create(namespace, """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: c}
                spec:
                  accessModes: [ReadWriteOnce]
                  resources: {requests: {storage: 1Gi}}
                """);
        TestCluster.await(
                "it has the default class",
                () -> "standard".equals(claim().get().getSpec().getStorageClassName()));
        claim().edit(now -> new PersistentVolumeClaimBuilder(now)
                .editMetadata()
                .addToAnnotations("volume.kubernetes.io/selected-node", node)
                .endMetadata()
                .build());
        TestCluster.await(
                "it is bound", () -> "Bound".equals(claim().get().getStatus().getPhase()));
        return cluster.client()
                .persistentVolumes()
                .withName(claim().get().getSpec().getVolumeName())
                .get();
    }

    private Resource<PersistentVolume> again(PersistentVolume volume) {
        return cluster.client()
                .persistentVolumes()
                .withName(volume.getMetadata().getName());
    }

    @Test
    void noClassIsMadeWhereThereIsADefaultOrItIsNotWanted() throws InterruptedException {
        Manager without = cluster.run(LocalPathController.descriptor(new LocalPathSettings("/dir", false)));
        TestCluster.await("nothing is left to do", without::idle);
        assertNull(standard());
        cluster.create(namespace, """
                apiVersion: storage.k8s.io/v1
                kind: StorageClass
                metadata:
                  name: %s
                  annotations: {storageclass.kubernetes.io/is-default-class: "true"}
                provisioner: csi.example.com
                """.formatted(namespace));
        Manager with = cluster.run(LocalPathController.descriptor());
        TestCluster.await("nothing is left to do", with::idle);
        assertNull(standard());
    }

    @Test
    void aClaimGetsADirectoryAndTheNodeRemovesIt() throws InterruptedException {
        Manager manager = start();
        PersistentVolume volume = boundVolume();
        assertTrue(volume.getSpec().getHostPath().getPath().startsWith("/var/lib/keelson/local-path/pvc-"));
        claim().delete();
        TestCluster.await("the volume is to go", () -> again(volume).get().isMarkedForDeletion());
        TestCluster.await(
                "nothing but the directory holds it",
                () -> again(volume).get().getMetadata().getFinalizers().size() == 1);
        TestCluster.await("nothing is left to do", manager::idle);
        assertTrue(again(volume).get().hasFinalizer(LocalPathVolume.FINALIZER));
        again(volume).edit(now -> {
            now.getMetadata().getFinalizers().clear();
            return now;
        });
        TestCluster.await("it is gone", () -> again(volume).get() == null);
    }

    @Test
    void aVolumeOfANodeThatIsGoneGoes() throws InterruptedException {
        start();
        PersistentVolume volume = boundVolume();
        claim().delete();
        TestCluster.await("the volume is to go", () -> again(volume).get().isMarkedForDeletion());
        cluster.client().nodes().withName(node).delete();
        TestCluster.await("it is gone", () -> again(volume).get() == null);
    }

    @Test
    void aClaimThatWantsMoreGetsIt() throws InterruptedException {
        start();
        PersistentVolume volume = boundVolume();
        claim().edit(now -> new PersistentVolumeClaimBuilder(now)
                .editSpec()
                .editResources()
                .withRequests(Map.of("storage", new Quantity("3Gi")))
                .endResources()
                .endSpec()
                .build());
        TestCluster.await(
                "it has more",
                () -> new Quantity("3Gi")
                        .equals(claim().get().getStatus().getCapacity().get("storage")));
        PersistentVolumeClaim claim = claim().get();
        assertEquals(
                new Quantity("3Gi"), again(volume).get().getSpec().getCapacity().get("storage"));
        assertTrue(claim.getStatus().getConditions().isEmpty());
        assertEquals(
                "keelson.io/local-path",
                claim.getMetadata().getAnnotations().get("volume.kubernetes.io/storage-resizer"));
        assertEquals(
                new Quantity("3Gi"), claim.getStatus().getAllocatedResources().get("storage"));
        again(volume).edit(now -> {
            now.getMetadata().getFinalizers().remove(LocalPathVolume.FINALIZER);
            return now;
        });
    }

    @Test
    void aNodeThatIsNotThereIsToBeChosenAnew() throws InterruptedException {
        start();
        cluster.create(namespace, """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata:
                  name: c
                  annotations: {volume.kubernetes.io/selected-node: nowhere}
                spec:
                  accessModes: [ReadWriteOnce]
                  storageClassName: standard
                  resources: {requests: {storage: 1Gi}}
                """);
        TestCluster.await("no node is selected any more", () -> {
            Map<String, String> annotations =
                    OrEmpty.of(claim().get().getMetadata().getAnnotations());
            return annotations.containsKey("volume.kubernetes.io/storage-provisioner")
                    && !annotations.containsKey("volume.kubernetes.io/selected-node");
        });
        assertNull(claim().get().getSpec().getVolumeName());
    }
}
