package io.keelson.benchmarks.load;

/**
 * One measurement of one workload on one target.
 *
 * @param perSecond what the workload counts, per second
 * @param p50Ms median latency (or lag) in milliseconds, NaN where the workload has none
 * @param p99Ms 99th percentile
 * @param p999Ms 99.9th percentile
 * @param serverCpuMicros CPU time of all members per unit, in microseconds; NaN if their processes are not known
 * @param clientCpuMicros CPU time of the load tool per unit
 * @param peakMebibytes peak resident size of all members together, NaN if not known
 * @param failures requests that failed
 * @param firstFailure why the first of them did
 */
public record Result(
        double perSecond,
        double p50Ms,
        double p99Ms,
        double p999Ms,
        double serverCpuMicros,
        double clientCpuMicros,
        double peakMebibytes,
        long failures,
        String firstFailure) {}
