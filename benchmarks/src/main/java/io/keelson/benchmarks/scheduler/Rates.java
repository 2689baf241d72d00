package io.keelson.benchmarks.scheduler;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How fast pods got nodes, second by second, by the rule of scheduler_perf's SchedulingThroughput: seconds in which
 * none did have the rate of the time until the next one in which some did; such seconds at the end do not count.
 */
final class Rates {
    private final List<Double> perSecond = new ArrayList<>();
    private long lastNanos;
    private long lastCount;
    private int idle;

    /** @param count how many pods had nodes at this moment, which is the beginning */
    Rates(long nanos, long count) {
        this.lastNanos = nanos;
        this.lastCount = count;
    }

    /** So many have nodes now; called once a second. */
    void add(long nanos, long count) {
        if (count <= lastCount || nanos <= lastNanos) {
            idle++;
            return;
        }
        double rate = (count - lastCount) * 1e9 / (nanos - lastNanos);
        for (int i = 0; i <= idle; i++) {
            perSecond.add(rate);
        }
        idle = 0;
        lastNanos = nanos;
        lastCount = count;
    }

    /** The last pod has a node; what is left of a second counts only if there was no whole one. */
    void end(long nanos, long count) {
        if (perSecond.isEmpty()) {
            add(nanos, count);
        }
    }

    /**
     * The rate that a part of all seconds did not go beyond.
     *
     * @param percent from 1 to 100
     * @return NaN if nothing was counted
     */
    double percentile(int percent) {
        if (perSecond.isEmpty()) {
            return Double.NaN;
        }
        double[] sorted = perSecond.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        int place = (int) Math.ceil(sorted.length * percent / 100.0) - 1;
        return sorted[Math.max(0, place)];
    }
}
