package io.keelson.apiserver.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The most there were at a time, though it was looked at when they had gone. */
final class RecentPeakTest {
    private static final long SECOND = 1_000_000_000;
    private static final long START = 7 * SECOND;

    private final RecentPeak peak = new RecentPeak(START);

    @Test
    void whatCameAndWentWithinASecondIsSeenInTheNext() {
        peak.enter(START + 1);
        peak.enter(START + 2);
        peak.leave();
        peak.leave();
        assertEquals(0, peak.lately(START + 3), "the second is not over");
        assertEquals(2, peak.lately(START + SECOND));
        assertEquals(2, peak.lately(START + SECOND + SECOND / 2));
        assertEquals(0, peak.lately(START + 2 * SECOND));
    }

    @Test
    void whatStaysIsSeenInEverySecond() {
        peak.enter(START);
        assertEquals(1, peak.lately(START + SECOND));
        assertEquals(1, peak.lately(START + 5 * SECOND));
        peak.enter(START + 5 * SECOND + 1);
        peak.leave();
        assertEquals(2, peak.lately(START + 6 * SECOND));
        assertEquals(1, peak.lately(START + 7 * SECOND));
    }

    @Test
    void whatWasLongAgoIsForgotten() {
        peak.enter(START);
        peak.leave();
        assertEquals(0, peak.lately(START + 3 * SECOND));
    }
}
