package io.keelson.apiserver.fairness;

import io.keelson.kvstore.metrics.Metrics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What levels of priority do, looked up whenever somebody reads the metrics: a line for each level that there is. */
public final class FlowMetrics {
    private static final String PREFIX = "apiserver_flowcontrol_";

    private FlowMetrics() {}

    public static void addTo(Metrics metrics, FlowControl control) {
        gauge(
                metrics,
                control,
                "nominal_limit_seats",
                "Seats of a level as it is configured.",
                level -> level.limits().nominal());
        gauge(
                metrics,
                control,
                "lower_limit_seats",
                "Seats that a level keeps, however much it lends.",
                level -> level.limits().min());
        gauge(
                metrics,
                control,
                "upper_limit_seats",
                "Seats that a level has at most, however much it borrows.",
                level -> level.limits().max());
        gauge(metrics, control, "current_limit_seats", "Seats of a level now.", PriorityLevel::seats);
        gauge(metrics, control, "current_executing_seats", "Seats of a level in use.", PriorityLevel::seatsInUse);
        gauge(
                metrics,
                control,
                "current_executing_requests",
                "Requests that are being answered.",
                level -> level.counts().executing());
        gauge(metrics, control, "current_inqueue_requests", "Requests that wait.", PriorityLevel::waiting);
        family(
                metrics,
                control,
                "dispatched_requests_total",
                "Requests that got seats.",
                "counter",
                level -> level.counts().dispatched());
        metrics.family(
                PREFIX + "rejected_requests_total", "Requests that got no seats, by the reason.", "counter", () -> {
                    List<Metrics.Sample> samples = new ArrayList<>();
                    for (PriorityLevel level : named(control)) {
                        RequestCounts counts = level.counts();
                        samples.add(rejected(level, "queue-full", counts.rejected()));
                        samples.add(rejected(level, "time-out", counts.timedOut()));
                        samples.add(rejected(level, "cancelled", counts.cancelled()));
                    }
                    return samples;
                });
    }

    private static Metrics.Sample rejected(PriorityLevel level, String reason, long count) {
        return new Metrics.Sample("", label(level) + "," + Metrics.label("reason", reason), (double) count);
    }

    private static void gauge(
            Metrics metrics, FlowControl control, String name, String help, ToDoubleFunction<PriorityLevel> value) {
        family(metrics, control, name, help, "gauge", value);
    }

    private static void family(
            Metrics metrics,
            FlowControl control,
            String name,
            String help,
            String type,
            ToDoubleFunction<PriorityLevel> value) {
        metrics.family(
                PREFIX + name,
                help,
                type,
                () -> named(control).stream()
                        .map(level -> new Metrics.Sample("", label(level), value.applyAsDouble(level)))
                        .toList());
    }

    /** One of each name: a level that is on its way out may have a follower of its name. */
    private static Collection<PriorityLevel> named(FlowControl control) {
        Map<String, PriorityLevel> levels = new LinkedHashMap<>();
        control.levels().forEach(level -> levels.putIfAbsent(level.name(), level));
        return levels.values();
    }

    private static String label(PriorityLevel level) {
        return Metrics.label("priority_level", level.name());
    }
}
