package io.keelson.kvstore.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BackgroundPaceTest {
    private static final long MIB = 1L << 20;
    private static final long MOST = 256 * MIB;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long LONG_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(80);
    private static final long SHORT_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final List<Long> told = new ArrayList<>();
    private final BackgroundPace pace = new BackgroundPace(MOST, told::add, 0);
    private long now;

    private long look() {
        now += LOOK_NANOS;
        pace.look(now);
        return pace.pace();
    }

    private long lookAfterAWait(long nanos) {
        pace.waited(SHORT_WAIT_NANOS);
        pace.waited(nanos);
        pace.waited(SHORT_WAIT_NANOS);
        return look();
    }

    @Test
    void withoutLongWaitsItIsWhatIsAllowed() {
        for (int i = 0; i < 100; i++) {
            assertEquals(MOST, lookAfterAWait(SHORT_WAIT_NANOS));
        }
        assertTrue(told.isEmpty(), "nothing changed");
    }

    @Test
    void itHalvesWhileWaitsAreLongAndGoesOnAtTheLeast() {
        assertEquals(MOST / 2, lookAfterAWait(LONG_WAIT_NANOS));
        assertEquals(MOST / 4, lookAfterAWait(LONG_WAIT_NANOS));
        for (int i = 0; i < 20; i++) {
            lookAfterAWait(LONG_WAIT_NANOS);
        }
        assertEquals(BackgroundPace.LEAST, pace.pace());
        assertEquals(List.of(128 * MIB, 64 * MIB, 32 * MIB, 16 * MIB, 8 * MIB), told);
    }

    @Test
    void itGrowsAgainSlowlyAlsoWhenNobodyWaitsForAnything() {
        while (lookAfterAWait(LONG_WAIT_NANOS) > BackgroundPace.LEAST) {
            // Until the least is reached.
        }
        int looks = 0;
        for (long before = pace.pace(); before < MOST; looks++) {
            long next = look();
            assertTrue(next > before && next <= before + before / 8, before + " to " + next);
            before = next;
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(looks * LOOK_NANOS);
        assertTrue(seconds >= 5 && seconds <= 60, seconds + " s");
    }

    @Test
    void itKeepsUpWithWhatIsWrittenHoweverLongWaitsAre() {
        for (int i = 0; i < 100; i++) {
            pace.written(5 * MIB);
            lookAfterAWait(LONG_WAIT_NANOS);
        }
        // 5 MiB each quarter of a second are 20 MiB a second.
        assertEquals(20 * MIB * BackgroundPace.WRITTEN_AGAIN, pace.pace());
        for (int i = 0; i < 100; i++) {
            pace.written(50 * MIB);
            lookAfterAWait(LONG_WAIT_NANOS);
        }
        assertEquals(MOST, pace.pace());
    }

    @Test
    void aBurstCountsAtOnceAndIsForgottenInSomeSeconds() {
        while (lookAfterAWait(LONG_WAIT_NANOS) > BackgroundPace.LEAST) {
            // Until the least is reached.
        }
        pace.written(5 * MIB);
        assertEquals(20 * MIB * BackgroundPace.WRITTEN_AGAIN, lookAfterAWait(LONG_WAIT_NANOS));
        assertTrue(lookAfterAWait(LONG_WAIT_NANOS) > 15 * MIB * BackgroundPace.WRITTEN_AGAIN, "it still counts");
        for (int i = 0; i < 40; i++) {
            lookAfterAWait(LONG_WAIT_NANOS);
        }
        assertEquals(BackgroundPace.LEAST, pace.pace());
    }

    @Test
    void twoLooksAtTheSameMomentChangeNothing() {
        pace.waited(LONG_WAIT_NANOS);
        pace.look(now);
        assertEquals(MOST, pace.pace());
        assertEquals(MOST / 2, look());
    }

    @Test
    void afterItsEndNobodyIsToldOfAnything() {
        pace.end();
        lookAfterAWait(LONG_WAIT_NANOS);
        assertTrue(told.isEmpty(), "the limit is gone");
    }

    @Test
    void anAllowanceBelowTheLeastHolds() {
        BackgroundPace slow = new BackgroundPace(MIB, told::add, 0);
        slow.waited(LONG_WAIT_NANOS);
        slow.written(100 * MIB);
        slow.look(LOOK_NANOS);
        assertEquals(MIB, slow.pace());
    }
}
