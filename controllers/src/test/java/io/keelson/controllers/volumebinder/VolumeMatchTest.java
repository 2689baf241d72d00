package io.keelson.controllers.volumebinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VolumeMatchTest {
    private final PersistentVolumeClaim claim = Samples.claim("ns", "c", "1Gi", "ReadWriteOnce");
    private final PersistentVolume volume = Samples.volume("v", "2Gi", "ReadWriteOnce", "ReadWriteMany");

    private static Node node(String zone) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName("node-" + zone)
                .addToLabels("zone", zone)
                .endMetadata()
                .build();
    }

    private static PersistentVolume inZone(PersistentVolume volume, String zone) {
        return new PersistentVolumeBuilder(volume)
                .editSpec()
                .withNewNodeAffinity()
                .withNewRequired()
                .addNewNodeSelectorTerm()
                .addNewMatchExpression()
                .withKey("zone")
                .withOperator("In")
                .withValues(zone)
                .endMatchExpression()
                .endNodeSelectorTerm()
                .endRequired()
                .endNodeAffinity()
                .endSpec()
                .build();
    }

    private static PersistentVolume prebound(PersistentVolume volume) {
        return new PersistentVolumeBuilder(volume)
                .editSpec()
                .withNewClaimRef()
                .withNamespace("ns")
                .withName("c")
                .endClaimRef()
                .endSpec()
                .build();
    }

    private @Nullable PersistentVolume best(PersistentVolumeClaim claim, PersistentVolume... volumes) {
        return VolumeMatch.best(claim, List.of(), List.of(volumes), null);
    }

    @Test
    void eachThingThatIsWrongIsNamed() {
        assertNull(VolumeMatch.mismatch(volume, claim));
        assertEquals(
                "incompatible volumeMode",
                VolumeMatch.mismatch(
                        new PersistentVolumeBuilder(volume)
                                .editSpec()
                                .withVolumeMode("Block")
                                .endSpec()
                                .build(),
                        claim));
        assertEquals(
                "storageClassName does not match",
                VolumeMatch.mismatch(
                        new PersistentVolumeBuilder(volume)
                                .editSpec()
                                .withStorageClassName("x")
                                .endSpec()
                                .build(),
                        claim));
        assertEquals(
                "volumeAttributesClassName does not match",
                VolumeMatch.mismatch(
                        new PersistentVolumeBuilder(volume)
                                .editSpec()
                                .withVolumeAttributesClassName("x")
                                .endSpec()
                                .build(),
                        claim));
        assertEquals(
                "incompatible accessMode",
                VolumeMatch.mismatch(volume, Samples.claim("ns", "c", "1Gi", "ReadWriteOncePod")));
        assertEquals(
                "requested PV is too small",
                VolumeMatch.mismatch(volume, Samples.claim("ns", "c", "3Gi", "ReadWriteOnce")));
        assertEquals(
                "the volume is marked for deletion \"v\"",
                VolumeMatch.mismatch(
                        new PersistentVolumeBuilder(volume)
                                .editMetadata()
                                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                                .endMetadata()
                                .build(),
                        claim));
    }

    @Test
    void aSelectorSelectsByLabelsAndABadOneNothing() {
        PersistentVolume labelled = new PersistentVolumeBuilder(Samples.volume("l", "9Gi", "ReadWriteOnce"))
                .editMetadata()
                .addToLabels("tier", "gold")
                .endMetadata()
                .build();
        PersistentVolumeClaim gold = new PersistentVolumeClaimBuilder(claim)
                .editSpec()
                .withNewSelector()
                .addToMatchLabels("tier", "gold")
                .endSelector()
                .endSpec()
                .build();
        PersistentVolumeClaim bad = new PersistentVolumeClaimBuilder(claim)
                .editSpec()
                .withNewSelector()
                .addNewMatchExpression()
                .withKey("tier")
                .withOperator("Near")
                .withValues("gold")
                .endMatchExpression()
                .endSelector()
                .endSpec()
                .build();
        assertEquals(labelled, best(gold, volume, labelled));
        assertNull(best(bad, volume, labelled));
    }

    @Test
    void aVolumeIsOnlyForTheNodesThatReachIt() {
        PersistentVolume a = inZone(volume, "a");
        assertNotNull(VolumeMatch.best(claim, List.of(), List.of(a), node("a")));
        assertNull(VolumeMatch.best(claim, List.of(), List.of(a), node("b")));
        assertNotNull(VolumeMatch.best(claim, List.of(), List.of(a), null));
    }

    @Test
    void aVolumeThatIsKeptForAClaimComesFirstAndIsTheOnlyOne() {
        PersistentVolume kept =
                prebound(Samples.volume("kept", "50Gi", "ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"));
        assertEquals(kept, VolumeMatch.best(claim, List.of(kept), List.of(volume), null));
        assertNull(VolumeMatch.best(claim, List.of(inZone(kept, "a")), List.of(volume), node("b")));
    }

    @Test
    void aVolumeThatIsKeptForAClaimButTooSmallIsNotIts() {
        PersistentVolume kept = prebound(Samples.volume("kept", "1Mi", "ReadWriteOnce"));
        assertEquals(volume, VolumeMatch.best(claim, List.of(kept), List.of(volume), null));
    }

    @Test
    void aSizeThatIsNoNumberIsNone() {
        assertNull(best(claim, Samples.volume("odd", "much", "ReadWriteOnce")));
    }
}
