package io.keelson.apiserver.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HealthCheckTest {
    @Test
    void whatHasToHappenFirstMayTakeItsTime() throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        HealthCheck late =
                new HealthCheck("poststarthook/x", () -> "not finished").from(Instant.EPOCH.plusSeconds(10), now::get);
        assertEquals("poststarthook/x", late.name());
        assertNull(late.check().problem());
        now.set(Instant.EPOCH.plusSeconds(9));
        assertNull(late.check().problem());
        now.set(Instant.EPOCH.plusSeconds(10));
        assertEquals("not finished", late.check().problem());
    }
}
