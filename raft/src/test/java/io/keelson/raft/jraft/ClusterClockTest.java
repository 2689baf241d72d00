package io.keelson.raft.jraft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ClusterClockTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
    private final ClusterClock clock = new ClusterClock(nanos::get);

    private void pass(int ms) {
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(ms));
    }

    @Test
    void itStandsStillWhileThisMemberDoesNotLead() {
        clock.saw(100);
        pass(50);
        assertEquals(100, clock.nowMs());
    }

    @Test
    void itGoesOnFromWhatWasSeenWhenThisMemberBeginsToLead() {
        clock.saw(100);
        pass(1_000);
        clock.start();
        pass(50);
        assertEquals(150, clock.nowMs());
        clock.stop();
        pass(1_000);
        assertEquals(150, clock.nowMs());
    }

    @Test
    void itNeverGoesBack() {
        clock.start();
        pass(500);
        clock.stop();
        clock.saw(200);
        assertEquals(500, clock.nowMs());
        clock.start();
        assertEquals(500, clock.nowMs());
    }

    @Test
    void leadingTwiceInOneTermDoesNotSetItBack() {
        clock.start();
        pass(500);
        clock.start();
        pass(100);
        assertEquals(600, clock.nowMs());
    }
}
