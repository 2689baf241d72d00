package io.keelson.agent.resources.topology;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;

/** What is counted of pods that are to lie close together, under the kubelet's names. */
public final class TopologyMetrics {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double FIRST_MS = 0.05;
    private static final int BUCKETS = 15;

    private final Counter requests;
    private final Counter errors;
    private final Histogram durations;

    /** Counts in a registry. */
    public TopologyMetrics(PrometheusRegistry registry) {
        requests = Counter.builder()
                .name("kubelet_topology_manager_admission_requests_total")
                .help("Pods that were looked at whether what they get lies close together")
                .register(registry);
        errors = Counter.builder()
                .name("kubelet_topology_manager_admission_errors_total")
                .help("Pods that were kept out since it does not")
                .register(registry);
        durations = Histogram.builder()
                .name("kubelet_topology_manager_admission_duration_ms")
                .help("How long it took to look, in milliseconds")
                .classicOnly()
                .classicExponentialUpperBounds(FIRST_MS, 2, BUCKETS)
                .register(registry);
    }

    void admitted(boolean isIn, Duration took) {
        requests.inc();
        if (!isIn) {
            errors.inc();
        }
        durations.observe(took.toNanos() / NANOS_PER_MILLI);
    }
}
