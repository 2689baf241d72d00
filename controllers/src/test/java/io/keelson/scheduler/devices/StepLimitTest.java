package io.keelson.scheduler.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StepLimitTest {
    private long nanos = Long.MAX_VALUE - 5;

    private StepLimit limit(Duration perNode) {
        return new StepLimit(perNode, () -> nanos);
    }

    private static int stepsOfOneNode(StepLimit limit) {
        limit.nextNode();
        for (int steps = 0; ; steps++) {
            try {
                limit.step();
            } catch (StepLimit.ReachedException e) {
                return steps;
            }
        }
    }

    @Test
    void eachNodeHasItsOwnTimeWhateverTheClockStartsAt() {
        StepLimit limit = limit(Duration.ofMillis(5));
        nanos += Duration.ofMillis(5).toNanos();
        limit.look();
        nanos++;
        assertThrows(StepLimit.ReachedException.class, limit::look);
        limit.nextNode();
        limit.look();
        nanos += Duration.ofMillis(6).toNanos();
        assertThrows(StepLimit.ReachedException.class, () -> {
            for (int i = 0; i < 100; i++) {
                limit.step();
            }
        });
    }

    @Test
    void noTimeAtAllIsNoLimitOfTime() {
        StepLimit limit = limit(Duration.ZERO);
        nanos += Duration.ofDays(1).toNanos();
        limit.look();
        limit.step();
    }

    @Test
    void moreTimeIsMoreStepsAndAllNodesTogetherHaveTenTimesThoseOfOne() {
        assertEquals(100_000, stepsOfOneNode(limit(Duration.ofMillis(1))));
        assertEquals(100_000, stepsOfOneNode(limit(Duration.ofSeconds(10))));
        assertEquals(600_000, stepsOfOneNode(limit(Duration.ofSeconds(60))));
        assertEquals(10_000_000, stepsOfOneNode(limit(Duration.ofDays(1000))));
        StepLimit limit = limit(Duration.ofSeconds(1));
        int all = 0;
        for (int node = 0; node < 12; node++) {
            all += stepsOfOneNode(limit);
        }
        assertEquals(1_000_000, all);
    }
}
