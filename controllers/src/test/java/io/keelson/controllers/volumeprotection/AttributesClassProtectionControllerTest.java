package io.keelson.controllers.volumeprotection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.storage.VolumeAttributesClass;
import io.fabric8.kubernetes.api.model.storage.VolumeAttributesClassBuilder;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.TestCluster;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AttributesClassProtectionControllerTest {
    private static final String FINALIZER = AttributesClassProtectionController.FINALIZER;

    private final TestCluster cluster = new TestCluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private void make(String name) {
        cluster.client()
                .resource(new VolumeAttributesClassBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withDriverName("disk.example.com")
                        .addToParameters("iops", "5000")
                        .build())
                .create();
    }

    private VolumeAttributesClass found(String name) {
        return cluster.client()
                .resources(VolumeAttributesClass.class)
                .withName(name)
                .get();
    }

    @Test
    void aClassStaysWhileAClaimHasIt() throws Exception {
        String namespace = cluster.namespace();
        Manager manager =
                cluster.run(AttributesClassProtectionController.descriptor(), ClaimProtectionController.descriptor());
        make("gold");
        make("unused");
        TestCluster.await(
                "both are held",
                () -> found("gold").hasFinalizer(FINALIZER) && found("unused").hasFinalizer(FINALIZER));
        cluster.create(namespace, """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: data}
                spec:
                  accessModes: [ReadWriteOnce]
                  volumeAttributesClassName: gold
                  resources: {requests: {storage: 1Gi}}
                """);
        cluster.client()
                .resources(VolumeAttributesClass.class)
                .withName("unused")
                .delete();
        TestCluster.await("what nobody has goes", () -> found("unused") == null);
        cluster.client().resources(VolumeAttributesClass.class).withName("gold").delete();
        TestCluster.await("it was looked at", () -> found("gold").isMarkedForDeletion() && manager.idle());
        assertTrue(found("gold").hasFinalizer(FINALIZER));
        cluster.client()
                .persistentVolumeClaims()
                .inNamespace(namespace)
                .withName("data")
                .delete();
        TestCluster.await("it goes with its last user", () -> found("gold") == null);
    }

    @Test
    void aClaimNeedsWhatItHasHadAndIsToHave() {
        PersistentVolumeClaim claim = new PersistentVolumeClaimBuilder()
                .withNewSpec()
                .withVolumeAttributesClassName("wanted")
                .endSpec()
                .withNewStatus()
                .withCurrentVolumeAttributesClassName("current")
                .withNewModifyVolumeStatus("InProgress", "target")
                .endStatus()
                .build();
        assertEquals(Set.of("wanted", "current", "target"), AttributesClassProtectionController.classes(claim));
        assertEquals(Set.of(), AttributesClassProtectionController.classes(new PersistentVolumeClaim()));
        PersistentVolume volume = new PersistentVolumeBuilder()
                .withNewSpec()
                .withVolumeAttributesClassName("current")
                .endSpec()
                .build();
        assertEquals(Set.of("current"), AttributesClassProtectionController.classes(volume));
        assertEquals(Set.of(), AttributesClassProtectionController.classes(new PersistentVolume()));
    }

    @Test
    void theFinalizerIsPutOnAndTakenOffWhenItIsTime() {
        for (boolean going : new boolean[] {false, true}) {
            for (boolean held : new boolean[] {false, true}) {
                for (boolean used : new boolean[] {false, true}) {
                    VolumeAttributesClass found = new VolumeAttributesClassBuilder()
                            .withNewMetadata()
                            .withDeletionTimestamp(going ? "2026-05-01T12:00:00Z" : null)
                            .withFinalizers(held ? new String[] {FINALIZER, "other"} : new String[] {"other"})
                            .endMetadata()
                            .build();
                    VolumeAttributesClass wanted = AttributesClassProtectionController.wanted(found, used);
                    boolean puts = !going && !held;
                    boolean takes = going && held && !used;
                    if (puts || takes) {
                        assertEquals(puts, Objects.requireNonNull(wanted).hasFinalizer(FINALIZER));
                        assertTrue(wanted.hasFinalizer("other"));
                        assertNotSame(found, wanted);
                    } else {
                        assertNull(wanted);
                    }
                }
            }
        }
    }
}
