package io.keelson.metrics;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What was used between two points.
 *
 * @param time of the later one
 * @param window between them
 * @param cpuNanocores of processors on average: 1,000,000,000 for one that was never idle
 * @param memoryBytes at the later one
 */
record Usage(Instant time, Duration window, long cpuNanocores, long memoryBytes) {
    private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);

    /** Between two points; empty if the later one is not later, or something else is counted than before. */
    static Optional<Usage> between(UsagePoint earlier, UsagePoint later) {
        Duration window = Duration.between(earlier.time(), later.time());
        long used = later.cpuNanos() - earlier.cpuNanos();
        if (window.isNegative() || window.isZero() || used < 0) {
            return Optional.empty();
        }
        BigInteger nanos =
                BigInteger.valueOf(window.getSeconds()).multiply(NANOS).add(BigInteger.valueOf(window.getNano()));
        BigInteger rate = BigInteger.valueOf(used).multiply(NANOS).divide(nanos);
        long bounded = rate.bitLength() < Long.SIZE ? rate.longValue() : Long.MAX_VALUE;
        return Optional.of(new Usage(later.time(), window, bounded, later.memoryBytes()));
    }
}
