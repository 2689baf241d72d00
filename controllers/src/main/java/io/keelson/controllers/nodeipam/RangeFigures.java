package io.keelson.controllers.nodeipam;

import io.keelson.controllers.runtime.ControllerMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;

/** What is counted of the ranges of nodes: {@code node_ipam_controller_*}, by the cluster's range. */
final class RangeFigures {
    private static final String PREFIX = "node_ipam_controller_";
    private static final String LABEL = "clusterCIDR";

    private final Counter allocations;
    private final Counter releases;
    private final Gauge usage;
    private final Gauge most;
    private final Histogram tries;

    RangeFigures(ControllerMetrics metrics) {
        allocations = metrics.counter(PREFIX + "cidrset_cidrs_allocations_total", "Ranges that were taken", LABEL);
        releases = metrics.counter(PREFIX + "cidrset_cidrs_releases_total", "Ranges that were freed", LABEL);
        usage = metrics.gauge(PREFIX + "cidrset_usage_cidrs", "Which part of the ranges is taken", LABEL);
        // The original's name has this mistake.
        most = metrics.gauge(PREFIX + "cirdset_max_cidrs", "How many ranges there are", LABEL);
        tries = metrics.histogram(
                PREFIX + "cidrset_allocation_tries_per_request",
                "How many ranges that were taken were passed over before a free one was found",
                1,
                5,
                5,
                LABEL);
    }

    /** Counts the ranges of a cluster's range. */
    CidrSet.Listener of(Cidr cluster) {
        String label = cluster.toString();
        return new CidrSet.Listener() {
            @Override
            public void made(int size) {
                most.labelValues(label).set(size);
                usage.labelValues(label).set(0);
            }

            @Override
            public void searched(int passed) {
                tries.labelValues(label).observe(passed);
            }

            @Override
            public void taken(int used, int size) {
                allocations.labelValues(label).inc();
                usage.labelValues(label).set((double) used / size);
            }

            @Override
            public void released(int used, int size) {
                releases.labelValues(label).inc();
                usage.labelValues(label).set((double) used / size);
            }
        };
    }
}
