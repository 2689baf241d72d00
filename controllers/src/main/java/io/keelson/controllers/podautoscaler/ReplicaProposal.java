package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatusBuilder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What all metrics of an autoscaler come to: the highest number of replicas that one asks for. Where some cannot be
 * evaluated, the others count as long as they do not ask for less than there is.
 *
 * @param replicas negative if nothing can be said
 * @param metric as messages name the one that asks for most
 * @param statuses of all metrics in their order; one without a type stands for one that could not be evaluated
 * @param condition what the condition {@code ScalingActive} is to say
 * @param error what was wrong, if nothing can be said
 */
record ReplicaProposal(
        int replicas,
        String metric,
        List<MetricStatus> statuses,
        AutoscalerCondition condition,
        @Nullable String error) {
    static ReplicaProposal of(List<MetricEvaluation.Result> results, int current) {
        List<MetricStatus> statuses = new ArrayList<>();
        MetricEvaluation.Failed firstFailed = null;
        int failed = 0;
        int replicas = 0;
        String metric = "";
        for (MetricEvaluation.Result result : results) {
            switch (result) {
                case MetricEvaluation.Failed failure -> {
                    firstFailed = firstFailed == null ? failure : firstFailed;
                    failed++;
                    statuses.add(new MetricStatusBuilder().withType("").build());
                }
                case MetricEvaluation.Proposed proposed -> {
                    statuses.add(proposed.status());
                    if (replicas == 0 || proposed.replicas() > replicas) {
                        replicas = proposed.replicas();
                        metric = proposed.name();
                    }
                }
            }
        }
        if (firstFailed != null && (failed >= results.size() || replicas < current)) {
            return new ReplicaProposal(
                    -1,
                    "",
                    statuses,
                    new AutoscalerCondition(
                            AutoscalerCondition.SCALING_ACTIVE,
                            false,
                            firstFailed.reason(),
                            "the HPA was unable to compute the replica count: " + firstFailed.detail()),
                    "invalid metrics (%d invalid out of %d), first error is: %s"
                            .formatted(failed, results.size(), firstFailed.error()));
        }
        return new ReplicaProposal(
                replicas,
                metric,
                statuses,
                new AutoscalerCondition(
                        AutoscalerCondition.SCALING_ACTIVE,
                        true,
                        "ValidMetricFound",
                        "the HPA was able to successfully calculate a replica count from " + metric),
                null);
    }
}
