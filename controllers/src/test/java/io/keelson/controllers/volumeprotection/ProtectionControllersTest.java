package io.keelson.controllers.volumeprotection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.TestCluster;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProtectionControllersTest {
    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();

    @AfterEach
    void close() {
        cluster.close();
    }

    private Resource<PersistentVolumeClaim> claim(String name) {
        return cluster.client().persistentVolumeClaims().inNamespace(namespace).withName(name);
    }

    private void createClaim(String name) {
        cluster.create(namespace, """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: %s}
                spec:
                  accessModes: [ReadWriteOnce]
                  resources: {requests: {storage: 1Gi}}
                  storageClassName: ""
                """.formatted(name));
    }

    private void createPod(String name, String claim, String node) {
        cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  %s
                  terminationGracePeriodSeconds: 0
                  containers: [{name: c, image: busybox}]
                  volumes: [{name: v, persistentVolumeClaim: {claimName: %s}}]
                """.formatted(name, node.isEmpty() ? "" : "nodeName: " + node, claim));
    }

    @Test
    void aClaimStaysWhileAPodOnANodeUsesIt() throws InterruptedException {
        Manager manager = cluster.run(ClaimProtectionController.descriptor());
        createClaim("used");
        createClaim("unused");
        TestCluster.await(
                "both are protected",
                () -> claim("used").get().hasFinalizer(ClaimProtectionController.FINALIZER)
                        && claim("unused").get().hasFinalizer(ClaimProtectionController.FINALIZER));
        createPod("user", "used", "some-node");
        createPod("waiting", "unused", "");
        claim("used").delete();
        claim("unused").delete();
        TestCluster.await("what is not used is gone", () -> claim("unused").get() == null);
        TestCluster.await("nothing is left to do", manager::idle);
        assertNotNull(claim("used").get());
        cluster.client().pods().inNamespace(namespace).withName("user").delete();
        TestCluster.await("what was used is gone", () -> claim("used").get() == null);
    }

    @Test
    void aClaimWithoutTheFinalizerGetsIt() throws InterruptedException {
        createClaim("bare");
        claim("bare").edit(now -> {
            now.getMetadata().setFinalizers(List.of());
            return now;
        });
        cluster.run(ClaimProtectionController.descriptor());
        TestCluster.await("it is protected", () -> claim("bare").get().hasFinalizer("kubernetes.io/pvc-protection"));
    }

    private static PersistentVolume volume(String phase, boolean going, String... finalizers) {
        return new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName("v")
                .withDeletionTimestamp(going ? "2026-01-01T00:00:00Z" : null)
                .withFinalizers(finalizers)
                .endMetadata()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
    }

    @Test
    void aVolumeIsHeldUnlessItGoesAndIsNotBound() {
        String held = VolumeProtectionController.FINALIZER;
        assertNull(VolumeProtectionController.wanted(volume("Available", false, held)));
        assertNull(VolumeProtectionController.wanted(volume("Bound", true, held)));
        assertNull(VolumeProtectionController.wanted(volume("Released", true, "other")));
        PersistentVolume let = VolumeProtectionController.wanted(volume("Released", true, held, "other"));
        assertNotNull(let);
        assertEquals(List.of("other"), let.getMetadata().getFinalizers());
        PersistentVolume kept = VolumeProtectionController.wanted(volume("Pending", false, "other"));
        assertNotNull(kept);
        assertEquals(List.of("other", held), kept.getMetadata().getFinalizers());
    }

    @Test
    void aVolumeThatIsNotBoundIsLetGo() throws InterruptedException {
        cluster.run(VolumeProtectionController.descriptor());
        cluster.create(namespace, """
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: %1$s-v}
                spec:
                  accessModes: [ReadWriteOnce]
                  capacity: {storage: 1Gi}
                  hostPath: {path: /data}
                """.formatted(namespace));
        Resource<PersistentVolume> volume = cluster.client().persistentVolumes().withName(namespace + "-v");
        TestCluster.await("it is protected", () -> volume.get().hasFinalizer(VolumeProtectionController.FINALIZER));
        volume.delete();
        TestCluster.await("it is gone", () -> volume.get() == null);
    }
}
