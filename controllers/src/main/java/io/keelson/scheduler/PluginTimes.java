package io.keelson.scheduler;

import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.BooleanSupplier;

/** How long each plugin takes, of some decisions: to measure all would take long itself. Any thread. */
final class PluginTimes {
    private static final double NANOS = 1e9;
    private static final double FIRST = 0.00001;
    private static final double FACTOR = 1.5;
    private static final int BUCKETS = 20;

    private final BooleanSupplier closely;
    private final Histogram seconds;

    PluginTimes(PrometheusRegistry registry, BooleanSupplier closely) {
        this.closely = closely;
        seconds = histogram("scheduler_plugin_execution_duration_seconds")
                .help("How long a plugin took for a pod or a node, of some decisions")
                .labelNames("plugin", "extension_point", "status")
                .register(registry);
    }

    /** With the bounds that kube-scheduler has for what is quick. */
    static Histogram.Builder histogram(String name) {
        return Histogram.builder().name(name).classicOnly().classicExponentialUpperBounds(FIRST, FACTOR, BUCKETS);
    }

    /** Whether what begins now is measured. */
    boolean looksClosely() {
        return closely.getAsBoolean();
    }

    void executed(String plugin, String point, String status, long nanos) {
        seconds.labelValues(plugin, point, status).observe(nanos / NANOS);
    }
}
