package io.keelson.kvstore.hostile;

import java.util.List;

/**
 * Whether good clients kept their latency under an attack, beside what it was when nobody attacked. It goes by the median
 * of the p99s of the attack's rounds: in one round there are only some hundred calls, and a machine of two cores that
 * attackers, members and clients share has a bad one now and then.
 *
 * @param quietP99Ms p99 while nobody attacks, in milliseconds
 */
record LatencyVerdict(double quietP99Ms) {
    /** How many times the quiet p99 the median may be. */
    static final double TIMES_MAX = 20;

    /** What the median may be however quick calls are otherwise, in milliseconds. */
    static final double ALWAYS_ALLOWED_MS = 250;

    /** What the median may be, in milliseconds. */
    double medianMsMax() {
        return Math.max(ALWAYS_ALLOWED_MS, TIMES_MAX * quietP99Ms);
    }

    /** The median of the rounds' p99s, the lower one of two, in milliseconds; not a number if there is none. */
    static double medianMs(List<Double> roundsP99Ms) {
        List<Double> sorted = roundsP99Ms.stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get((sorted.size() - 1) / 2);
    }

    /** Whether that is within bounds; not if nothing was measured, under the attack or before. */
    boolean kept(List<Double> roundsP99Ms) {
        return medianMs(roundsP99Ms) <= medianMsMax();
    }
}
