package io.keelson.agent.eviction;

import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;

/** What is counted of evictions, under the kubelet's names. */
public final class EvictionMetrics {
    private static final double NANOS = 1e9;
    private static final double[] TIMES = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
    private static final String SIGNAL = "eviction_signal";

    /** A counter; but no name of a counter is written that does not end in {@code _total}. */
    private final Gauge evictions;

    private final Histogram ages;

    /** Counts in a registry. */
    public EvictionMetrics(PrometheusRegistry registry) {
        evictions = Gauge.builder()
                .name("kubelet_evictions")
                .help("Pods that were ended for want of something, by what it was")
                .labelNames(SIGNAL)
                .register(registry);
        ages = Histogram.builder()
                .name("kubelet_eviction_stats_age_seconds")
                .help("How old it was what was known of the node when pods were ended, by the signal")
                .labelNames(SIGNAL)
                .classicOnly()
                .classicUpperBounds(TIMES)
                .register(registry);
    }

    void evicted(String signal) {
        evictions.labelValues(signal).inc();
    }

    void age(String signal, Duration age) {
        ages.labelValues(signal).observe(age.toNanos() / NANOS);
    }
}
