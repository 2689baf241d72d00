package io.keelson.kvstore.hostile;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** How good clients fared for a while. Times in nanoseconds, sorted. */
public record Look(long[] tookNanos, List<String> failures) {
    /** Milliseconds; not a number if nothing was measured. */
    public double millisAt(double quantile) {
        if (tookNanos.length == 0) {
            return Double.NaN;
        }
        int at = (int) Math.ceil(quantile * tookNanos.length) - 1;
        return tookNanos[Math.clamp(at, 0, tookNanos.length - 1)] / 1e6;
    }

    /** This one and another, as one. */
    public Look and(Look other) {
        long[] all = LongStream.concat(Arrays.stream(tookNanos), Arrays.stream(other.tookNanos))
                .sorted()
                .toArray();
        return new Look(
                all, Stream.concat(failures.stream(), other.failures.stream()).toList());
    }
}
