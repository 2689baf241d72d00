package io.keelson.controllers.nodelifecycle;

import io.keelson.controllers.runtime.ControllerMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** What is counted of nodes and zones: {@code node_collector_*}. */
final class NodeMetrics {
    private final Gauge sizes;
    private final Gauge health;
    private final Gauge unhealthy;
    private final Counter evictions;
    private final Histogram look;
    private final Histogram looks;
    private Set<String> zones = Set.of();

    NodeMetrics(ControllerMetrics metrics) {
        sizes = metrics.gauge("node_collector_zone_size", "Nodes of a zone", "zone");
        health = metrics.gauge("node_collector_zone_health", "Percentage of a zone's nodes that are ready", "zone");
        unhealthy =
                metrics.gauge("node_collector_unhealthy_nodes_in_zone", "Nodes of a zone that are not ready", "zone");
        evictions = metrics.counter("node_collector_evictions_total", "Nodes of a zone that were given up", "zone");
        look = metrics.histogram(
                "node_collector_update_node_health_duration_seconds", "How long a look at a node took", 0.001, 4, 8);
        looks = metrics.histogram(
                "node_collector_update_all_nodes_health_duration_seconds",
                "How long a look at all nodes took",
                0.01,
                4,
                8);
    }

    /** How the zones are that have nodes. One thread. */
    void zones(Map<String, Disruption.Count> counts) {
        for (String gone : zones) {
            if (!counts.containsKey(gone)) {
                sizes.remove(gone);
                health.remove(gone);
                unhealthy.remove(gone);
            }
        }
        zones = Set.copyOf(counts.keySet());
        counts.forEach((zone, count) -> {
            sizes.labelValues(zone).set(count.size());
            health.labelValues(zone).set(100.0 * count.ready() / count.size());
            unhealthy.labelValues(zone).set(count.notReady());
        });
    }

    /** A node was given up. */
    void evicted(String zone) {
        evictions.labelValues(zone).inc();
    }

    /** A node was looked at. */
    void looked(Duration time) {
        look.observe(ControllerMetrics.seconds(time));
    }

    /** All nodes were looked at. */
    void lookedAtAll(Duration time) {
        looks.observe(ControllerMetrics.seconds(time));
    }
}
