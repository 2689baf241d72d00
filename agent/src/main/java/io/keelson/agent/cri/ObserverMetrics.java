package io.keelson.agent.cri;

import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;

/** What is counted of looks at the runtime, under the kubelet's names. */
public final class ObserverMetrics {
    private static final double NANOS = 1e9;
    private static final double[] TIMES = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

    private final Histogram durations;
    private final Histogram intervals;
    private final Gauge lastSeen;

    /** Counts in a registry. */
    public ObserverMetrics(PrometheusRegistry registry) {
        durations = histogram(
                "kubelet_pleg_relist_duration_seconds", "How long looks at all that the runtime has took", registry);
        intervals = histogram(
                "kubelet_pleg_relist_interval_seconds", "How long after another such looks began", registry);
        lastSeen = Gauge.builder()
                .name("kubelet_pleg_last_seen_seconds")
                .help("When the runtime last told what it has, in seconds since 1970")
                .register(registry);
    }

    private static Histogram histogram(String name, String help, PrometheusRegistry registry) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .classicOnly()
                .classicUpperBounds(TIMES)
                .register(registry);
    }

    void began(Duration afterTheLast) {
        intervals.observe(afterTheLast.toNanos() / NANOS);
    }

    void ended(Duration took, Instant clock) {
        durations.observe(took.toNanos() / NANOS);
        lastSeen.set((double) clock.getEpochSecond());
    }
}
