package io.keelson.apiserver.fairness;

import io.keelson.kvstore.metrics.Metrics;
import java.util.ArrayList;
import java.util.List;

/**
 * For how long a ratio had which values: a distribution in which every nanosecond counts as one observation. It is looked at
 * now and then, and what is seen stands for the time since the last look. Any thread.
 */
final class TimedRatio {
    private final double[] bounds;
    private final long[] nanosIn;
    private double sum;

    /** @param bounds upper ones of buckets, in rising order; another bucket is for what is beyond */
    TimedRatio(double... bounds) {
        this.bounds = bounds.clone();
        this.nanosIn = new long[bounds.length + 1];
    }

    /** The ratio is this, and was for so long. */
    synchronized void observe(double ratio, long nanos) {
        int bucket = 0;
        while (bucket < bounds.length && ratio > bounds[bucket]) {
            bucket++;
        }
        nanosIn[bucket] += nanos;
        sum += ratio * nanos;
    }

    /** The lines of it, all with these labels. */
    synchronized List<Metrics.Sample> samples(String labels) {
        List<Metrics.Sample> samples = new ArrayList<>();
        double total = 0;
        for (int i = 0; i < nanosIn.length; i++) {
            total += nanosIn[i];
            String bound = i < bounds.length ? text(bounds[i]) : "+Inf";
            samples.add(new Metrics.Sample("_bucket", labels + "," + Metrics.label("le", bound), total));
        }
        samples.add(new Metrics.Sample("_sum", labels, sum));
        samples.add(new Metrics.Sample("_count", labels, total));
        return samples;
    }

    private static String text(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }
}
