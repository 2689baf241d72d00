package io.keelson.controllers.localpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.runtime.Caches;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.EventRecorder;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.controllers.testing.UnreliableClient;
import io.keelson.controllers.volumebinder.VolumeBinderController;
import io.keelson.controllers.volumeexpand.VolumeExpandController;
import io.keelson.controllers.volumeprotection.ClaimProtectionController;
import io.keelson.controllers.volumeprotection.VolumeProtectionController;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The life of volumes with controllers that crash between their writes, and hear of each change twice. */
class VolumeCrashTest {
    private static final int CLAIMS = 4;

    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();

    @AfterEach
    void close() {
        cluster.close();
    }

    private List<PersistentVolumeClaim> claims() {
        return cluster.client()
                .persistentVolumeClaims()
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private List<PersistentVolume> volumes() {
        return cluster.client().persistentVolumes().list().getItems().stream()
                .filter(volume -> namespace.equals(volume.getSpec().getStorageClassName()))
                .toList();
    }

    private void createClaims() {
        cluster.create(namespace, """
                apiVersion: v1
                kind: Node
                metadata: {name: %s}
                """.formatted(namespace));
        cluster.create(namespace, """
                apiVersion: storage.k8s.io/v1
                kind: StorageClass
                metadata: {name: %s}
                provisioner: keelson.io/local-path
                allowVolumeExpansion: true
                volumeBindingMode: WaitForFirstConsumer
                """.formatted(namespace));
        for (int i = 0; i < CLAIMS; i++) {
            cluster.create(namespace, """
                    apiVersion: v1
                    kind: PersistentVolumeClaim
                    metadata:
                      name: c%1$d
                      annotations: {volume.kubernetes.io/selected-node: %2$s}
                    spec:
                      accessModes: [ReadWriteOnce]
                      storageClassName: %2$s
                      resources: {requests: {storage: 1Gi}}
                    """.formatted(i, namespace));
        }
    }

    /** Plays the node agent. */
    private void removeDirectories() {
        for (PersistentVolume volume : volumes()) {
            if (volume.isMarkedForDeletion()
                    && volume.getMetadata().getFinalizers().equals(List.of(LocalPathVolume.FINALIZER))) {
                cluster.client().resource(volume).edit(now -> {
                    now.getMetadata().getFinalizers().remove(LocalPathVolume.FINALIZER);
                    return now;
                });
            }
        }
    }

    @Test
    void whateverFailsVolumesAreMadeBoundEnlargedAndDeletedOnce() throws InterruptedException {
        AtomicInteger failed = new AtomicInteger();
        KubernetesClient reliable = cluster.client();
        try (Time time = Time.system();
                KubernetesClient unreliable = UnreliableClient.of(cluster, 42, 0.3, failed);
                EventRecorder events = new EventRecorder(reliable, time);
                Manager manager = new Manager(
                        List.of(
                                VolumeBinderController.descriptor(),
                                ClaimProtectionController.descriptor(),
                                VolumeProtectionController.descriptor(),
                                VolumeExpandController.descriptor(),
                                LocalPathController.descriptor(new LocalPathSettings("/dir", false))),
                        new Context(unreliable, events, time),
                        new Caches(reliable, change -> {
                            change.run();
                            change.run();
                        }),
                        new ControllerMetrics())) {
            manager.start();
            createClaims();
            TestCluster.await(
                    "all are bound",
                    () -> claims().stream()
                            .allMatch(claim -> "Bound".equals(claim.getStatus().getPhase())));
            assertEquals(CLAIMS, volumes().size());
            claims().forEach(claim -> reliable.resource(claim)
                    .edit(now -> new PersistentVolumeClaimBuilder(now)
                            .editSpec()
                            .editResources()
                            .withRequests(Map.of("storage", new Quantity("2Gi")))
                            .endResources()
                            .endSpec()
                            .build()));
            TestCluster.await(
                    "all are larger",
                    () -> claims().stream()
                            .allMatch(claim -> new Quantity("2Gi")
                                    .equals(claim.getStatus().getCapacity().get("storage"))));
            assertTrue(volumes().stream()
                    .allMatch(volume -> new Quantity("2Gi")
                            .equals(volume.getSpec().getCapacity().get("storage"))));
            claims().forEach(claim -> reliable.resource(claim).delete());
            TestCluster.await("nothing is left", () -> {
                removeDirectories();
                return claims().isEmpty() && volumes().isEmpty();
            });
            assertTrue(failed.get() > CLAIMS, () -> "failed: " + failed);
        }
    }
}
