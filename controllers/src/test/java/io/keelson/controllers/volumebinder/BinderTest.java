package io.keelson.controllers.volumebinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinderTest {
    private static final String RWO = "ReadWriteOnce";
    private static final String BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";
    private static final String COMPLETED = "pv.kubernetes.io/bind-completed";

    private final World world = new World();
    private final Figures figures = new Figures();
    private final ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
    private final VolumeOperations operations = new VolumeOperations(figures.metrics(), time);
    private final Binder binder = new Binder(world, BinderSettings.DEFAULT, world, operations);

    private static PersistentVolumeClaim claim(String name) {
        return Samples.claim("ns", name, "1Gi", RWO);
    }

    private static PersistentVolume volume(String name) {
        return Samples.volume(name, "1Gi", RWO);
    }

    private static PersistentVolumeClaim ofClass(String name, String storageClass) {
        return new PersistentVolumeClaimBuilder(claim(name))
                .editSpec()
                .withStorageClassName(storageClass)
                .endSpec()
                .build();
    }

    private PersistentVolumeClaim theClaim(String name) {
        return Objects.requireNonNull(world.claims.get("ns/" + name));
    }

    private PersistentVolume theVolume(String name) {
        return Objects.requireNonNull(world.volumes.get(name));
    }

    private static PersistentVolume naming(PersistentVolume volume, String claim, String uid) {
        return new PersistentVolumeBuilder(volume)
                .editSpec()
                .withNewClaimRef()
                .withNamespace("ns")
                .withName(claim)
                .withUid(uid)
                .endClaimRef()
                .endSpec()
                .build();
    }

    private static PersistentVolumeClaim bound(PersistentVolumeClaim claim, String volume) {
        return new PersistentVolumeClaimBuilder(claim)
                .editMetadata()
                .addToAnnotations(COMPLETED, "yes")
                .endMetadata()
                .editSpec()
                .withVolumeName(volume)
                .endSpec()
                .editStatus()
                .withPhase("Bound")
                .withAccessModes(RWO)
                .endStatus()
                .build();
    }

    private void reclaimed(String volume, UnaryOperator<PersistentVolumeBuilder> change) {
        world.put(change.apply(new PersistentVolumeBuilder(naming(volume(volume), "gone", "uid-gone")))
                .build());
        world.settle(binder);
    }

    @Test
    void claimAndVolumeNameEachOther() {
        world.put(claim("c"));
        world.put(volume("v"));
        world.settle(binder);
        PersistentVolumeClaim claim = theClaim("c");
        PersistentVolume volume = theVolume("v");
        assertEquals("v", claim.getSpec().getVolumeName());
        assertEquals("Bound", claim.getStatus().getPhase());
        assertEquals(List.of(RWO), claim.getStatus().getAccessModes());
        assertEquals(volume.getSpec().getCapacity(), claim.getStatus().getCapacity());
        assertEquals(
                Map.of(COMPLETED, "yes", BY_CONTROLLER, "yes"),
                claim.getMetadata().getAnnotations());
        assertEquals("uid-c", volume.getSpec().getClaimRef().getUid());
        assertEquals("Bound", volume.getStatus().getPhase());
        assertEquals(Map.of(BY_CONTROLLER, "yes"), volume.getMetadata().getAnnotations());
        assertEquals(4, world.writes);
    }

    @Test
    void aVolumeThatIsTakenForOneClaimIsNotWrittenForAnother() {
        world.put(claim("c"));
        world.put(claim("d"));
        world.put(volume("v"));
        assertTrue(world.sync(binder, "ns/c"));
        assertTrue(world.sync(binder, "ns/d"));
        assertEquals(4, world.writes);
        assertTrue(world.asked.contains("ns/d"));
        world.settle(binder);
        assertEquals("v", theClaim("c").getSpec().getVolumeName());
        assertNull(theClaim("d").getSpec().getVolumeName());
    }

    @Test
    void whatAUserBoundIsNotSaidToBeBoundByTheController() {
        world.put(naming(volume("v"), "c", ""));
        world.put(new PersistentVolumeClaimBuilder(claim("c"))
                .editSpec()
                .withVolumeName("v")
                .endSpec()
                .build());
        world.settle(binder);
        assertEquals("Bound", theClaim("c").getStatus().getPhase());
        assertEquals("uid-c", theVolume("v").getSpec().getClaimRef().getUid());
        assertEquals(Map.of(COMPLETED, "yes"), theClaim("c").getMetadata().getAnnotations());
        assertNull(theVolume("v").getMetadata().getAnnotations().get(BY_CONTROLLER));
    }

    @Test
    void aVolumeThatIsTakenIsWaitedFor() {
        world.put(naming(volume("v"), "other", "uid-other"));
        world.put(bound(claim("other"), "v"));
        world.put(new PersistentVolumeClaimBuilder(claim("c"))
                .editSpec()
                .withVolumeName("v")
                .endSpec()
                .build());
        world.settle(binder);
        assertEquals("Pending", theClaim("c").getStatus().getPhase());
        assertTrue(world.told.contains("c Warning FailedBinding volume \"v\" already bound to a different claim."));
    }

    @Test
    void aVolumeThatDoesNotFitIsNotBoundEvenIfAskedFor() {
        world.put(Samples.volume("v", "1Mi", RWO));
        world.put(new PersistentVolumeClaimBuilder(claim("c"))
                .editSpec()
                .withVolumeName("v")
                .endSpec()
                .build());
        world.settle(binder);
        assertNull(theVolume("v").getSpec().getClaimRef());
        assertTrue(world.told.contains(
                "c Warning VolumeMismatch Cannot bind to requested volume \"v\": requested PV is too small"));
    }

    @Test
    void aBoundClaimWithoutItsVolumeIsLostAndThatIsToldOnce() {
        world.put(bound(claim("c"), "v"));
        world.settle(binder);
        world.settle(binder);
        assertEquals("Lost", theClaim("c").getStatus().getPhase());
        assertTrue(theClaim("c").getStatus().getAccessModes().isEmpty());
        assertEquals(
                List.of("c Warning ClaimLost Bound claim has lost its PersistentVolume. Data on the volume is lost!"),
                world.told);
    }

    @Test
    void aBoundClaimWhoseVolumeIsAnothersIsMisbound() {
        world.put(bound(claim("c"), "v"));
        world.put(bound(claim("other"), "v"));
        world.put(naming(volume("v"), "other", "uid-other"));
        world.settle(binder);
        assertEquals("Lost", theClaim("c").getStatus().getPhase());
        assertEquals("Bound", theClaim("other").getStatus().getPhase());
        assertEquals(
                List.of(
                        "c Warning ClaimMisbound Two claims are bound to the same volume, this one is bound incorrectly"),
                world.told);
    }

    @Test
    void aLostClaimIsBoundAgainWhenItsVolumeComesBack() {
        world.put(bound(claim("c"), "v"));
        world.settle(binder);
        world.put(volume("v"));
        world.settle(binder);
        assertEquals("Bound", theClaim("c").getStatus().getPhase());
        assertEquals("uid-c", theVolume("v").getSpec().getClaimRef().getUid());
    }

    @Test
    void aKeptVolumeIsReleasedWhenItsClaimIsGone() {
        reclaimed("v", volume -> volume);
        assertEquals("Released", theVolume("v").getStatus().getPhase());
        assertTrue(world.told.isEmpty());
    }

    @Test
    void aVolumeIsNotReleasedWhileOnlyTheCacheLacksItsClaim() {
        world.put(naming(volume("v"), "c", "uid-c"));
        world.claims.put("ns/c", bound(claim("c"), "v"));
        assertTrue(world.sync(binder, "v"));
        assertEquals("Bound", theVolume("v").getStatus().getPhase());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Recycle |                   | VolumeFailedRecycle        | No recycler plugin found for the volume!
            Delete  |                   | VolumeFailedDelete         | error getting deleter volume plugin for volume "v": no deletable volume plugin matched
            Delete  | kubernetes.io/other | VolumeFailedDelete         | no volume plugin matched name: kubernetes.io/other
            Other   |                   | VolumeUnknownReclaimPolicy | Volume has an unrecognized reclaim policy
            """)
    void whatCannotBeReclaimedFails(String policy, String provisioner, String reason, String message) {
        reclaimed("v", volume -> {
            if (provisioner != null) {
                volume.editMetadata()
                        .addToAnnotations("pv.kubernetes.io/provisioned-by", provisioner)
                        .endMetadata();
            }
            return volume.editSpec().withPersistentVolumeReclaimPolicy(policy).endSpec();
        });
        assertEquals("Failed", theVolume("v").getStatus().getPhase());
        assertEquals(message, theVolume("v").getStatus().getMessage());
        assertEquals(List.of("v Warning " + reason + ' ' + message), world.told);
    }

    @ParameterizedTest
    @CsvSource({"csi.example.com", "kubernetes.io/aws-ebs"})
    void whatAProvisionerDeletesIsLeftToIt(String provisioner) {
        reclaimed(
                "v",
                volume -> volume.editMetadata()
                        .addToAnnotations("pv.kubernetes.io/provisioned-by", provisioner)
                        .endMetadata()
                        .editSpec()
                        .withPersistentVolumeReclaimPolicy("Delete")
                        .endSpec());
        assertEquals("Released", theVolume("v").getStatus().getPhase());
        assertTrue(world.told.isEmpty());
    }

    @Test
    void aClaimThatWaitsForItsConsumerSaysForWhom() {
        world.classes.put("late", Samples.storageClass("late", "csi.example.com", "WaitForFirstConsumer"));
        world.put(ofClass("c", "late"));
        world.put(new PersistentVolumeBuilder(volume("v"))
                .editSpec()
                .withStorageClassName("late")
                .endSpec()
                .build());
        world.settle(binder);
        world.pods.add("b");
        world.settle(binder);
        world.pods.add("a");
        world.settle(binder);
        assertEquals(
                List.of(
                        "c Normal WaitForFirstConsumer waiting for first consumer to be created before binding",
                        "c Normal WaitForPodScheduled waiting for pod b to be scheduled",
                        "c Normal WaitForPodScheduled waiting for pods a,b to be scheduled"),
                world.told);
        world.put(new PersistentVolumeClaimBuilder(theClaim("c"))
                .editMetadata()
                .addToAnnotations("volume.kubernetes.io/selected-node", "n")
                .endMetadata()
                .build());
        world.settle(binder);
        assertEquals(
                "csi.example.com",
                theClaim("c").getMetadata().getAnnotations().get("volume.kubernetes.io/storage-provisioner"));
        assertNull(theVolume("v").getSpec().getClaimRef());
        world.put(naming(theVolume("v"), "c", "uid-c"));
        world.settle(binder);
        assertEquals("v", theClaim("c").getSpec().getVolumeName());
    }

    @Test
    void howLongItTakesUntilAVolumeIsMadeOrDeletedIsTold() {
        world.classes.put("fast", Samples.storageClass("fast", "csi.example.com", "Immediate"));
        world.put(ofClass("c", "fast"));
        world.settle(binder);
        time.advance(Duration.ofSeconds(3));
        PersistentVolume made = new PersistentVolumeBuilder(naming(volume("v"), "c", "uid-c"))
                .editMetadata()
                .addToAnnotations("pv.kubernetes.io/provisioned-by", "csi.example.com")
                .endMetadata()
                .editSpec()
                .withStorageClassName("fast")
                .withPersistentVolumeReclaimPolicy("Delete")
                .endSpec()
                .build();
        world.put(made);
        world.settle(binder);
        assertEquals("Bound", theClaim("c").getStatus().getPhase());
        String provisioned = "{operation_name=\"provision\",plugin_name=\"csi.example.com\"}";
        assertEquals(3, figures.of("volume_operation_total_seconds_sum" + provisioned));
        assertEquals(1, figures.of("volume_operation_total_seconds_count" + provisioned));
        PersistentVolumeClaim claim = theClaim("c");
        world.claims.remove("ns/c");
        operations.gone(claim);
        world.settle(binder);
        assertEquals("Released", theVolume("v").getStatus().getPhase());
        time.advance(Duration.ofSeconds(7));
        operations.gone(theVolume("v"));
        String deleted = "{operation_name=\"delete\",plugin_name=\"csi.example.com\"}";
        assertEquals(7, figures.of("volume_operation_total_seconds_sum" + deleted));
        assertEquals(0, figures.of("volume_operation_errors_total" + deleted));
    }

    @Test
    void aVolumeThatCannotBeDeletedIsCounted() {
        reclaimed(
                "v",
                volume -> volume.editSpec()
                        .withPersistentVolumeReclaimPolicy("Delete")
                        .endSpec());
        world.settle(binder);
        assertEquals("Failed", theVolume("v").getStatus().getPhase());
        assertEquals(1, figures.of("volume_operation_errors_total{operation_name=\"delete\",plugin_name=\"N/A\"}"));
    }

    @ParameterizedTest
    @CsvSource({
        "csi.example.com,csi.example.com",
        "kubernetes.io/gce-pd,pd.csi.storage.gke.io",
    })
    void aProvisionerIsAskedByAnnotation(String provisioner, String asked) {
        world.classes.put("fast", Samples.storageClass("fast", provisioner, "Immediate"));
        world.put(ofClass("c", "fast"));
        world.settle(binder);
        Map<String, String> annotations = theClaim("c").getMetadata().getAnnotations();
        assertEquals(asked, annotations.get("volume.kubernetes.io/storage-provisioner"));
        assertEquals(asked, annotations.get("volume.beta.kubernetes.io/storage-provisioner"));
        assertTrue(world.told
                .getFirst()
                .startsWith("c Normal ExternalProvisioning Waiting for a volume to be created either by the external"
                        + " provisioner '" + asked + "' or manually"));
    }

    @Test
    void aProvisionerThatIsNotThereIsNotAsked() {
        world.classes.put("none", Samples.storageClass("none", "kubernetes.io/no-provisioner", "Immediate"));
        world.put(ofClass("c", "none"));
        world.put(ofClass("d", "missing"));
        world.settle(binder);
        assertTrue(world.told.contains(
                "c Warning ProvisioningFailed no volume plugin matched name: kubernetes.io/no-provisioner"));
        assertTrue(
                world.told.contains("d Warning ProvisioningFailed storageclass.storage.k8s.io \"missing\" not found"));
        assertEquals(0, world.writes);
    }

    @Test
    void aClaimThatLeftItsClassOpenGetsTheDefaultOnce() {
        PersistentVolumeClaim open = new PersistentVolumeClaimBuilder(claim("open"))
                .editSpec()
                .withStorageClassName(null)
                .endSpec()
                .build();
        world.put(open);
        world.put(claim("closed"));
        world.settle(binder);
        assertEquals(2, world.told.size());
        world.classes.put(
                "fast",
                new StorageClassBuilder(Samples.storageClass("fast", "csi.example.com", "Immediate"))
                        .editMetadata()
                        .addToAnnotations("storageclass.kubernetes.io/is-default-class", "true")
                        .endMetadata()
                        .build());
        world.settle(binder);
        assertEquals("fast", theClaim("open").getSpec().getStorageClassName());
        assertEquals("", theClaim("closed").getSpec().getStorageClassName());
    }

    @Test
    void aVolumeThatChoseAClaimThatHasAnotherIsFreeAgain() {
        world.put(bound(claim("c"), "v"));
        world.put(naming(volume("v"), "c", "uid-c"));
        world.put(new PersistentVolumeBuilder(naming(volume("w"), "c", "uid-c"))
                .editMetadata()
                .addToAnnotations(BY_CONTROLLER, "yes")
                .endMetadata()
                .build());
        world.put(naming(volume("x"), "c", "uid-c"));
        world.settle(binder);
        assertNull(theVolume("w").getSpec().getClaimRef());
        assertEquals("c", theVolume("x").getSpec().getClaimRef().getName());
        assertNull(theVolume("x").getSpec().getClaimRef().getUid());
        assertEquals("Available", theVolume("x").getStatus().getPhase());
        assertEquals("Bound", theVolume("v").getStatus().getPhase());
    }

    @Test
    void aVolumeOfAnotherModeThanItsClaimIsTold() {
        world.put(new PersistentVolumeBuilder(naming(volume("v"), "c", "uid-c"))
                .editSpec()
                .withVolumeMode("Block")
                .endSpec()
                .build());
        world.put(claim("c"));
        world.settle(binder);
        assertTrue(world.told.contains("v Warning VolumeMismatch Cannot bind PersistentVolume to requested"
                + " PersistentVolumeClaim \"c\" due to incompatible volumeMode."));
        assertTrue(world.told.contains("c Warning VolumeMismatch Cannot bind PersistentVolume \"v\" to requested"
                + " PersistentVolumeClaim due to incompatible volumeMode."));
    }

    @Test
    void anAttributesClassIsMatchedAndTakenOver() {
        world.put(volume("plain"));
        world.put(new PersistentVolumeBuilder(volume("silver"))
                .editSpec()
                .withVolumeAttributesClassName("silver")
                .endSpec()
                .build());
        world.put(new PersistentVolumeClaimBuilder(claim("c"))
                .editSpec()
                .withVolumeAttributesClassName("silver")
                .endSpec()
                .build());
        world.settle(binder);
        assertEquals("silver", theClaim("c").getSpec().getVolumeName());
        assertEquals("silver", theClaim("c").getStatus().getCurrentVolumeAttributesClassName());
    }

    @Test
    void aReferenceThatNoServerStoresHarmsNobody() {
        world.put(new PersistentVolumeBuilder(volume("v"))
                .editSpec()
                .withNewClaimRef()
                .withUid("u")
                .endClaimRef()
                .endSpec()
                .build());
        world.settle(binder);
        assertEquals("Released", theVolume("v").getStatus().getPhase());
    }
}
