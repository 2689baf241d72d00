package io.keelson.controllers.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AccountTokenTest {
    // Near the end of its range, as the clock of a machine may be.
    private final AtomicLong clock =
            new AtomicLong(Long.MAX_VALUE - Duration.ofMinutes(30).toNanos());
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger failuresLeft = new AtomicInteger();
    private final AccountToken token = new AccountToken(this::grant, clock::get);

    private AccountToken.Granted grant() {
        int number = asked.incrementAndGet();
        if (failuresLeft.getAndDecrement() > 0) {
            throw new IllegalStateException("refused " + number);
        }
        return new AccountToken.Granted("token-" + number, Duration.ofHours(1));
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    @Test
    void oneTokenServesUntilAFifthOfItsLifeIsLeft() {
        assertEquals("token-1", token.current());
        pass(Duration.ofMinutes(48).minusNanos(1));
        assertEquals("token-1", token.current());
        pass(Duration.ofNanos(1));
        assertEquals("token-2", token.current());
        assertEquals(2, asked.get());
    }

    @Test
    void aTokenThatIsStillGoodServesWhileThereIsNoOther() {
        assertEquals("token-1", token.current());
        failuresLeft.set(100);
        pass(Duration.ofMinutes(50));
        assertEquals("token-1", token.current());
        assertEquals("token-1", token.current());
        assertEquals(2, asked.get(), "it is not asked for with each call");
        pass(Duration.ofSeconds(10));
        assertEquals("token-1", token.current());
        assertEquals(3, asked.get());
        pass(Duration.ofMinutes(10));
        assertEquals(
                "refused 4",
                assertThrows(IllegalStateException.class, token::current).getMessage());
        failuresLeft.set(0);
        assertEquals("token-5", token.current());
    }

    @Test
    void aFirstTokenThatIsRefusedIsAskedForWithTheNextCall() {
        failuresLeft.set(1);
        assertThrows(IllegalStateException.class, token::current);
        assertEquals("token-2", token.current());
    }

    @Test
    void manyCallsAtOnceAskOnce() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger questions = new AtomicInteger();
        AccountToken slow = new AccountToken(
                () -> {
                    questions.incrementAndGet();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return new AccountToken.Granted("one", Duration.ofHours(1));
                },
                clock::get);
        Set<String> seen = ConcurrentHashMap.newKeySet();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                calls.add(callers.submit(() -> seen.add(slow.current())));
            }
            go.countDown();
            for (Future<?> call : calls) {
                call.get(20, TimeUnit.SECONDS);
            }
        }
        assertEquals(Set.of("one"), seen);
        assertEquals(1, questions.get());
    }
}
