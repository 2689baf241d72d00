package io.keelson.apiserver.fairness;

import io.keelson.kvstore.metrics.Metrics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * What levels of priority do: a line for each level that there is, and each schema whose requests it has had. Most is looked up
 * whenever somebody reads the metrics. Any thread.
 */
final class FlowMetrics implements FlowTimes {
    private static final String PREFIX = "apiserver_flowcontrol_";
    private static final double[] SECONDS = {0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30};
    private static final double[] LENGTHS = {0, 10, 25, 50, 100, 250, 500, 1000};
    private static final double[] SEATS = {1, 2, 4, 10};
    /** Levels and schemas come and go; what is beyond is measured together. */
    private static final int SERIES_MAX = 1_000;

    private static final Key OTHER = new Key("OTHER", "OTHER");

    private final Metrics metrics;
    private final Metrics.Histograms lengths;
    private final Metrics.Histograms waits;
    private final Metrics.Histograms executions;
    private final Metrics.Histograms works;
    private final Map<Key, Series> series = new ConcurrentHashMap<>();

    private record Key(String level, String schema) {}

    private record Series(
            Metrics.Histogram length,
            Metrics.Histogram waitedToBeServed,
            Metrics.Histogram waitedInVain,
            Metrics.Histogram execution,
            Metrics.Histogram seats) {}

    FlowMetrics(Metrics metrics) {
        this.metrics = metrics;
        lengths = metrics.histograms(
                PREFIX + "request_queue_length_after_enqueue",
                "Length of a queue, as seen by each request that got into it, by level and schema.",
                LENGTHS);
        waits = metrics.histograms(
                PREFIX + "request_wait_duration_seconds",
                "How long requests waited in a queue, by level, schema and whether they were served then.",
                SECONDS);
        executions = metrics.histograms(
                PREFIX + "request_execution_seconds",
                "How long requests were being answered, watches until they had begun, by level and schema.",
                SECONDS);
        works = metrics.histograms(
                PREFIX + "work_estimated_seats",
                "Seats that requests were estimated to need, by level and schema.",
                SEATS);
    }

    private Series series(String level, String schema) {
        Key wanted = new Key(level, schema);
        Series known = series.get(wanted);
        if (known != null) {
            return known;
        }
        return series.computeIfAbsent(series.size() < SERIES_MAX ? wanted : OTHER, made -> {
            String schemaLabel = Metrics.label("flow_schema", made.schema());
            String levelLabel = Metrics.label("priority_level", made.level());
            String both = schemaLabel + "," + levelLabel;
            return new Series(
                    lengths.at(both),
                    waits.at(Metrics.label("execute", "true") + "," + both),
                    waits.at(Metrics.label("execute", "false") + "," + both),
                    executions.at(both + "," + Metrics.label("type", "regular")),
                    works.at(both));
        });
    }

    @Override
    public void queued(String level, String schema, int length) {
        series(level, schema).length().observe(length);
    }

    @Override
    public void waited(String level, String schema, boolean served, long nanos) {
        Series measured = series(level, schema);
        (served ? measured.waitedToBeServed() : measured.waitedInVain()).observeNanos(nanos);
    }

    @Override
    public void served(String level, String schema, int seats, long nanos) {
        Series measured = series(level, schema);
        measured.execution().observeNanos(nanos);
        measured.seats().observe(seats);
    }

