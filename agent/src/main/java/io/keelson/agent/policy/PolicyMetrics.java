package io.keelson.agent.policy;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.stream.DoubleStream;

/** What is counted of policies. The original has no names for it, as it leaves policies to others. */
final class PolicyMetrics {
    private static final double NANOS = 1e9;
    private static final double[] TIMES =
            DoubleStream.iterate(0.001, bound -> bound * 2).limit(15).toArray();

    private final Histogram writes;
    private final Counter failures;
    private final Counter foreign;

    /**
     * Registers them.
     *
     * @param inputs what is counted when somebody asks
     */
    PolicyMetrics(PrometheusRegistry registry, PolicyInputs inputs) {
        writes = Histogram.builder()
                .name("keelson_network_policy_sync_duration_seconds")
                .help("How long the kernel's rules took to be written, all of them or what had changed")
                .labelNames("kind")
                .classicOnly()
                .classicUpperBounds(TIMES)
                .register(registry);
        failures = Counter.builder()
                .name("keelson_network_policy_sync_failures_total")
                .help("How often the kernel's rules could not be written")
                .register(registry);
        foreign = Counter.builder()
                .name("keelson_network_policy_foreign_changes_total")
                .help("How often somebody else had changed the rules, so that all were written again")
                .register(registry);
        GaugeWithCallback _ = GaugeWithCallback.builder()
                .name("keelson_network_policies")
                .help("Policies of the cluster")
                .callback(callback -> callback.call(inputs.policyCount()))
                .register(registry);
        GaugeWithCallback _ = GaugeWithCallback.builder()
                .name("keelson_network_policy_isolated_addresses")
                .help("Addresses of pods of this node that policies isolate")
                .labelNames("direction")
                .callback(callback -> List.of(Direction.values())
                        .forEach(direction -> callback.call(inputs.isolatedCount(direction), direction.label())))
                .register(registry);
    }

    /** Rules were written. */
    void wrote(boolean isWhole, long nanos) {
        writes.labelValues(isWhole ? "full" : "partial").observe(nanos / NANOS);
    }

    /** Rules were not written. */
    void failed() {
        failures.inc();
    }

    /** Somebody else has changed the rules. */
    void changedByOthers() {
        foreign.inc();
    }
}
