package io.keelson.controllers.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AtOnceTest {
    private static final List<Integer> HUNDRED = IntStream.range(0, 100).boxed().toList();

    @Test
    void allAreDoneEvenIfSomeFailAndTheFailuresAreTold() throws InterruptedException {
        Set<Integer> done = ConcurrentHashMap.newKeySet();
        List<RuntimeException> failures = AtOnce.run(HUNDRED, 7, number -> {
            done.add(number);
            if (number % 10 == 3) {
                throw new IllegalStateException("" + number);
            }
        });
        assertEquals(Set.copyOf(HUNDRED), done);
        assertEquals(10, failures.size());
        assertEquals(List.of(), AtOnce.run(List.of(), 7, number -> done.clear()));
    }

    @Test
    void asManyRunAtATimeAsMayAndNoMore() throws InterruptedException {
        CyclicBarrier five = new CyclicBarrier(5);
        AtomicInteger running = new AtomicInteger();
        List<RuntimeException> failures = AtOnce.run(HUNDRED, 5, number -> {
            assertTrue(running.incrementAndGet() <= 5);
            try {
                // Passed only if five are here together.
                five.await();
            } catch (BrokenBarrierException e) {
                throw new IllegalStateException(e);
            } finally {
                running.decrementAndGet();
            }
        });
        assertEquals(List.of(), failures);
    }

    @Test
    void anErrorIsThrownAndAnInterruptEndsWhatRuns() throws InterruptedException {
        assertThrows(
                StackOverflowError.class,
                () -> AtOnce.run(HUNDRED, 5, number -> {
                    throw new StackOverflowError();
                }));
        CountDownLatch begun = new CountDownLatch(5);
        CountDownLatch interrupted = new CountDownLatch(5);
        Thread caller = Thread.ofVirtual()
                .start(() -> assertThrows(
                        InterruptedException.class,
                        () -> AtOnce.run(HUNDRED, 5, number -> {
                            begun.countDown();
                            try {
                                new CountDownLatch(1).await();
                            } finally {
                                interrupted.countDown();
                            }
                        })));
        begun.await();
        caller.interrupt();
        caller.join();
        assertEquals(0, interrupted.getCount());
    }
}
