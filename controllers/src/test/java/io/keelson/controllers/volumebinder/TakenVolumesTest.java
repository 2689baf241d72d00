package io.keelson.controllers.volumebinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import org.junit.jupiter.api.Test;

class TakenVolumesTest {
    private static final PersistentVolumeClaim C = Samples.claim("ns", "c", "1Gi", "ReadWriteOnce");
    private static final PersistentVolumeClaim D = Samples.claim("ns", "d", "1Gi", "ReadWriteOnce");

    private final TakenVolumes taken = new TakenVolumes();

    private static PersistentVolume volume(String version) {
        return new PersistentVolumeBuilder(Samples.volume("v", "1Gi", "ReadWriteOnce"))
                .editMetadata()
                .withResourceVersion(version)
                .endMetadata()
                .build();
    }

    @Test
    void aVolumeIsTakenForOneClaimUntilItIsLeft() {
        assertTrue(taken.take(volume("1"), C));
        assertFalse(taken.take(volume("1"), D));
        assertTrue(taken.take(volume("1"), C));
        assertFalse(taken.isTaken(volume("1"), C));
        assertTrue(taken.isTaken(volume("1"), D));
        taken.leave(volume("1"));
        assertTrue(taken.take(volume("1"), D));
    }

    @Test
    void itIsForgottenWhenAnotherVersionIsShownOrItIsGone() {
        taken.take(volume("1"), C);
        taken.shown(volume("1"));
        assertTrue(taken.isTaken(volume("1"), D));
        taken.shown(volume("2"));
        assertFalse(taken.isTaken(volume("2"), D));
        taken.take(volume("2"), C);
        taken.gone(volume("2"));
        assertEquals(0, taken.size());
    }
}
