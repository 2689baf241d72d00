package io.keelson.controllers.localpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.keelson.controllers.objects.NodeChoice;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProvisioningTest {
    private static final Node NODE = new NodeBuilder()
            .withNewMetadata()
            .withName("n")
            .addToLabels("kubernetes.io/hostname", "n-host")
            .endMetadata()
            .build();
    private static final StorageClass CLASS = LocalPathVolume.storageClass();

    private static PersistentVolumeClaimBuilder claim() {
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withNamespace("ns")
                .withName("c")
                .withUid("u")
                .addToAnnotations("volume.kubernetes.io/storage-provisioner", "keelson.io/local-path")
                .addToAnnotations("volume.kubernetes.io/selected-node", "n")
                .endMetadata()
                .withNewSpec()
                .withAccessModes("ReadWriteOnce")
                .withStorageClassName("standard")
                .withNewResources()
                .withRequests(Map.of("storage", new Quantity("1Gi")))
                .endResources()
                .endSpec();
    }

    private static Provisioning.Decision decide(PersistentVolumeClaim claim, @Nullable StorageClass storageClass) {
        return Provisioning.decide(claim, storageClass, name -> name.equals("n") ? NODE : null, "/dir");
    }

    private static String refusal(UnaryOperator<PersistentVolumeClaimBuilder> change) {
        return assertInstanceOf(
                        Provisioning.Refuse.class, decide(change.apply(claim()).build(), CLASS))
                .reason();
    }

    @Test
    void aClaimGetsADirectoryOfItsOwnOnTheSelectedNode() {
        Provisioning.Make make = assertInstanceOf(Provisioning.Make.class, decide(claim().build(), CLASS));
        PersistentVolume volume = make.volume();
        assertEquals("pvc-u", volume.getMetadata().getName());
        assertEquals("/dir/pvc-u_ns_c", volume.getSpec().getHostPath().getPath());
        assertEquals("DirectoryOrCreate", volume.getSpec().getHostPath().getType());
        assertEquals(List.of("keelson.io/local-path"), volume.getMetadata().getFinalizers());
        assertEquals("n", volume.getMetadata().getAnnotations().get("keelson.io/local-path-node"));
        assertEquals("Delete", volume.getSpec().getPersistentVolumeReclaimPolicy());
        assertEquals("u", volume.getSpec().getClaimRef().getUid());
        assertEquals(new Quantity("1Gi"), volume.getSpec().getCapacity().get("storage"));
        assertTrue(LocalPathVolume.isOurs(volume));
        assertTrue(NodeChoice.matches(volume.getSpec().getNodeAffinity().getRequired(), NODE));
        Node other = new NodeBuilder(NODE)
                .editMetadata()
                .addToLabels("kubernetes.io/hostname", "other")
                .endMetadata()
                .build();
        assertFalse(NodeChoice.matches(volume.getSpec().getNodeAffinity().getRequired(), other));
    }

    @Test
    void aNodeWithoutAHostNameIsFoundByItsName() {
        Node bare =
                new NodeBuilder().withNewMetadata().withName("n").endMetadata().build();
        PersistentVolume volume = LocalPathVolume.of(claim().build(), CLASS, bare, "/dir");
        assertTrue(NodeChoice.matches(volume.getSpec().getNodeAffinity().getRequired(), bare));
    }

    @Test
    void aClaimThatAsksSomebodyElseOrHasAVolumeOrGoesOrWaitsGetsNothing() {
        List<UnaryOperator<PersistentVolumeClaimBuilder>> changes = List.of(
                claim -> claim.editMetadata()
                        .addToAnnotations("volume.kubernetes.io/storage-provisioner", "csi.example.com")
                        .endMetadata(),
                claim -> claim.editSpec().withVolumeName("v").endSpec(),
                claim -> claim.editMetadata()
                        .withDeletionTimestamp("2026-01-01T00:00:00Z")
                        .endMetadata(),
                claim -> claim.editMetadata()
                        .removeFromAnnotations("volume.kubernetes.io/selected-node")
                        .endMetadata());
        for (UnaryOperator<PersistentVolumeClaimBuilder> change : changes) {
            assertEquals(
                    new Provisioning.Nothing(), decide(change.apply(claim()).build(), CLASS));
        }
        StorageClass other = new StorageClassBuilder(CLASS)
                .withProvisioner("csi.example.com")
                .build();
        assertEquals(new Provisioning.Nothing(), decide(claim().build(), other));
    }

    @Test
    void whatADirectoryCannotDoIsRefused() {
        assertTrue(refusal(claim ->
                        claim.editSpec().withAccessModes("ReadWriteMany").endSpec())
                .contains("ReadWriteMany is not supported"));
        assertTrue(refusal(claim -> claim.editSpec().withVolumeMode("Block").endSpec())
                .contains("volume mode Block"));
        assertTrue(refusal(claim ->
                        claim.editSpec().withNewSelector().endSelector().endSpec())
                .contains("Selector"));
        assertTrue(refusal(claim -> claim.editSpec()
                        .withNewDataSource(null, "PersistentVolumeClaim", "d")
                        .endSpec())
                .contains("data source"));
        assertTrue(refusal(claim ->
                        claim.editSpec().withVolumeAttributesClassName("gold").endSpec())
                .contains("attributes"));
        assertTrue(refusal(claim -> claim.editSpec()
                        .editResources()
                        .withRequests(Map.of())
                        .endResources()
                        .endSpec())
                .contains("no storage"));
    }

    @Test
    void aClassThatAsksForMoreThanADirectoryIsRefused() {
        assertInstanceOf(
                Provisioning.Refuse.class,
                decide(
                        claim().build(),
                        new StorageClassBuilder(CLASS).addToParameters("a", "b").build()));
        assertInstanceOf(
                Provisioning.Refuse.class,
                decide(
                        claim().build(),
                        new StorageClassBuilder(CLASS).withMountOptions("ro").build()));
        assertInstanceOf(Provisioning.Refuse.class, decide(claim().build(), null));
        StorageClass immediate = new StorageClassBuilder(CLASS)
                .withVolumeBindingMode("Immediate")
                .build();
        PersistentVolumeClaim nowhere = claim().editMetadata()
                .removeFromAnnotations("volume.kubernetes.io/selected-node")
                .endMetadata()
                .build();
        assertInstanceOf(Provisioning.Refuse.class, decide(nowhere, immediate));
    }

    @Test
    void aNodeThatIsGoneHasToBeChosenAnew() {
        PersistentVolumeClaim claim = claim().editMetadata()
                .addToAnnotations("volume.kubernetes.io/selected-node", "gone")
                .endMetadata()
                .build();
        assertEquals(
                new Provisioning.Reschedule("failed to get target node: nodes \"gone\" not found"),
                decide(claim, CLASS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"relative", "/a/../b", ""})
    void aDirectoryThatMayBeElsewhereIsRefused(String directory) {
        assertThrows(IllegalArgumentException.class, () -> new LocalPathSettings(directory, true));
    }
}
