package io.keelson.agent.stats;

import io.keelson.agent.resources.CgroupUsage.Memory;
import io.keelson.agent.stats.NodeUsage.ContainerUsage;
import io.keelson.agent.stats.NodeUsage.Figures;
import io.keelson.agent.stats.NodeUsage.PodUsage;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.Optional;

/** A look as {@code /metrics/resource} shows it, under the kubelet's names: what a metrics server asks for. */
final class ResourceMetrics {
    private static final String SCRAPE = "resource_scrape_error";
    private static final String SCRAPE_HELP = "1 if there was an error while getting container metrics, 0 otherwise";

    private final MetricTable table = new MetricTable();

    private ResourceMetrics() {}

    static MetricSnapshots of(NodeUsage usage) {
        ResourceMetrics metrics = new ResourceMetrics();
        metrics.add("node", "node", Labels.EMPTY, usage.figures());
        metrics.swap("node", "node", Labels.EMPTY, usage.figures());
        for (PodUsage pod : usage.pods()) {
            Labels labels = Labels.of("namespace", pod.namespace(), "pod", pod.name());
            pod.containers().forEach(container -> metrics.add(container, labels));
            pod.figures().ifPresent(figures -> {
                metrics.add("pod", "pod", labels, figures);
                metrics.swap("pod", "pod", labels, figures);
            });
        }
        metrics.table.gauge(SCRAPE, SCRAPE_HELP, Labels.EMPTY, 0, null);
        return metrics.table.snapshots();
    }

    /** What there is to say if nobody could look. */
    static MetricSnapshots failed() {
        MetricTable table = new MetricTable();
        table.gauge(SCRAPE, SCRAPE_HELP, Labels.EMPTY, 1, null);
        return table.snapshots();
    }

    private void add(ContainerUsage container, Labels ofPod) {
        Labels labels = ofPod.add("container", container.name());
        if (container.since().isAfter(Instant.EPOCH)) {
            table.gauge(
                    "container_start_time_seconds",
                    "Start time of the container since unix epoch in seconds",
                    labels,
                    container.since().toEpochMilli() / 1e3,
                    null);
        }
        Optional<Figures> known = container.figures();
        if (known.isEmpty()) {
            return;
        }
        add("container", "container", labels, known.get());
        swap("container", "container", labels, known.get());
        Memory memory = known.get().usage().memory();
        memory.swapLimitBytes()
                .ifPresent(limit -> table.gauge(
                        "container_swap_limit_bytes",
                        "Current amount of the container swap limit in bytes. Reported only on non-windows systems",
                        labels,
                        limit,
                        known.get().time()));
    }

    private void add(String prefix, String whose, Labels labels, Figures figures) {
        table.counter(
                prefix + "_cpu_usage_seconds_total",
                "Cumulative cpu time consumed by the " + whose + " in core-seconds",
                labels,
                MetricTable.seconds(figures.usage().cpu().nanos()),
                figures.time());
        table.gauge(
                prefix + "_memory_working_set_bytes",
                "Current working set of the " + whose + " in bytes",
                labels,
                figures.usage().memory().workingSetBytes(),
                figures.time());
    }

    private void swap(String prefix, String whose, Labels labels, Figures figures) {
        table.gauge(
                prefix + "_swap_usage_bytes",
                "Current swap usage of the " + whose + " in bytes. Reported only on non-windows systems",
                labels,
                figures.usage().memory().swapBytes(),
                figures.time());
    }
}
