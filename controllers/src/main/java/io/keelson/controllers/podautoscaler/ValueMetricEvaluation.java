package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.CrossVersionObjectReference;
import io.fabric8.kubernetes.api.model.autoscaling.v2.ExternalMetricSource;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricIdentifier;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricTarget;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricValueStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricValueStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.ObjectMetricSource;
import io.keelson.controllers.objects.Milli;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.objects.SelectorText;

/** Metrics of one value that replicas share or lessen together: of an object, or of what is outside of the cluster. */
final class ValueMetricEvaluation {
    private final MetricsApi metrics;

    ValueMetricEvaluation(MetricsApi metrics) {
        this.metrics = metrics;
    }

    MetricEvaluation.Result object(MetricEvaluation.Target target, ObjectMetricSource source) {
        try {
            return objectValue(target, source);
        } catch (MetricException e) {
            String prefix = "AverageValue".equals(source.getTarget().getType())
                    ? "failed to get " + source.getMetric().getName() + " object metric: "
                    : "";
            return new MetricEvaluation.Failed(
                    "FailedGetObjectMetric", e.text(), "failed to get object metric value: " + prefix + e.text());
        }
    }

    private MetricEvaluation.Proposed objectValue(MetricEvaluation.Target target, ObjectMetricSource source)
            throws MetricException {
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
            milli = metrics.ofObject(target.namespace(), object, metric.getName(), MetricEvaluation.selector(metric));
        } catch (MetricException e) {
            // The original says it in this order.
            throw new MetricException("unable to get metric %s: %s on %s %s/%s"
                    .formatted(metric.getName(), object.getKind(), target.namespace(), object.getName(), e.text()));
        }
        return new MetricEvaluation.Proposed(
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

    MetricEvaluation.Result external(MetricEvaluation.Target target, ExternalMetricSource source) {
        MetricIdentifier metric = source.getMetric();
        MetricTarget goal = source.getTarget();
        boolean shared = goal.getAverageValue() != null;
        Quantity wanted = shared ? goal.getAverageValue() : goal.getValue();
        String prefix = "failed to get " + metric.getName() + " external metric value: ";
        if (wanted == null) {
            String text = "invalid external metric source: neither a value target nor an average value target was set";
            return new MetricEvaluation.Failed("FailedGetExternalMetric", text, prefix + text);
        }
        try {
            long milli;
            try {
                milli = metrics.external(target.namespace(), metric.getName(), MetricEvaluation.selector(metric));
            } catch (MetricException e) {
                throw new MetricException("unable to get external metric %s/%s/%s: %s"
                        .formatted(
                                target.namespace(), metric.getName(), SelectorText.of(metric.getSelector()), e.text()));
            }
            return new MetricEvaluation.Proposed(
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
            return new MetricEvaluation.Failed("FailedGetExternalMetric", e.text(), prefix + what + e.text());
        }
    }

    private static String externalName(MetricIdentifier metric) {
        return "external metric " + metric.getName() + '(' + SelectorText.of(metric.getSelector()) + ')';
    }

    private static int byRatio(MetricEvaluation.Target target, long milli, Quantity wanted) throws MetricException {
        double ratio = (double) milli / Milli.of(wanted);
        int ready = 0;
        if (target.wanted() != 0 && !target.tolerance().holds(ratio)) {
            try {
                MetricEvaluation.requirePods(target);
            } catch (MetricException e) {
                throw new MetricException("unable to calculate ready pods: " + e.text());
            }
            for (Pod pod : target.pods()) {
                if (Pods.phase(pod).equals("Running") && Pods.isReady(pod)) {
                    ready++;
                }
            }
        }
        return UsageCalculation.byRatio(target.wanted(), ratio, ready, target.tolerance());
    }

    private static int byShare(MetricEvaluation.Target target, long milli, Quantity wanted) {
        return UsageCalculation.byShare(target.present(), milli, Milli.of(wanted), target.tolerance());
    }

    /** What each replica that is there has of a value, rounded up. */
    private static long share(MetricEvaluation.Target target, long milli) {
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
}
