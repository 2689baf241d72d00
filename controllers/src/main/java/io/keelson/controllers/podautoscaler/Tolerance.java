package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingRules;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBehavior;
import io.keelson.controllers.objects.Milli;
import org.jspecify.annotations.Nullable;

/**
 * How far usage may be from its target, as a part of it, until replicas change.
 *
 * @param down below it
 * @param up above it
 */
record Tolerance(double down, double up) {
    /** What a behavior says, each way for itself, and else the same both ways. */
    static Tolerance of(@Nullable HorizontalPodAutoscalerBehavior behavior, double otherwise) {
        return behavior == null
                ? new Tolerance(otherwise, otherwise)
                : new Tolerance(of(behavior.getScaleDown(), otherwise), of(behavior.getScaleUp(), otherwise));
    }

    private static double of(@Nullable HPAScalingRules rules, double otherwise) {
        Quantity tolerance = rules == null ? null : rules.getTolerance();
        return tolerance == null ? otherwise : Milli.of(tolerance) / 1000.0;
    }

    /** Whether a usage is near enough. */
    boolean holds(double ratio) {
        return 1.0 - down <= ratio && ratio <= 1.0 + up;
    }
}
