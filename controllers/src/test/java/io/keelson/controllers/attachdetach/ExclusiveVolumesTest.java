package io.keelson.controllers.attachdetach;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.testing.ManualTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ExclusiveVolumesTest {
    private final ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
    private final ExclusiveVolumes volumes = new ExclusiveVolumes(time);

    @Test
    void aVolumeIsTakenForOneNodeUntilThatLeavesIt() {
        assertTrue(volumes.take("v", "a"));
        assertTrue(volumes.take("v", "a"), "its own call may have failed");
        assertFalse(volumes.take("v", "b"));
        assertTrue(volumes.take("w", "b"));
        volumes.leave("v", "b");
        assertFalse(volumes.take("v", "b"), "only who has it can leave it");
        volumes.leave("v", "a");
        assertTrue(volumes.take("v", "b"));
    }

    @Test
    void onlyTheAttachmentThatWasMadeEndsIt() {
        assertTrue(volumes.take("v", "a"));
        volumes.seen("v", "old");
        assertFalse(volumes.take("v", "b"), "what is told late of an earlier one says nothing of this one");
        volumes.made("v", "a", "new");
        volumes.seen("v", "old");
        assertFalse(volumes.take("v", "b"));
        volumes.seen("w", "new");
        assertFalse(volumes.take("v", "b"));
        volumes.seen("v", "new");
        assertTrue(volumes.take("v", "b"));
    }

    @Test
    void whoIsNeverSeenToHaveItHasItForAMinute() {
        assertTrue(volumes.take("v", "a"));
        time.set(Duration.ofDays(1));
        time.advance(Duration.ofSeconds(59));
        assertFalse(volumes.take("v", "b"));
        time.advance(Duration.ofSeconds(1));
        assertTrue(volumes.take("v", "b"));
    }
}
