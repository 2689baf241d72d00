package io.keelson.agent.resources;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuSharesTest {
    @ParameterizedTest
    @CsvSource({
        "-1, 2",
        "0, 2",
        "1, 2",
        "2, 2",
        "100, 102",
        "1000, 1024",
        "256000, 262144",
        "9223372036854775807, 262144"
    })
    void aProcessorIs1024Shares(long milli, long shares) {
        assertEquals(shares, CpuShares.shares(milli));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1000", "10, 1000", "500, 50000", "2500, 250000", "9223372036854775807, 9223372036854775"})
    void aQuotaIsAPartOfThePeriodButNotLessThanAMillisecond(long milli, long micros) {
        assertEquals(micros, CpuShares.quota(milli, 100_000));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "2, 1", "1024, 100", "262144, 10000", "1000000, 10000"})
    void theEndsAndTheUsualValueOfBothScalesAreTheSame(long shares, long weight) {
        assertEquals(weight, CpuShares.weight(shares));
    }

    @Property(tries = 500)
    void moreSharesNeverWeighLess(@ForAll @LongRange(min = 2, max = 262_143) long shares) {
        long weight = CpuShares.weight(shares);
        assertTrue(weight >= 1 && weight <= 10_000);
        assertTrue(CpuShares.weight(shares + 1) >= weight);
        long back = CpuShares.ofWeight(weight);
        assertTrue(back <= shares);
        assertEquals(weight, CpuShares.weight(back));
    }
}
