package io.keelson.apiserver.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class HealthCheckTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @Test
    void whatIsFoundInTimeIsTold() throws InterruptedException {
        assertNull(HealthCheck.PING.within(LONG).check().problem());
        assertEquals(
                "no disk",
                new HealthCheck("disk", () -> "no disk").within(LONG).check().problem());
        HealthCheck failing = new HealthCheck("disk", () -> {
            throw new IllegalStateException("no disk");
        });
        assertEquals(
                "java.lang.IllegalStateException: no disk",
                failing.within(LONG).check().problem());
    }

    @Test
    void whatCannotBeLookedAtInTimeIsNotWellAndIsGivenUp() throws InterruptedException {
        CountDownLatch givenUp = new CountDownLatch(1);
        HealthCheck hanging = new HealthCheck("store", () -> {
            try {
                Thread.sleep(LONG);
                return null;
            } finally {
                givenUp.countDown();
            }
        });
        assertEquals(
                "no answer within 20 ms",
                hanging.within(Duration.ofMillis(20)).check().problem());
        assertTrue(givenUp.await(10, TimeUnit.SECONDS));
    }

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
