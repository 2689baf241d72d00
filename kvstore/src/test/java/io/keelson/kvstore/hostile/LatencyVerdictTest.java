package io.keelson.kvstore.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class LatencyVerdictTest {
    @Test
    void aMedianBeyondTwentyTimesTheQuietP99IsTooMuch() {
        LatencyVerdict verdict = new LatencyVerdict(20);
        assertTrue(verdict.kept(List.of(400.0)));
        assertFalse(verdict.kept(List.of(401.0)));
    }

    @Test
    void aQuarterOfASecondIsAllowedHoweverQuickCallsAreOtherwise() {
        LatencyVerdict verdict = new LatencyVerdict(2);
        assertTrue(verdict.kept(List.of(250.0)));
        assertFalse(verdict.kept(List.of(251.0)));
    }

    @Test
    void badRoundsCountOnlyWhenTheyAreMoreThanHalf() {
        LatencyVerdict verdict = new LatencyVerdict(5);
        assertTrue(verdict.kept(List.of(900.0, 20.0, 30.0)));
        assertTrue(verdict.kept(List.of(900.0, 900.0, 20.0, 30.0)));
        assertFalse(verdict.kept(List.of(900.0, 20.0, 900.0)));
        assertEquals(30, LatencyVerdict.medianMs(List.of(900.0, 20.0, 900.0, 30.0)));
    }

    @Test
    void whatWasNotMeasuredWasNotKept() {
        assertFalse(new LatencyVerdict(5).kept(List.of()));
        assertFalse(new LatencyVerdict(5).kept(List.of(Double.NaN)));
        assertFalse(new LatencyVerdict(Double.NaN).kept(List.of(10.0)));
    }
}
