package io.keelson.apiserver.health;

import io.keelson.kvstore.metrics.Metrics;

/** Counts what came of checks: what {@code /metrics/slis} tells. Any thread. */
public final class HealthMetrics {
    private final Metrics.Gauges last;
    private final Metrics.Counters total;

    public HealthMetrics(Metrics metrics) {
        last = metrics.gauges(
                "kubernetes_healthcheck", "What came of a check last: 1 if all is well, by name and type.");
        total = metrics.counters("kubernetes_healthchecks_total", "Checks, by name, type and what came of them.");
    }

    /** @param root who wanted to know: {@code healthz}, {@code livez} or {@code readyz} */
    void checked(String root, String name, boolean fine) {
        String nameLabel = Metrics.label("name", name);
        String type = Metrics.label("type", root);
        last.at(nameLabel + "," + type).set(fine ? 1 : 0);
        total.at(nameLabel + "," + Metrics.label("status", fine ? "success" : "error") + "," + type)
                .increment();
    }
}
