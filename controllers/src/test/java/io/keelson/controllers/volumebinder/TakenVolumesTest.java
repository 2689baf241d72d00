package io.keelson.controllers.volumebinder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import org.junit.jupiter.api.Test;

class TakenVolumesTest {
    private final TakenVolumes taken = new TakenVolumes();

    private static PersistentVolume volume(String version) {
        return new PersistentVolumeBuilder(Samples.volume("v", "1Gi", "ReadWriteOnce"))
                .editMetadata()
                .withResourceVersion(version)
                .endMetadata()
                .build();
    }

    @Test
    void aVolumeIsTakenOnceUntilItIsLeft() {
        assertTrue(taken.take(volume("1")));
        assertFalse(taken.take(volume("1")));
        assertTrue(taken.isTaken(volume("1")));
        taken.leave(volume("1"));
        assertTrue(taken.take(volume("1")));
    }

    @Test
    void itIsForgottenWhenAnotherVersionIsShownOrItIsGone() {
        taken.take(volume("1"));
        taken.shown(volume("1"));
        assertTrue(taken.isTaken(volume("1")));
        taken.shown(volume("2"));
        assertFalse(taken.isTaken(volume("2")));
        taken.take(volume("2"));
        taken.gone(volume("2"));
        assertEquals(0, taken.size());
    }
}
