package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.ContainerResourceMetricSource;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricIdentifier;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricTarget;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricValueStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricValueStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.PodsMetricSource;
import io.fabric8.kubernetes.api.model.autoscaling.v2.ResourceMetricSource;
import io.keelson.controllers.objects.Milli;
import java.util.Map;

/** Metrics that are measured of each pod: of resources, of those of one container, and others. */
final class PodMetricEvaluation {
    private final MetricsApi metrics;
    private final HorizontalPodAutoscalerSettings settings;

    PodMetricEvaluation(MetricsApi metrics, HorizontalPodAutoscalerSettings settings) {
        this.metrics = metrics;
        this.settings = settings;
    }

    MetricEvaluation.Result resource(MetricEvaluation.Target target, ResourceMetricSource source) {
        String resource = source.getName();
        try {
            Measured measured = measured(target, source.getTarget(), resource, "", "resource");
            return new MetricEvaluation.Proposed(
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
            return new MetricEvaluation.Failed(
                    "FailedGetResourceMetric",
                    e.text(),
                    "failed to get " + resource + " resource metric value: " + e.text());
        }
    }

    MetricEvaluation.Result containerResource(MetricEvaluation.Target target, ContainerResourceMetricSource source) {
        String resource = source.getName();
        try {
            Measured measured =
                    measured(target, source.getTarget(), resource, source.getContainer(), "container resource");
            return new MetricEvaluation.Proposed(
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
            return new MetricEvaluation.Failed(
                    "FailedGetContainerResourceMetric",
                    e.text(),
                    "failed to get " + resource + " container metric value: " + e.text());
        }
    }

    private record Measured(int replicas, String suffix, MetricValueStatus current) {}

    private Measured measured(
            MetricEvaluation.Target target, MetricTarget goal, String resource, String container, String source)
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
            MetricEvaluation.requirePods(target);
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

    private Map<String, PodMetric> fetch(MetricEvaluation.Target target, String resource, String container)
            throws MetricException {
        try {
            return metrics.resource(target.namespace(), target.selector(), resource, container);
        } catch (MetricException e) {
            throw new MetricException("unable to get metrics for resource " + resource + ": " + e.text());
        }
    }

    private UsageCalculation.Proposal proposal(
            MetricEvaluation.Target target, Map<String, PodMetric> found, boolean cpu, Gauge gauge)
            throws MetricException {
        PodGroups groups = PodGroups.of(target.pods(), found, cpu, settings, target.now());
        return UsageCalculation.replicas(target.wanted(), groups, gauge, target.tolerance());
    }

    MetricEvaluation.Result pods(MetricEvaluation.Target target, PodsMetricSource source) {
        MetricIdentifier metric = source.getMetric();
        try {
            Map<String, PodMetric> found;
            try {
                found = metrics.ofPods(
                        target.namespace(), target.selector(), metric.getName(), MetricEvaluation.selector(metric));
            } catch (MetricException e) {
                throw new MetricException("unable to get metric " + metric.getName() + ": " + e.text());
            }
            Quantity average = source.getTarget().getAverageValue();
            if (average == null) {
                throw new MetricException("invalid pods metric source: no average value target was set");
            }
            MetricEvaluation.requirePods(target);
            UsageCalculation.Proposal proposal = proposal(target, found, false, Gauge.absolute(Milli.of(average)));
            return new MetricEvaluation.Proposed(
                    proposal.replicas(),
                    "pods metric " + metric.getName(),
                    new MetricStatusBuilder()
                            .withType("Pods")
                            .withNewPods()
                            .withMetric(metric)
                            .withNewCurrent()
                            .withAverageValue(Milli.quantity(proposal.reading().averageMilli()))
                            .endCurrent()
                            .endPods()
                            .build());
        } catch (MetricException e) {
            return new MetricEvaluation.Failed(
                    "FailedGetPodsMetric", e.text(), "failed to get pods metric value: " + e.text());
        }
    }
}
