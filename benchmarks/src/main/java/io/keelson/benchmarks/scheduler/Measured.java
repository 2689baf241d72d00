package io.keelson.benchmarks.scheduler;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What came of one measurement; NaN is not known.
 *
 * @param pods how many got a node in it
 * @param perSecond on average, from its beginning until the last pod had one
 * @param p50PerSecond rate of single seconds, by scheduler_perf's rule
 * @param decisionFinestMs decisions that took less than this are not told apart
 * @param apiMicros CPU of the API server and its store for each pod
 */
record Measured(
        long pods,
        double perSecond,
        double p50PerSecond,
        double p95PerSecond,
        double decisionP50Ms,
        double decisionP99Ms,
        double decisionFinestMs,
        double attemptP50Ms,
        double attemptP99Ms,
        double apiMicros,
        double schedulerMicros,
        double clientMicros,
        double apiPeakMebibytes,
        double schedulerPeakMebibytes) {

    /** The median of each figure over some rounds. */
    static Measured median(List<Measured> rounds) {
        return new Measured(
                Math.round(median(rounds, Measured::pods)),
                median(rounds, Measured::perSecond),
                median(rounds, Measured::p50PerSecond),
                median(rounds, Measured::p95PerSecond),
                median(rounds, Measured::decisionP50Ms),
                median(rounds, Measured::decisionP99Ms),
                median(rounds, Measured::decisionFinestMs),
                median(rounds, Measured::attemptP50Ms),
                median(rounds, Measured::attemptP99Ms),
                median(rounds, Measured::apiMicros),
                median(rounds, Measured::schedulerMicros),
                median(rounds, Measured::clientMicros),
                median(rounds, Measured::apiPeakMebibytes),
                median(rounds, Measured::schedulerPeakMebibytes));
    }

    private static double median(List<Measured> rounds, ToDoubleFunction<Measured> figure) {
        double[] sorted = rounds.stream().mapToDouble(figure).toArray();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