    /** Has what can be looked up looked up there. */
    void follow(FlowControl control) {
        perLevel(
                control,
                "nominal_limit_seats",
                "Seats of a level as it is configured.",
                level -> level.limits().nominal());
        perLevel(
                control,
                "lower_limit_seats",
                "Seats that a level keeps, however much it lends.",
                level -> level.limits().min());
        perLevel(
                control,
                "upper_limit_seats",
                "Seats that a level has at most, however much it borrows.",
                level -> level.limits().max());
        perLevel(control, "current_limit_seats", "Seats of a level now.", PriorityLevel::seats);
        perLevel(
                control,
                "demand_seats_high_watermark",
                "The most seats that were wanted of a level in the last ten seconds.",
                level -> level.demand().highest());
        perLevel(
                control,
                "demand_seats_average",
                "Seats that were wanted of a level in the last ten seconds, on average.",
                level -> level.demand().average());
        perLevel(
                control,
                "demand_seats_stdev",
                "By how much that varied.",
                level -> level.demand().deviation());
        perLevel(
                control,
                "demand_seats_smoothed",
                "Seats that are wanted of a level usually.",
                level -> level.demand().smoothed());
        perLevel(
                control,
                "target_seats",
                "Seats that a level is to have if there are enough.",
                level -> level.use().target());
        metrics.gauge(
                PREFIX + "seat_fair_frac",
                "Of the seats that they are to have, what all levels got that can use it; 0 if there were not enough.",
                control::fairFraction);
        metrics.family(
                PREFIX + "priority_level_seat_utilization",
                "For how many nanoseconds which part of a level's seats was in use. Looked at ten times a second.",
                "histogram",
                () -> named(control).stream()
                        .flatMap(level -> level
                                .utilization()
                                .samples(Metrics.label("phase", "executing") + ","
                                        + Metrics.label("priority_level", level.name()))
                                .stream())
                        .toList());
        metrics.family(
                PREFIX + "read_vs_write_current_requests",
                "For how many nanoseconds how many requests waited or were being answered, by their kind. Looked at ten"
                        + " times a second.",
                "histogram",
                () -> control.current().samples());
        perSchema(
                control,
                "current_executing_seats",
                "gauge",
                "Seats in use, by level and schema.",
                RequestCounts::seats);
        perSchema(
                control,
                "current_executing_requests",
                "gauge",
                "Requests that are being answered, by level and schema.",
                RequestCounts::executing);
        perSchema(
                control,
                "current_inqueue_requests",
                "gauge",
                "Requests that wait, by level and schema.",
                RequestCounts::waiting);
        perSchema(
                control,
                "dispatched_requests_total",
                "counter",
                "Requests that got seats, by level and schema.",
                RequestCounts::dispatched);
        metrics.family(
                PREFIX + "rejected_requests_total",
                "Requests that got no seats, by level, schema and the reason.",
                "counter",
                () -> {
                    List<Metrics.Sample> samples = new ArrayList<>();
                    for (PriorityLevel level : named(control)) {
                        level.countsBySchema().forEach((schema, counts) -> {
                            String labels = labels(level, schema);
                            samples.add(rejected(labels, "cancelled", counts.cancelled()));
                            samples.add(rejected(labels, "concurrency-limit", counts.noSeat()));
                            samples.add(rejected(labels, "queue-full", counts.queueFull()));
                            samples.add(rejected(labels, "time-out", counts.timedOut()));
                        });
                    }
                    return samples;
                });
    }

    private static Metrics.Sample rejected(String labels, String reason, long count) {
        return new Metrics.Sample("", labels + "," + Metrics.label("reason", reason), (double) count);
    }

    private void perLevel(FlowControl control, String name, String help, ToDoubleFunction<PriorityLevel> value) {
        metrics.family(
                PREFIX + name,
                help,
                "gauge",
                () -> named(control).stream()
                        .map(level -> new Metrics.Sample(
                                "", Metrics.label("priority_level", level.name()), value.applyAsDouble(level)))
                        .toList());
    }

    private void perSchema(
            FlowControl control, String name, String type, String help, ToLongFunction<RequestCounts> value) {
        metrics.family(PREFIX + name, help, type, () -> {
            List<Metrics.Sample> samples = new ArrayList<>();
            for (PriorityLevel level : named(control)) {
                level.countsBySchema()
                        .forEach((schema, counts) -> samples.add(
                                new Metrics.Sample("", labels(level, schema), (double) value.applyAsLong(counts))));
            }
            return samples;
        });
    }

    /** One of each name: a level that is on its way out may have a follower of its name. */
    private static Collection<PriorityLevel> named(FlowControl control) {
        Map<String, PriorityLevel> levels = new LinkedHashMap<>();
        control.levels().forEach(level -> levels.putIfAbsent(level.name(), level));
        return levels.values();
    }

    private static String labels(PriorityLevel level, String schema) {
        return Metrics.label("flow_schema", schema) + "," + Metrics.label("priority_level", level.name());
    }
}
