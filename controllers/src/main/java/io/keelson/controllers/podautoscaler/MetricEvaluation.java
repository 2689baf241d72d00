package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.ContainerResourceMetricSource;
import io.fabric8.kubernetes.api.model.autoscaling.v2.CrossVersionObjectReference;
import io.fabric8.kubernetes.api.model.autoscaling.v2.ExternalMetricSource;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricIdentifier;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricTarget;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricValueStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricValueStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.ObjectMetricSource;
import io.fabric8.kubernetes.api.model.autoscaling.v2.PodsMetricSource;
import io.fabric8.kubernetes.api.model.autoscaling.v2.ResourceMetricSource;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.SelectorText;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many replicas each metric of an autoscaler asks for. */
final class MetricEvaluation {
    private final MetricsApi metrics;
    private final HorizontalPodAutoscalerSettings settings;

    MetricEvaluation(MetricsApi metrics, HorizontalPodAutoscalerSettings settings) {
        this.metrics = metrics;
        this.settings = settings;
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
            case "Resource" -> resource(target, metric.getResource());
            case "ContainerResource" -> containerResource(target, metric.getContainerResource());
            case "Pods" -> pods(target, metric.getPods());
            case "Object" -> object(target, metric.getObject());
            case "External" -> external(target, metric.getExternal());
            default -> {
                String text = "unknown metric source type \"" + OrEmpty.of(metric.getType()) + '"';
                yield new Failed("InvalidMetricSourceType", text, text);
            }
        };
    }

    private Result resource(Target target, ResourceMetricSource source) {
        String resource = source.getName();
        try {
            Measured measured = measured(target, source.getTarget(), resource, "", "resource");
            return new Proposed(
                    measured.replicas(),
                    resource + " resource" + measured.suffix(),
                    new MetricStatusBuilder()
                            .withType("Resource")
                            .withNewResource()
                            .withName(resource)
                            .withCurrent(measured.current())
                            .endResource()
                            .build());
        } catch (MetricException e) {
            return new Failed(
                    "FailedGetResourceMetric",
                    e.text(),
                    "failed to get " + resource + " resource metric value: " + e.text());
        }
    }

    private Result containerResource(Target target, ContainerResourceMetricSource source) {
        String resource = source.getName();
        try {
            Measured measured =
                    measured(target, source.getTarget(), resource, source.getContainer(), "container resource");
            return new Proposed(
                    measured.replicas(),
                    resource + " container resource" + measured.suffix(),
                    new MetricStatusBuilder()
                            .withType("ContainerResource")
                            .withNewContainerResource()
                            .withName(resource)
                            .withContainer(source.getContainer())
                            .withCurrent(measured.current())
                            .endContainerResource()
                            .build());
        } catch (MetricException e) {
            return new Failed(
                    "FailedGetContainerResourceMetric",
                    e.text(),
                    "failed to get " + resource + " container metric value: " + e.text());
        }
    }

    private record Measured(int replicas, String suffix, MetricValueStatus current) {}

    private Measured measured(Target target, MetricTarget goal, String resource, String container, String source)
            throws MetricException {
        Quantity average = goal.getAverageValue();
        Integer percent = goal.getAverageUtilization();
        if (average == null && percent == null) {
            throw new MetricException("invalid " + source
                    + " metric source: neither an average utilization target nor an average value (usage) target was"
                    + " set");
        }
        try {
            Map<String, PodMetric> found = fetch(target, resource, container);
            if (average == null && target.pods().isEmpty()) {
                throw new MetricException("No pods returned by selector while calculating replica count");
            }
            Gauge gauge = average != null
                    ? Gauge.absolute(Milli.of(average))
                    : Gauge.utilization(percent, PodRequests.of(target.pods(), resource, container));
            UsageCalculation.Proposal proposal = proposal(target, found, resource.equals("cpu"), gauge);
            MetricValueStatusBuilder current = new MetricValueStatusBuilder()
                    .withAverageValue(Milli.quantity(proposal.reading().averageMilli()));
            if (average != null) {
                return new Measured(proposal.replicas(), "", current.build());
            }
            return new Measured(
                    proposal.replicas(),
                    " utilization (percentage of request)",
                    current.withAverageUtilization(proposal.reading().utilization())
                            .build());
        } catch (MetricException e) {
            throw new MetricException(
                    "failed to get " + resource + (average == null ? " utilization: " : " usage: ") + e.text());
        }
    }

    private Map<String, PodMetric> fetch(Target target, String resource, String container) throws MetricException {
        try {
            return metrics.resource(target.namespace(), target.selector(), resource, container);
        } catch (MetricException e) {
            throw new MetricException("unable to get metrics for resource " + resource + ": " + e.text());
        }
    }

    private UsageCalculation.Proposal proposal(
            Target target, Map<String, PodMetric> found, boolean cpu, Gauge gauge) throws MetricException {
        PodGroups groups = PodGroups.of(target.pods(), found, cpu, settings, target.now());
        return UsageCalculation.replicas(target.wanted(), groups, gauge, target.tolerance());
    }

    private Result pods(Target target, PodsMetricSource source) {
        MetricIdentifier metric = source.getMetric();
        try {
            Map<String, PodMetric> found;
            try {
                found = metrics.ofPods(target.namespace(), target.selector(), metric.getName(), selector(metric));
            } catch (MetricException e) {
                throw new MetricException("unable to get metric " + metric.getName() + ": " + e.text());
            }
            Quantity average = source.getTarget().getAverageValue();
            if (average == null) {
                throw new MetricException("invalid pods metric source: no average value target was set");
            }
            UsageCalculation.Proposal proposal = proposal(target, found, false, Gauge.absolute(Milli.of(average)));
            return new Proposed(
                    proposal.replicas(),
                    "pods metric " + metric.getName(),
                    new MetricStatusBuilder()
                            .withType("Pods")
                            .withNewPods()
                            .withMetric(metric)
                            .withCurrent(average(proposal.reading().averageMilli()))
                            .endPods()
                            .build());
        } catch (MetricException e) {
            return new Failed("FailedGetPodsMetric", e.text(), "failed to get pods metric value: " + e.text());
        }
    }

    private Result object(Target target, ObjectMetricSource source) {
        try {
            return objectValue(target, source);
        } catch (MetricException e) {
            String prefix = "AverageValue".equals(source.getTarget().getType())
                    ? "failed to get " + source.getMetric().getName() + " object metric: "
                    : "";
            return new Failed(
                    "FailedGetObjectMetric", e.text(), "failed to get object metric value: " + prefix + e.text());
        }
    }

    private Proposed objectValue(Target target, ObjectMetricSource source) throws MetricException {
        MetricTarget goal = source.getTarget();
        CrossVersionObjectReference object = source.getDescribedObject();
        boolean whole = "Value".equals(goal.getType());
        Quantity wanted = whole ? goal.getValue() : goal.getAverageValue();
        if (wanted == null || !(whole || "AverageValue".equals(goal.getType()))) {
            throw new MetricException(
                    "invalid object metric source: neither a value target nor an average value target was set");
        }
        MetricIdentifier metric = source.getMetric();
        long milli;
        try {
            milli = metrics.ofObject(target.namespace(), object, metric.getName(), selector(metric));
        } catch (MetricException e) {
            // The original says it in this order.
            throw new MetricException("unable to get metric %s: %s on %s %s/%s"
                    .formatted(metric.getName(), object.getKind(), target.namespace(), object.getName(), e.text()));
        }
        return new Proposed(
                whole ? byRatio(target, milli, wanted) : byShare(target, milli, wanted),
                whole ? object.getKind() + " metric " + metric.getName() : externalName(metric),
                new MetricStatusBuilder()
                        .withType("Object")
                        .withNewObject()
                        .withDescribedObject(object)
                        .withMetric(metric)
                        .withCurrent(whole ? value(milli) : average(share(target, milli)))
                        .endObject()
                        .build());
    }

    private Result external(Target target, ExternalMetricSource source) {
        MetricIdentifier metric = source.getMetric();
        MetricTarget goal = source.getTarget();
        boolean shared = goal.getAverageValue() != null;
        Quantity wanted = shared ? goal.getAverageValue() : goal.getValue();
        String prefix = "failed to get " + metric.getName() + " external metric value: ";
        if (wanted == null) {
            String text = "invalid external metric source: neither a value target nor an average value target was set";
            return new Failed("FailedGetExternalMetric", text, prefix + text);
        }
        try {
            long milli;
            try {
                milli = metrics.external(target.namespace(), metric.getName(), selector(metric));
            } catch (MetricException e) {
                throw new MetricException("unable to get external metric %s/%s/%s: %s"
                        .formatted(
                                target.namespace(), metric.getName(), SelectorText.of(metric.getSelector()), e.text()));
            }
            return new Proposed(
                    shared ? byShare(target, milli, wanted) : byRatio(target, milli, wanted),
                    externalName(metric),
                    new MetricStatusBuilder()
                            .withType("External")
                            .withNewExternal()
                            .withMetric(metric)
                            .withCurrent(shared ? average(share(target, milli)) : value(milli))
                            .endExternal()
                            .build());
        } catch (MetricException e) {
            String what = shared
                    ? "failed to get " + metric.getName() + " external metric: "
                    : "failed to get external metric " + metric.getName() + ": ";
            return new Failed("FailedGetExternalMetric", e.text(), prefix + what + e.text());
        }
    }

    private static String externalName(MetricIdentifier metric) {
        return "external metric " + metric.getName() + '(' + SelectorText.of(metric.getSelector()) + ')';
    }

    private static int byRatio(Target target, long milli, Quantity wanted) throws MetricException {
        int ready = 0;
        if (target.wanted() != 0) {
            if (target.pods().isEmpty()) {
                throw new MetricException("unable to calculate ready pods: no pods returned by selector while"
                        + " calculating replica count");
            }
            for (Pod pod : target.pods()) {
                if (Pods.phase(pod).equals("Running") && Pods.isReady(pod)) {
                    ready++;
                }
            }
        }
        return UsageCalculation.byRatio(
                target.wanted(), (double) milli / Milli.of(wanted), ready, target.tolerance());
    }

    private static int byShare(Target target, long milli, Quantity wanted) {
        return UsageCalculation.byShare(target.present(), milli, Milli.of(wanted), target.tolerance());
    }

    /** What each replica that is there has of a value, rounded up. */
    private static long share(Target target, long milli) {
        return target.present() > 0 ? Math.ceilDiv(milli, (long) target.present()) : milli;
    }

    private static MetricValueStatus value(long milli) {
        return new MetricValueStatusBuilder().withValue(Milli.quantity(milli)).build();
    }

    private static MetricValueStatus average(long milli) {
        return new MetricValueStatusBuilder()
                .withAverageValue(Milli.quantity(milli))
                .build();
    }

    private static String selector(MetricIdentifier metric) throws MetricException {
        @Nullable LabelSelector selector = metric.getSelector();
        try {
            return SelectorParser.text(selector);
        } catch (IllegalArgumentException e) {
            throw new MetricException(String.valueOf(e.getMessage()));
        }
    }
}
