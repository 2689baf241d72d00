package io.keelson.controllers.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is done again and again. */
class RepeatingTest {
    private final ManualTime time = new ManualTime(Instant.EPOCH);
    private final AtomicInteger pauses = new AtomicInteger();
    private final AtomicInteger runs = new AtomicInteger();

    private Repeating repeating(Repeating.Task task) {
        return new Repeating(
                "test",
                time,
                () -> {
                    pauses.incrementAndGet();
                    return Duration.ofSeconds(10);
                },
                task);
    }

    @Test
    void itRunsAtOnceAndAfterEachPauseEvenIfItFails() throws Exception {
        try (Repeating repeating = repeating(() -> {
            if (runs.incrementAndGet() == 1) {
                throw new IllegalStateException("the first time");
            }
        })) {
            repeating.start();
            TestCluster.await("a pause", () -> pauses.get() == 1);
            time.advance(Duration.ofSeconds(9));
            assertEquals(1, runs.get());
            TestCluster.await("another run", () -> {
                time.advance(Duration.ofSeconds(1));
                return runs.get() == 2;
            });
        }
    }

    @Test
    void whoIsWokenRunsAtOnceAndGoesOnByTheClock() throws Exception {
        try (Repeating repeating = repeating(runs::incrementAndGet)) {
            repeating.start();
            TestCluster.await("a pause", () -> pauses.get() == 1);
            repeating.wake();
            TestCluster.await("another one", () -> pauses.get() == 2);
            assertEquals(2, runs.get());
            TestCluster.await("a third one, by the clock", () -> {
                time.advance(Duration.ofSeconds(1));
                return pauses.get() == 3;
            });
            assertEquals(3, runs.get());
        }
    }

    @Test
    void itEndsInTheMiddleOfWhatItDoes() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        Repeating repeating = repeating(() -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.set(true);
                throw e;
            }
        });
        repeating.start();
        begun.await();
        repeating.close();
        assertTrue(interrupted.get());
        assertEquals(0, pauses.get());
        repeating(runs::incrementAndGet).close();
        assertEquals(0, runs.get());
    }
}
