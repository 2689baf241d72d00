package io.keelson.cloud.service;

import io.keelson.controllers.runtime.ControllerMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Duration;
import java.util.function.Consumer;

/** What is counted of Services' load balancers: {@code service_controller_*}. */
final class ServiceMetrics {
    private final Counter syncs;
    private final Histogram nodeSyncs;
    private final Counter nodeSyncErrors;
    private final Histogram updates;

    ServiceMetrics(ControllerMetrics metrics) {
        syncs = metrics.counter(
                "service_controller_loadbalancer_sync_total",
                "How often a load balancer was set up because a Service or nodes changed");
        nodeSyncs = metrics.histogram(
                "service_controller_nodesync_latency_seconds",
                "How long it took until all load balancers had the nodes that changed",
                1,
                2,
                15);
        nodeSyncErrors = metrics.counter(
                "service_controller_nodesync_error_total",
                "How often a load balancer could not be brought to other nodes");
        updates = metrics.histogram(
                "service_controller_update_loadbalancer_host_latency_seconds",
                "How long it took to bring one load balancer to other nodes",
                1,
                2,
                15);
    }

    /** A load balancer is set up, or brought to other nodes. */
    void synced() {
        syncs.inc();
    }

    /** A load balancer was brought to other nodes, or not. */
    void updated(Duration took, boolean whole) {
        updates.observe(ControllerMetrics.seconds(took));
        if (!whole) {
            nodeSyncErrors.inc();
        }
    }

    /** Takes how long it was from a change of nodes until all load balancers had it. */
    Consumer<Duration> nodesSynced() {
        return took -> nodeSyncs.observe(ControllerMetrics.seconds(took));
    }
}
