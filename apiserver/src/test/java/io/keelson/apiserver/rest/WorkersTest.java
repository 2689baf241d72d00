package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.errors.ApiException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much is done at a time. */
final class WorkersTest {
    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @Test
    void soMuchIsDoneAtATimeAndNoMore() throws Exception {
        CyclicBarrier three = new CyclicBarrier(3);
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Workers.work(upTo(9), 3, one -> {
            var _ = most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            try {
                var _ = three.await(30, TimeUnit.SECONDS);
            } catch (BrokenBarrierException | TimeoutException e) {
                throw new IllegalStateException("there were never three under way", e);
            }
            var _ = underWay.decrementAndGet();
        });
        assertEquals(3, most.get());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1, 4, 200})
    void eachIsDoneOnce(int atATime) throws Exception {
        List<Integer> done = Collections.synchronizedList(new ArrayList<>());
        Workers.work(upTo(100), atATime, done::add);
        assertEquals(upTo(100), done.stream().sorted().toList());
        Workers.work(List.of(), atATime, one -> {
            throw new AssertionError("there is nothing to do");
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void nothingMoreIsBegunAfterAFailure(int atATime) {
        AtomicInteger done = new AtomicInteger();
        ApiException failure = assertThrows(
                ApiException.class,
                () -> Workers.work(upTo(1_000), atATime, one -> {
                    if (done.incrementAndGet() >= 10) {
                        throw ApiException.badRequest("no more");
                    }
                }));
        assertEquals("no more", failure.message());
        // Each worker may have had one in hand.
        assertTrue(done.get() >= 10 && done.get() < 10 + atATime, done::toString);
    }
}
