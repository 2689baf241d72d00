package io.keelson.controllers.podautoscaler;

import io.keelson.controllers.runtime.ControllerMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Duration;

/** What is counted of autoscalers: {@code horizontal_pod_autoscaler_controller_*}. */
final class AutoscalerMetrics {
    /** Whose fault it was. */
    enum Fault {
        NONE("none"),
        /** What a user wrote. */
        SPEC("spec"),
        /** Any other. */
        INTERNAL("internal");

        private final String text;

        Fault(String text) {
            this.text = text;
        }
    }

    private final Counter reconciliations;
    private final Histogram reconciliationTimes;
    private final Counter computations;
    private final Histogram computationTimes;

    AutoscalerMetrics(ControllerMetrics metrics) {
        String prefix = "horizontal_pod_autoscaler_controller_";
        reconciliations = metrics.counter(prefix + "reconciliations_total", "Looks at autoscalers", "action", "error");
        reconciliationTimes = metrics.histogram(
                prefix + "reconciliation_duration_seconds",
                "How long a look at an autoscaler took",
                0.001,
                2,
                15,
                "action",
                "error");
        computations = metrics.counter(
                prefix + "metric_computation_total", "Metrics evaluated", "action", "error", "metric_type");
        computationTimes = metrics.histogram(
                prefix + "metric_computation_duration_seconds",
                "How long the evaluation of a metric took",
                0.001,
                2,
                15,
                "action",
                "error",
                "metric_type");
    }

    private static String action(int current, int wanted) {
        return wanted > current ? "scale_up" : wanted < current ? "scale_down" : "none";
    }

    /** An autoscaler was looked at. */
    void reconciled(int current, int wanted, Fault fault, Duration time) {
        String action = action(current, wanted);
        reconciliations.labelValues(action, fault.text).inc();
        reconciliationTimes.labelValues(action, fault.text).observe(ControllerMetrics.seconds(time));
    }

    /**
     * A metric was evaluated.
     *
     * @param wanted the current number if it could not be
     */
    void computed(String type, int current, int wanted, Fault fault, Duration time) {
        String action = action(current, wanted);
        computations.labelValues(action, fault.text, type).inc();
        computationTimes.labelValues(action, fault.text, type).observe(ControllerMetrics.seconds(time));
    }
}
