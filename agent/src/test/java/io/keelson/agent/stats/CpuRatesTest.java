package io.keelson.agent.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** A rate is what was used over the last seconds. */
class CpuRatesTest {
    private static final Instant BEGIN = Instant.parse("2026-01-02T03:04:05Z");
    private static final long SECOND = 1_000_000_000;

    private final CpuRates rates = new CpuRates();

    private OptionalLong at(long millis, long nanos) {
        return rates.rate("a", BEGIN.plusMillis(millis), nanos);
    }

    @Test
    void isNotKnownFromOneSample() {
        assertEquals(OptionalLong.empty(), at(0, 5 * SECOND));
        assertEquals(OptionalLong.empty(), at(100, 5 * SECOND));
    }

    @Test
    void isThatOfTheLastSeconds() {
        assertEquals(OptionalLong.empty(), at(0, 0));
        assertEquals(OptionalLong.of(SECOND), at(10_000, 10 * SECOND));
        assertEquals(OptionalLong.of(SECOND / 2), at(20_000, 15 * SECOND));
    }

    @Test
    void doesNotJumpIfItIsAskedOften() {
        var _ = at(0, 0);
        var _ = at(10_000, 10 * SECOND);
        // Eleven seconds with ten and a half used, not half a second with a half used.
        assertEquals(OptionalLong.of((long) (10.5 * SECOND / 10.5)), at(10_500, (long) (10.5 * SECOND)));
        assertEquals(OptionalLong.of(SECOND / 2), at(20_500, (long) (15.5 * SECOND)));
    }

    @Test
    void beginsAnewWithACounterThatDoes() {
        var _ = at(0, 10 * SECOND);
        assertEquals(OptionalLong.empty(), at(10_000, SECOND));
        assertEquals(OptionalLong.of(SECOND / 10), at(20_000, 2 * SECOND));
    }

    @Test
    void isForgottenWithWhatIsGone() {
        var _ = at(0, 0);
        rates.keep(Set.of("b"));
        assertEquals(OptionalLong.empty(), at(10_000, SECOND));
    }

    @Property(tries = 200)
    void neverIsMoreThanWhatWasUsed(
            @ForAll @Size(min = 2, max = 30) List<@IntRange(min = 1, max = 20_000) Integer> pauses,
            @ForAll @LongRange(min = 0, max = 8_000) long thousandths) {
        CpuRates some = new CpuRates();
        Instant at = BEGIN;
        long nanos = 0;
        var _ = some.rate("x", at, 0);
        for (int pause : pauses) {
            at = at.plus(Duration.ofMillis(pause));
            nanos += pause * thousandths * 1000;
            OptionalLong rate = some.rate("x", at, nanos);
            long exact = thousandths * 1_000_000;
            assertTrue(rate.isEmpty() || Math.abs(rate.getAsLong() - exact) <= 1 + exact / 1_000_000, rate::toString);
        }
    }
}
