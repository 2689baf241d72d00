package io.keelson.agent.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** When logs are looked at again. */
class LogPauseTest {
    private static final int LIMIT = 1000;

    private final LogPause pause = new LogPause(new LogRotation(LIMIT, 5, Duration.ofSeconds(10)));

    @Test
    void logsWithinTheirLimitAreLookedAtAsOftenAsIsSaid() {
        assertEquals(Duration.ofSeconds(10), pause.next(0));
        assertEquals(Duration.ofSeconds(10), pause.next(LIMIT));
    }

    @Test
    void aLogThatGrowsFastIsLookedAtWhenItWillHaveItsLimit() {
        assertEquals(Duration.ofMillis(200), pause.next(50 * LIMIT));
        // It does, and so it stays.
        assertEquals(Duration.ofMillis(200), pause.next(LIMIT));
        assertEquals(Duration.ofMillis(100), pause.next(2 * LIMIT));
    }

    @Test
    void noLogIsLookedAtWithoutAPause() {
        assertEquals(Duration.ofMillis(100), pause.next(Long.MAX_VALUE));
    }

    @Test
    void whenNothingGrowsAnyMoreItIsAsBefore() {
        assertEquals(Duration.ofMillis(2500), pause.next(4 * LIMIT));
        assertEquals(Duration.ofSeconds(5), pause.next(0));
        assertEquals(Duration.ofSeconds(10), pause.next(0));
        assertEquals(Duration.ofSeconds(10), pause.next(0));
    }
}
