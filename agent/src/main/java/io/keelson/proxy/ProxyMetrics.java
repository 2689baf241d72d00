package io.keelson.proxy;

import io.keelson.proxy.rules.Family;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** What the proxy counts, under the names of kube-proxy. */
public final class ProxyMetrics {
    private static final String FAMILY = "ip_family";
    private static final double NANOS = 1e9;
    private static final double MILLIS = 1e3;
    private static final double[] SYNC_TIMES =
            DoubleStream.iterate(0.001, bound -> bound * 2).limit(15).toArray();
    private static final double[] PROGRAMMING_TIMES = Stream.of(
                    DoubleStream.of(0, 0.25, 0.5),
                    DoubleStream.iterate(1, bound -> bound + 1).limit(59),
                    DoubleStream.iterate(60, bound -> bound + 5).limit(12),
                    DoubleStream.iterate(120, bound -> bound + 30).limit(7))
            .flatMapToDouble(bounds -> bounds)
            .toArray();

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Histogram syncs = histogram(
            "kubeproxy_sync_proxy_rules_duration_seconds", "How long rules took to be brought up to date", SYNC_TIMES);
    private final Histogram fullSyncs = histogram(
            "kubeproxy_sync_full_proxy_rules_duration_seconds",
            "How long rules took to be brought up to date when all were looked at",
            SYNC_TIMES);
    private final Histogram partialSyncs = histogram(
            "kubeproxy_sync_partial_proxy_rules_duration_seconds",
            "How long rules took to be brought up to date when what had changed was known",
            SYNC_TIMES);
    private final Histogram programming = histogram(
            "kubeproxy_network_programming_duration_seconds",
            "How long after the change of a Service or a pod the rules were up to date",
            PROGRAMMING_TIMES);
    private final Gauge lastSync =
            gauge("kubeproxy_sync_proxy_rules_last_timestamp_seconds", "When rules were last brought up to date");
    private final Gauge lastQueued = gauge(
            "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds",
            "When rules were last found to need to be brought up to date");
    private final Counter endpointChanges =
            counter("kubeproxy_sync_proxy_rules_endpoint_changes_total", "Changes of slices of endpoints seen");
    private final Counter serviceChanges =
            counter("kubeproxy_sync_proxy_rules_service_changes_total", "Changes of Services seen");
    private final Counter failures =
            counter("kubeproxy_sync_proxy_rules_nftables_sync_failures_total", "How often the kernel refused rules");
    private final Counter flows =
            counter("kubeproxy_conntrack_reconciler_deleted_entries_total", "Tracked connections that were forgotten");
    private final Histogram flowCleanings = histogram(
            "kubeproxy_conntrack_reconciler_sync_duration_seconds",
            "How long tracked connections took to be looked through",
            SYNC_TIMES);
    private final Counter healthz = Counter.builder()
            .name("kubeproxy_proxy_healthz_total")
            .help("Answers to who asked for the health, by their code")
            .labelNames("code")
            .register(registry);
    private final Counter livez = Counter.builder()
            .name("kubeproxy_proxy_livez_total")
            .help("Answers to who asked whether the proxy lives, by their code")
            .labelNames("code")
            .register(registry);

    private Histogram histogram(String name, String help, double[] bounds) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .labelNames(FAMILY)
                .classicOnly()
                .classicUpperBounds(bounds)
                .register(registry);
    }

    private Gauge gauge(String name, String help) {
        return Gauge.builder().name(name).help(help).labelNames(FAMILY).register(registry);
    }

    private Counter counter(String name, String help) {
        return Counter.builder().name(name).help(help).labelNames(FAMILY).register(registry);
    }

    /** All figures. */
    public PrometheusRegistry registry() {
        return registry;
    }

    /** Tells how many Services and slices wait: first the one, then the other. */
    void waiting(List<Family> families, Supplier<long[]> waiting) {
        waiting(
                "kubeproxy_sync_proxy_rules_service_changes_pending",
                "Changes of Services not in effect yet",
                families,
                () -> waiting.get()[0]);
        waiting(
                "kubeproxy_sync_proxy_rules_endpoint_changes_pending",
                "Changes of slices not in effect yet",
                families,
                () -> waiting.get()[1]);
    }

    private void waiting(String name, String help, List<Family> families, Supplier<Long> count) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(FAMILY)
                .callback(callback -> families.forEach(family -> callback.call(count.get(), family.toString())))
                .register(registry);
    }

    private static double seconds(Instant at) {
        return at.toEpochMilli() / MILLIS;
    }

    void changed(Family family, int services, int slices, Instant now) {
        serviceChanges.labelValues(family.toString()).inc(services);
        endpointChanges.labelValues(family.toString()).inc(slices);
        lastQueued.labelValues(family.toString()).set(seconds(now));
    }

    void synced(Family family, long nanos, boolean isFull, Instant now) {
        String label = family.toString();
        syncs.labelValues(label).observe(nanos / NANOS);
        (isFull ? fullSyncs : partialSyncs).labelValues(label).observe(nanos / NANOS);
        lastSync.labelValues(label).set(seconds(now));
    }

    void failed(Family family) {
        failures.labelValues(family.toString()).inc();
    }

    /** A change that was made at a moment is in effect. */
    void programmed(Family family, Instant triggered, Instant now) {
        // Clocks of two machines differ.
        double took = Math.max(0, Duration.between(triggered, now).toNanos() / NANOS);
        programming.labelValues(family.toString()).observe(took);
    }

    void flowsForgotten(Family family, int count, long nanos) {
        flows.labelValues(family.toString()).inc(count);
        flowCleanings.labelValues(family.toString()).observe(nanos / NANOS);
    }

    void answered(boolean isHealthz, int code) {
        (isHealthz ? healthz : livez).labelValues(Integer.toString(code)).inc();
    }
}
