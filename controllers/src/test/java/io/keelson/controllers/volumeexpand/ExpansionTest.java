package io.keelson.controllers.volumeexpand;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExpansionTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

    private static PersistentVolumeClaim claim(String wanted, String granted) {
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withNamespace("ns")
                .withName("c")
                .withUid("u")
                .endMetadata()
                .withNewSpec()
                .withVolumeName("v")
                .withNewResources()
                .withRequests(Map.of("storage", new Quantity(wanted)))
                .endResources()
                .endSpec()
                .withNewStatus()
                .withPhase("Bound")
                .withCapacity(Map.of("storage", new Quantity(granted)))
                .addNewCondition()
                .withType("Other")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build();
    }

    private static PersistentVolume volume(String size) {
        return new PersistentVolumeBuilder()
                .withNewMetadata()
                .withName("v")
                .endMetadata()
                .withNewSpec()
                .withCapacity(Map.of("storage", new Quantity(size)))
                .withNewClaimRef()
                .withNamespace("ns")
                .withName("c")
                .withUid("u")
                .endClaimRef()
                .endSpec()
                .build();
    }

    @Test
    void onlyABoundClaimThatAsksForMoreIsExpanded() {
        assertTrue(Expansion.isWanted(claim("2Gi", "1Gi")));
        assertFalse(Expansion.isWanted(claim("1024Mi", "1Gi")));
        assertFalse(Expansion.isWanted(claim("1Gi", "2Gi")));
        assertFalse(Expansion.isWanted(new PersistentVolumeClaimBuilder(claim("2Gi", "1Gi"))
                .editStatus()
                .withPhase("Lost")
                .endStatus()
                .build()));
        assertTrue(Expansion.isBoundTo(volume("1Gi"), claim("2Gi", "1Gi")));
        assertFalse(Expansion.isBoundTo(
                volume("1Gi"),
                new PersistentVolumeClaimBuilder(claim("2Gi", "1Gi"))
                        .editMetadata()
                        .withUid("other")
                        .endMetadata()
                        .build()));
    }

    @Test
    void eachStepIsTakenOnceAndTheLastLeavesNothingOpen() {
        PersistentVolumeClaim claim = Expansion.resizedBy(claim("2Gi", "1Gi"), "r");
        assertSame(claim, Expansion.resizedBy(claim, "r"));
        PersistentVolumeClaim begun = Expansion.begun(claim, NOW);
        assertSame(begun, Expansion.begun(begun, NOW.plusSeconds(5)));
        PersistentVolumeClaimCondition resizing =
                begun.getStatus().getConditions().get(1);
        assertEquals("Resizing", resizing.getType());
        assertEquals("2026-01-02T03:04:05Z", resizing.getLastTransitionTime());
        assertEquals(
                Map.of("storage", "ControllerResizeInProgress"),
                begun.getStatus().getAllocatedResourceStatuses());
        PersistentVolume enlarged = Expansion.enlarged(volume("1Gi"), begun);
        assertSame(enlarged, Expansion.enlarged(enlarged, begun));
        PersistentVolumeClaim finished = Expansion.finished(begun, enlarged);
        assertFalse(Expansion.isWanted(finished));
        assertEquals(1, finished.getStatus().getConditions().size());
        assertEquals("Other", finished.getStatus().getConditions().getFirst().getType());
        assertEquals(new Quantity("2Gi"), finished.getStatus().getCapacity().get("storage"));
    }

    @Test
    void aClaimThatWantsLessThanItsVolumeHasByNowGetsAllOfIt() {
        PersistentVolumeClaim claim = claim("2Gi", "1Gi");
        PersistentVolume larger = volume("5Gi");
        assertSame(larger, Expansion.enlarged(larger, claim));
        assertEquals(
                new Quantity("5Gi"),
                Expansion.finished(claim, larger).getStatus().getCapacity().get("storage"));
    }
}
