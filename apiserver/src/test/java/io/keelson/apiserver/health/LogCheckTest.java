package io.keelson.apiserver.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class LogCheckTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(20);

    @Test
    void aLogThatTakesWhatIsWrittenIsWell() throws InterruptedException {
        assertNull(new LogCheck(() -> {}, LONG).problem());
        assertEquals(
                "java.io.IOException: closed",
                new LogCheck(
                                () -> {
                                    throw new IOException("closed");
                                },
                                LONG)
                        .problem());
    }

    @Test
    void oneThatHangsIsToldAndTriedOnceUntilItGoesOn() throws InterruptedException {
        CountDownLatch open = new CountDownLatch(1);
        AtomicInteger attempts = new AtomicInteger();
        LogCheck check = new LogCheck(
                () -> {
                    attempts.incrementAndGet();
                    try {
                        open.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                },
                SHORT);
        for (int i = 0; i < 5; i++) {
            assertEquals("logging blocked", check.problem());
        }
        assertEquals(1, attempts.get());
        open.countDown();
        String problem = check.problem();
        while (problem != null) {
            problem = check.problem();
        }
    }
}
