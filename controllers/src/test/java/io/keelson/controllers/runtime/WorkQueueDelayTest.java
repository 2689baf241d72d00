package io.keelson.controllers.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkQueueDelayTest {
    @Test
    void delaysThatAreNoWholeMillisecondsComeAllTheSame() throws InterruptedException {
        try (Time time = Time.system();
                WorkQueue<Integer> queue = new WorkQueue<>(time, QueueMetrics.NONE)) {
            for (int i = 0; i < 100; i++) {
                queue.addAfter(i, Duration.ofNanos(1_000_000L + 9_999L * i));
            }
            TestCluster.await("all are there", () -> queue.depth() == 100);
        }
    }

    /** Whose clock is set by hand while time passes. */
    private static final class Jumping implements Time {
        private final ManualTime steady;
        private Instant clock;

        private Jumping(ManualTime steady) {
            this.steady = steady;
            clock = steady.instant();
        }

        @Override
        public Instant instant() {
            return clock;
        }

        @Override
        public long nanoTime() {
            return steady.nanoTime();
        }

        @Override
        public void after(Duration delay, Runnable task) {
            steady.after(delay, task);
        }

        @Override
        public void close() {}
    }

    @Test
    void aClockThatIsSetBackHoldsUpNothing() throws InterruptedException {
        ManualTime steady = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
        Jumping jumping = new Jumping(steady);
        Expectations expectations = new Expectations(jumping);
        Key key = new Key("a", "b");
        try (WorkQueue<String> queue = new WorkQueue<>(jumping, QueueMetrics.NONE)) {
            queue.addAfter("later", Duration.ofSeconds(5));
            queue.retry("failed");
            expectations.create(key, 1);
            jumping.clock = jumping.clock.minus(Duration.ofHours(1));
            queue.retry("failed afterwards");
            steady.advance(Duration.ofSeconds(5));
            assertEquals(
                    List.of("failed", "failed afterwards", "later"),
                    List.of(String.valueOf(queue.take()), String.valueOf(queue.take()), String.valueOf(queue.take())));
            steady.advance(Duration.ofMinutes(5));
            assertTrue(expectations.met(key));
        }
    }

    @Test
    void delaysThatNobodyLivesToSeeDoNotOverflow() {
        try (Time time = Time.system();
                WorkQueue<String> queue = new WorkQueue<>(time, QueueMetrics.NONE)) {
            queue.addAfter("a", Duration.ofSeconds(Long.MAX_VALUE));
            queue.addAfter("a", Duration.ofDays(1_000_000));
            assertEquals(0, queue.depth());
            assertTrue(queue.resting());
        }
    }

    @Test
    void aTimerThatIsEarlyDoesNotLoseAKey() throws InterruptedException {
        List<Duration> delays = new ArrayList<>();
        Time early = new Time() {
            private Instant now = Instant.parse("2026-01-01T00:00:00Z");

            @Override
            public Instant instant() {
                return now;
            }

            @Override
            public void after(Duration delay, Runnable task) {
                delays.add(delay);
                // It wakes up a second early if that is so long.
                Duration slept = delay.compareTo(Duration.ofSeconds(1)) > 0 ? delay.minusSeconds(1) : delay;
                now = now.plus(slept);
                task.run();
            }

            @Override
            public void close() {}
        };
        try (WorkQueue<String> queue = new WorkQueue<>(early, QueueMetrics.NONE)) {
            queue.addAfter("a", Duration.ofSeconds(5));
            assertEquals("a", queue.take());
            assertEquals(List.of(Duration.ofSeconds(5), Duration.ofSeconds(1)), delays);
        }
    }
}
