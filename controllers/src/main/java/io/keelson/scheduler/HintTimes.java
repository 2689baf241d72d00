package io.keelson.scheduler;

import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.HintWatch;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How long plugins take to say whether an event may help a pod. Of an event one plugin is asked about thousands of pods in a
 * row, so where its answers are counted is looked up once.
 */
final class HintTimes implements HintWatch {
    private static final double NANOS = 1e9;

    private final Histogram seconds;
    private String plugin = "";
    private @Nullable ClusterEvent event;
    private final @Nullable DistributionDataPoint[] points =
            new @Nullable DistributionDataPoint[Answer.values().length];

    HintTimes(PrometheusRegistry registry) {
        seconds = PluginTimes.histogram("scheduler_queueing_hint_execution_duration_seconds")
                .help("How long a plugin took to say whether an event may help a pod")
                .labelNames("plugin", "event", "hint")
                .register(registry);
    }

    @Override
    public void asked(String who, ClusterEvent what, Answer answer, long nanos) {
        if (what != event || !who.equals(plugin)) {
            event = what;
            plugin = who;
            Arrays.fill(points, null);
        }
        DistributionDataPoint point = points[answer.ordinal()];
        if (point == null) {
            point = seconds.labelValues(who, what.label(), answer.label());
            points[answer.ordinal()] = point;
        }
        point.observe(nanos / NANOS);
    }
}
