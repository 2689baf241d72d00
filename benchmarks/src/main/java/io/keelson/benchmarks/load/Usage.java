package io.keelson.benchmarks.load;

import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * What CPU the processes of a target, and this one, had used at a moment; the beginning of a measurement.
 *
 * @param pids of the target; empty if they are not known
 */
public record Usage(List<Long> pids, long serverMicros, long clientMicros) {
    private static final List<Long> SELF = List.of(ProcessHandle.current().pid());

    /** The usage now; peaks of memory start again from here. */
    public static Usage of(List<Long> pids) {
        if (!pids.isEmpty()) {
            ProcessUsage.resetPeak(pids);
        }
        return new Usage(pids, ProcessUsage.cpuMicros(pids), ProcessUsage.cpuMicros(SELF));
    }

    /** What the processes hold in memory now, together, in millions of bytes; NaN if they are not known. */
    public static double residentMegabytes(List<Long> pids) {
        return pids.isEmpty() ? Double.NaN : ProcessUsage.residentBytes(pids) / 1e6;
    }

    /** What came of a loop that began at this moment and has just ended. */
    public Result result(ClosedLoop.Outcome outcome) {
        boolean local = !pids.isEmpty();
        double units = Math.max(1, outcome.units());
        Histogram latency = outcome.latency();
        return new Result(
                outcome.units() * 1e9 / outcome.nanos(),
                latency.getValueAtPercentile(50) / 1e6,
                latency.getValueAtPercentile(99) / 1e6,
                latency.getValueAtPercentile(99.9) / 1e6,
                local ? (ProcessUsage.cpuMicros(pids) - serverMicros) / units : Double.NaN,
                (ProcessUsage.cpuMicros(SELF) - clientMicros) / units,
                local ? ProcessUsage.peakResidentBytes(pids) / (double) (1 << 20) : Double.NaN,
                outcome.failures(),
                outcome.firstFailure());
    }
}
