package io.keelson.apiserver.authz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedAnswersTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final long DEADLINE_NANOS = Duration.ofSeconds(10).toNanos();

    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch open = new CountDownLatch(1);

    private String slow() throws InterruptedException {
        asked.incrementAndGet();
        open.await();
        return "answer " + asked.get();
    }

    private static void awaitWaiting(Thread thread) {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            assertTrue(System.nanoTime() < deadline, () -> "it does not wait: " + thread.getState());
            Thread.onSpinWait();
        }
    }

    private Thread start(SharedAnswers<String, String> answers, Queue<String> results) {
        return Thread.ofVirtual().start(() -> {
            try {
                results.add(answers.ask("key", this::slow));
            } catch (InterruptedException e) {
                results.add("went away");
            } catch (ExecutionException | TimeoutException e) {
                results.add(e.toString());
            }
        });
    }

    @Test
    void whoeverAsksTheSameGetsTheSameAnswerAlsoIfTheFirstGoesAway() throws Exception {
        SharedAnswers<String, String> answers = new SharedAnswers<>(10, LONG);
        Queue<String> results = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Thread thread = start(answers, results);
            awaitWaiting(thread);
            threads.add(thread);
        }
        threads.getFirst().interrupt();
        assertTrue(threads.getFirst().join(LONG));
        open.countDown();
        for (Thread thread : threads) {
            assertTrue(thread.join(LONG));
        }
        assertEquals(List.of("went away", "answer 1", "answer 1", "answer 1", "answer 1"), List.copyOf(results));
        assertEquals("answer 2", answers.ask("key", this::slow));
    }

    @Test
    void failuresReachAllAndAreNotRemembered() throws Exception {
        SharedAnswers<String, String> answers = new SharedAnswers<>(10, LONG);
        ExecutionException failure = assertThrows(
                ExecutionException.class,
                () -> answers.ask("key", () -> {
                    throw new IOException("no");
                }));
        assertEquals("java.io.IOException: no", String.valueOf(failure.getMessage()));
        assertEquals("yes", answers.ask("key", () -> "yes"));
    }

    @Test
    void aQuestionThatTakesTooLongIsStoppedAndAskedAnew() throws Exception {
        SharedAnswers<String, String> answers = new SharedAnswers<>(10, Duration.ofMillis(20));
        CountDownLatch stopped = new CountDownLatch(1);
        assertThrows(
                TimeoutException.class,
                () -> answers.ask("key", () -> {
                    try {
                        return slow();
                    } catch (InterruptedException e) {
                        stopped.countDown();
                        throw e;
                    }
                }));
        stopped.await();
        assertEquals("another", answers.ask("key", () -> "another"));
    }

    @Test
    void whenThereAreTooManyQuestionsEverybodyAsksForHimself() throws Exception {
        SharedAnswers<String, String> answers = new SharedAnswers<>(1, LONG);
        Queue<String> results = new ConcurrentLinkedQueue<>();
        Thread first = start(answers, results);
        awaitWaiting(first);
        assertEquals(
                Thread.currentThread().toString(),
                answers.ask("other", () -> Thread.currentThread().toString()));
        open.countDown();
        assertTrue(first.join(LONG));
        assertEquals(List.of("answer 1"), List.copyOf(results));
    }
}
