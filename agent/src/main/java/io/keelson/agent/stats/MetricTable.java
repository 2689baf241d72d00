package io.keelson.agent.stats;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects what metrics say at one moment. */
final class MetricTable {
    private static final double NANOS = 1e9;
    private static final String TOTAL = "_total";

    private final Map<String, Gauges> gauges = new LinkedHashMap<>();
    private final Map<String, Counters> counters = new LinkedHashMap<>();

    private record Gauges(String help, List<GaugeDataPointSnapshot> points) {}

    private record Counters(String help, List<CounterDataPointSnapshot> points) {}

    static double seconds(long nanos) {
        return nanos / NANOS;
    }

    /** @param at when the value was; null for now */
    void gauge(String name, String help, Labels labels, double value, @Nullable Instant at) {
        gauges.computeIfAbsent(name, _ -> new Gauges(help, new ArrayList<>()))
                .points()
                .add(new GaugeDataPointSnapshot(value, labels, null, millis(at)));
    }

    void gauge(String name, String help, Labels labels, long value, @Nullable Instant at) {
        gauge(name, help, labels, (double) value, at);
    }

    void counter(String name, String help, Labels labels, long value, @Nullable Instant at) {
        counter(name, help, labels, (double) value, at);
    }

    /** @param name ends in {@code _total} */
    void counter(String name, String help, Labels labels, double value, @Nullable Instant at) {
        counters.computeIfAbsent(
                        name.substring(0, name.length() - TOTAL.length()), _ -> new Counters(help, new ArrayList<>()))
                .points()
                .add(new CounterDataPointSnapshot(value, labels, null, 0, millis(at)));
    }

    private static long millis(@Nullable Instant at) {
        return at == null ? 0 : at.toEpochMilli();
    }

    MetricSnapshots snapshots() {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        gauges.forEach((name, gauge) -> {
            GaugeSnapshot.Builder builder = GaugeSnapshot.builder().name(name).help(gauge.help());
            gauge.points().forEach(builder::dataPoint);
            all.metricSnapshot(builder.build());
        });
        counters.forEach((name, counter) -> {
            CounterSnapshot.Builder builder =
                    CounterSnapshot.builder().name(name).help(counter.help());
            counter.points().forEach(builder::dataPoint);
            all.metricSnapshot(builder.build());
        });
        return all.build();
    }
}
