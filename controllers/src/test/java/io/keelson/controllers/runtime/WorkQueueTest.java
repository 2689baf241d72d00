package io.keelson.controllers.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.testing.Figures;
import io.keelson.controllers.testing.ManualTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class WorkQueueTest {
    private final ManualTime time = new ManualTime(Instant.parse("2026-01-01T00:00:00Z"));
    private final WorkQueue<String> queue = new WorkQueue<>(time, QueueMetrics.NONE);

    @Test
    void aKeyIsInItOnceHoweverOftenItIsAdded() throws InterruptedException {
        queue.add("a");
        queue.add("b");
        queue.add("a");
        assertEquals(2, queue.depth());
        assertEquals("a", queue.take());
        assertEquals("b", queue.take());
        assertEquals(0, queue.depth());
    }

    @Test
    void aKeyThatAWorkerHasIsGivenOutAgainWhenThatOneIsDone() throws InterruptedException {
        queue.add("a");
        queue.take();
        queue.add("a");
        queue.add("a");
        assertEquals(0, queue.depth());
        assertFalse(queue.idle());
        queue.done("a");
        assertEquals(1, queue.depth());
        assertEquals("a", queue.take());
        queue.done("a");
        assertEquals(0, queue.depth());
        assertTrue(queue.idle());
    }

    @Test
    void whoIsDoneWithWhatNobodyTookIsTold() {
        assertThrows(IllegalStateException.class, () -> queue.done("a"));
    }

    @Test
    void theEarliestOfSeveralDelaysCounts() {
        queue.addAfter("a", Duration.ofSeconds(10));
        queue.addAfter("a", Duration.ofSeconds(3));
        queue.addAfter("a", Duration.ofSeconds(20));
        time.advance(Duration.ofMillis(2999));
        assertEquals(0, queue.depth());
        time.advance(Duration.ofMillis(1));
        assertEquals(1, queue.depth());
        time.advance(Duration.ofMinutes(1));
        assertEquals(1, queue.depth());
    }

    @Test
    void whatFailsComesBackLaterEachTimeAndAtLastEveryThousandSeconds() throws InterruptedException {
        long millis = 5;
        for (int failure = 0; failure < 25; failure++) {
            queue.retry("a");
            time.advance(Duration.ofMillis(millis - 1));
            assertEquals(0, queue.depth(), "failure " + failure);
            time.advance(Duration.ofMillis(1));
            assertEquals(1, queue.depth(), "failure " + failure);
            queue.take();
            queue.done("a");
            millis = Math.min(2 * millis, 1_000_000);
        }
        assertEquals(25, queue.failures("a"));
        queue.forget("a");
        assertEquals(0, queue.failures("a"));
        queue.retry("a");
        time.advance(Duration.ofMillis(5));
        assertEquals(1, queue.depth());
    }

    @Test
    void manyFailuresAtOnceComeBackTenASecond() {
        for (int key = 0; key < 150; key++) {
            queue.retry("key-" + key);
        }
        time.advance(Duration.ofMillis(5));
        assertEquals(100, queue.depth());
        time.advance(Duration.ofMillis(995));
        assertEquals(110, queue.depth());
        time.advance(Duration.ofSeconds(4));
        assertEquals(150, queue.depth());
    }

    @Test
    void whatHappensIsCountedUnderTheNamesOfKubernetes() throws InterruptedException {
        Figures figures = new Figures();
        String name = "{name=\"deployment\"}";
        try (WorkQueue<String> counted = new WorkQueue<>(time, figures.metrics().queue("deployment"))) {
            counted.add("a");
            counted.add("a");
            counted.add("b");
            assertEquals(2, figures.of("workqueue_adds_total" + name));
            assertEquals(2, figures.of("workqueue_depth" + name));
            time.advance(Duration.ofSeconds(3));
            counted.take();
            time.advance(Duration.ofSeconds(2));
            counted.take();
            assertEquals(8, figures.of("workqueue_queue_duration_seconds_sum" + name));
            time.advance(Duration.ofSeconds(1));
            assertEquals(4, figures.of("workqueue_unfinished_work_seconds" + name));
            assertEquals(3, figures.of("workqueue_longest_running_processor_seconds" + name));
            counted.retry("a");
            counted.done("a");
            assertEquals(1, figures.of("workqueue_retries_total" + name));
            assertEquals(3, figures.of("workqueue_work_duration_seconds_sum" + name));
            assertEquals(1, figures.of("workqueue_work_duration_seconds_bucket{name=\"deployment\",le=\"1000.0\"}"));
        }
    }

    @Test
    void whoWaitsIsToldThatItIsClosed() throws InterruptedException {
        Thread closing = Thread.ofVirtual().start(queue::close);
        assertNull(queue.take());
        closing.join();
        queue.add("a");
        queue.addAfter("b", Duration.ofSeconds(1));
        time.advance(Duration.ofSeconds(2));
        assertNull(queue.take());
        assertEquals(0, queue.depth());
    }
}
