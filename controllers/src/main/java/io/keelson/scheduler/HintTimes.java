package io.keelson.scheduler;

import io.keelson.scheduler.queue.ClusterEvent;
import io.keelson.scheduler.queue.HintWatch;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.EnumMap;
import java.util.Map;
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
    private final Map<Answer, DistributionDataPoint> points = new EnumMap<>(Answer.class);

    /** @param seconds by plugin, event and answer */
    HintTimes(Histogram seconds) {
        this.seconds = seconds;
    }

    @Override
    public void asked(String who, ClusterEvent what, Answer answer, long nanos) {
        if (!what.equals(event) || !who.equals(plugin)) {
            event = what;
            plugin = who;
            points.clear();
        }
        DistributionDataPoint point = points.get(answer);
        if (point == null) {
            point = seconds.labelValues(who, what.label(), answer.label());
            points.put(answer, point);
        }
        point.observe(nanos / NANOS);
    }
}
