package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricIdentifier;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatus;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.SelectorParser;
import java.time.Instant;
import java.util.List;

/** How many replicas each metric of an autoscaler asks for. */
final class MetricEvaluation {
    private final PodMetricEvaluation ofPods;
    private final ValueMetricEvaluation ofValues;

    MetricEvaluation(MetricsApi metrics, HorizontalPodAutoscalerSettings settings) {
        this.ofPods = new PodMetricEvaluation(metrics, settings);
        this.ofValues = new ValueMetricEvaluation(metrics);
    }

    /**
     * What is scaled.
     *
     * @param selector of its pods
     * @param pods all pods that it selects
     * @param wanted replicas that its scale asks for
     * @param present replicas that its scale says there are
     */
    record Target(
            String namespace,
            String selector,
            List<Pod> pods,
            int wanted,
            int present,
            Tolerance tolerance,
            Instant now) {}

    /** What came of a metric. */
    sealed interface Result {}

    /**
     * Replicas.
     *
     * @param name as messages name the metric
     */
    record Proposed(int replicas, String name, MetricStatus status) implements Result {}

    /**
     * None.
     *
     * @param reason of the condition and the event
     * @param detail what was wrong
     * @param error what was wrong, and with what
     */
    record Failed(String reason, String detail, String error) implements Result {}

    /** Evaluates one metric. */
    Result evaluate(Target target, MetricSpec metric) {
        return switch (OrEmpty.of(metric.getType())) {
            case "Resource" -> ofPods.resource(target, metric.getResource());
            case "ContainerResource" -> ofPods.containerResource(target, metric.getContainerResource());
            case "Pods" -> ofPods.pods(target, metric.getPods());
            case "Object" -> ofValues.object(target, metric.getObject());
            case "External" -> ofValues.external(target, metric.getExternal());
            default -> {
                String text = "unknown metric source type \"" + OrEmpty.of(metric.getType()) + '"';
                yield new Failed("InvalidMetricSourceType", text, text);
            }
        };
    }

    /**
     * Checks that there are pods.
     *
     * @throws MetricException if there are none
     */
    static void requirePods(Target target) throws MetricException {
        if (target.pods().isEmpty()) {
            throw new MetricException("no pods returned by selector while calculating replica count");
        }
    }

    /**
     * The selector of a metric as text; empty if it has none.
     *
     * @throws MetricException if it is none
     */
    static String selector(MetricIdentifier metric) throws MetricException {
        try {
            return SelectorParser.text(metric.getSelector());
        } catch (IllegalArgumentException e) {
            throw new MetricException(String.valueOf(e.getMessage()));
        }
    }
}
