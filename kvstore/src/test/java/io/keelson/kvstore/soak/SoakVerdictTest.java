package io.keelson.kvstore.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

/** The judges of the long runs find what grows and what waits, and nothing else. */
class SoakVerdictTest {
    private static final int MINUTES = 60;

    /** An hour of three members, of which the last may hold more than the others. */
    private static SoakVerdict hour(IntToDoubleFunction p99, IntToLongFunction residentMib, IntToLongFunction heapMib) {
        List<SoakVerdict.Minute> minutes = new ArrayList<>();
        for (int minute = 0; minute < MINUTES; minute++) {
            List<MemberUsage> collected = minute % 5 == 4
                    ? List.of(
                            new MemberUsage(700, 50, 100, 50),
                            new MemberUsage(700, 50, 100, 50),
                            new MemberUsage(residentMib.applyAsLong(minute), heapMib.applyAsLong(minute), 100, 50))
                    : List.of();
            minutes.add(new SoakVerdict.Minute(p99.applyAsDouble(minute), 4, collected));
        }
        return SoakVerdict.of(minutes);
    }

    @Test
    void anEvenHourIsFlatWhateverItsFirstMinutesAndSomeSlowOnesSay() {
        SoakVerdict verdict = hour(
                minute -> minute < 10 ? 90 : minute % 4 == 0 ? 60 : 14,
                minute -> minute < 25 ? 300 + 8L * minute : 500 + minute % 3 * 40L,
                minute -> 50 + minute % 7);
        assertTrue(verdict.flat(), verdict.lines()::toString);
    }

    @Test
    void latencyThatRisesIsFound() {
        assertFalse(hour(minute -> 10 + minute, minute -> 500, minute -> 50).flat());
    }

    @Test
    void latencyOfTheDiskIsNotTheMembers() {
        List<SoakVerdict.Minute> minutes = new ArrayList<>();
        for (int minute = 0; minute < MINUTES; minute++) {
            double disk = minute < 30 ? 5 : 80;
            minutes.add(new SoakVerdict.Minute(disk + 9, disk, List.of(new MemberUsage(500, 50, 100, 50))));
        }
        SoakVerdict verdict = SoakVerdict.of(minutes);
        assertTrue(verdict.flat(), verdict.lines()::toString);
    }

    /** A minute in which twenty operations a second were begun, and one of them took a second. */
    @Test
    void aStandstillCountsForAllWhoWouldHaveMetIt() {
        Latencies minute = new Latencies();
        for (int i = 0; i < 1_180; i++) {
            minute.addWithMissed(2_000_000, 50_000_000);
        }
        minute.addWithMissed(1_000_000_000, 50_000_000);
        assertEquals(1_200, minute.count());
        assertEquals(450, minute.millisAt(0.99), 50);
        assertEquals(1_000, minute.slowestMillis());
    }

    @Test
    void memoryOfOneMemberThatRisesIsFoundThoughItIsTheSmallest() {
        assertFalse(
                hour(minute -> 14, minute -> 200 + 4L * minute, minute -> 50).flat());
    }

    @Test
    void aHeapThatRisesIsFoundThoughTheProcessDoesNot() {
        assertFalse(
                hour(minute -> 14, minute -> 500, minute -> 50 + 2L * minute).flat());
    }

    @Test
    void memoryThatNobodyLookedAtIsNotFlat() {
        List<SoakVerdict.Minute> minutes = new ArrayList<>();
        for (int minute = 0; minute < MINUTES; minute++) {
            minutes.add(new SoakVerdict.Minute(
                    10, 4, minute == MINUTES / 2 ? List.of(new MemberUsage(500, 50, 100, 50)) : List.of()));
        }
        assertFalse(SoakVerdict.of(minutes).flat());
    }

    @Test
    void aRequestThatWaitsTooLongBesideTheDiskIsFound() {
        PhaseDelay held = new PhaseDelay("at rest", 190, 95);
        PhaseDelay late = new PhaseDelay("while compacting", 190, 85);
        assertEquals(List.of(late), PhaseDelay.tooLong(List.of(held, late)));
        assertTrue(late.line().contains("DELAYED by 105.0 ms beyond the disk"), late.line());
    }
}
