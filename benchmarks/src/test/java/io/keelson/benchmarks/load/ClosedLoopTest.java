package io.keelson.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ClosedLoopTest {
    private static final long LONG = TimeUnit.HOURS.toNanos(1);
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);

    @Test
    void aTargetThatIsGoneIsGivenUp() {
        AtomicInteger asked = new AtomicInteger();
        ClosedLoop.Operation untilItDies = (_, done) -> {
            if (asked.incrementAndGet() <= 10) {
                done.succeeded(1);
            } else {
                done.failed(new IOException("connection refused"));
            }
        };
        IllegalStateException told = assertThrows(
                IllegalStateException.class, () -> ClosedLoop.run(untilItDies, 2, LONG, Long.MAX_VALUE, PATIENCE));
        assertEquals("all requests failed for 1 s, the last of them with: connection refused", told.getMessage());
    }

    @Test
    void aTargetThatComesBackIsNot() throws Exception {
        long begin = System.nanoTime();
        ClosedLoop.Operation awayForAWhile = (_, done) -> {
            if (System.nanoTime() - begin < PATIENCE / 2) {
                done.failed(new IOException("no leader"));
            } else {
                done.succeeded(1);
            }
        };
        ClosedLoop.Outcome outcome = ClosedLoop.run(awayForAWhile, 2, 3 * PATIENCE, 1_000, PATIENCE);
        assertEquals("no leader", outcome.firstFailure());
        assertEquals(1_000, outcome.units() + outcome.failures());
    }
}
