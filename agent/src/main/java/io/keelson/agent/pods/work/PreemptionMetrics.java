package io.keelson.agent.pods.work;

import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What is counted of pods that made room for others, under the kubelet's name. */
public final class PreemptionMetrics {
    /** A counter; but no name of a counter is written that does not end in {@code _total}. */
    private final Gauge preemptions;

    /** Counts in a registry. */
    public PreemptionMetrics(PrometheusRegistry registry) {
        preemptions = Gauge.builder()
                .name("kubelet_preemptions")
                .help("Pods that were ended to make room for a critical one, by the resource that was lacking first")
                .labelNames("preemption_signal")
                .register(registry);
    }

    void preempted(String resource) {
        preemptions.labelValues(resource).inc();
    }
}
