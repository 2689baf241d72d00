package io.keelson.controllers.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
