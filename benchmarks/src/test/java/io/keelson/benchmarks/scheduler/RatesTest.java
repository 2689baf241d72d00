package io.keelson.benchmarks.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class RatesTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void eachSecondHasItsRate() {
        Rates rates = new Rates(0, 100);
        for (int second = 1; second <= 10; second++) {
            rates.add(second * SECOND, 100 + 10L * second * (second + 1) / 2);
        }
        assertEquals(50, rates.percentile(50), 1e-9);
        assertEquals(100, rates.percentile(95), 1e-9);
        assertEquals(10, rates.percentile(1), 1e-9);
    }

    @Test
    void secondsWithoutAnyHaveTheRateOfTheTimeUntilSomeCame() {
        Rates rates = new Rates(0, 0);
        rates.add(SECOND, 30);
        rates.add(2 * SECOND, 30);
        rates.add(3 * SECOND, 30);
        rates.add(4 * SECOND, 60);
        assertEquals(10, rates.percentile(75), 1e-9);
        assertEquals(30, rates.percentile(76), 1e-9);
    }

    @Test
    void secondsWithoutAnyAtTheEndDoNotCount() {
        Rates rates = new Rates(0, 0);
        rates.add(SECOND, 30);
        rates.add(2 * SECOND, 30);
        rates.end(2 * SECOND, 30);
        assertEquals(30, rates.percentile(1), 1e-9);
    }

    @Test
    void whatTookLessThanASecondHasARateAllTheSame() {
        Rates rates = new Rates(5, 0);
        assertTrue(Double.isNaN(rates.percentile(50)));
        rates.end(5 + SECOND / 2, 30);
        assertEquals(60, rates.percentile(50), 1e-9);
    }
}
