package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBehavior;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a recommendation: first stabilized, by others not long ago, then limited, by how fast it may go and
 * by how many there may be.
 *
 * @param ableToScale says whether it was stabilized
 * @param scalingLimited says whether it was limited, and by what
 */
record ScalingDecision(int replicas, AutoscalerCondition ableToScale, AutoscalerCondition scalingLimited) {
    private static final AutoscalerCondition AS_RECOMMENDED = new AutoscalerCondition(
            AutoscalerCondition.ABLE_TO_SCALE, true, "ReadyForNewScale", "recommended size matches current size");
    private static final Limit WITHIN =
            new Limit(0, "DesiredWithinRange", "the desired count is within the acceptable range");
    private static final Limit NONE_BELOW = new Limit(Long.MIN_VALUE, "", "");
    private static final Limit NONE_ABOVE = new Limit(Long.MAX_VALUE, "", "");

    private record Limit(long replicas, String reason, String message) {}

    private static Limit tooFew(long replicas) {
        return new Limit(
                replicas, "TooFewReplicas", "the desired replica count is less than the minimum replica count");
    }

    private static Limit tooMany(long replicas) {
        return new Limit(
                replicas, "TooManyReplicas", "the desired replica count is more than the maximum replica count");
    }

    private static Limit tooFastUp(long replicas) {
        return new Limit(
                replicas, "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate");
    }

    private static Limit tooFastDown(long replicas) {
        return new Limit(
                replicas,
                "ScaleDownLimit",
                "the desired replica count is decreasing faster than the maximum scale rate");
    }

    /**
     * Decides, and remembers the recommendation.
     *
     * @param window how long the highest recommendation counts where a behavior does not say
     */
    static ScalingDecision of(
            int current,
            int recommended,
            int min,
            int max,
            @Nullable HorizontalPodAutoscalerBehavior behavior,
            Duration window,
            ScalingHistory history,
            Instant now) {
        if (behavior == null) {
            int stabilized = history.highest(recommended, now.minus(window));
            history.recommend(recommended, now, window);
            int ceiling = (int) Math.min(Integer.MAX_VALUE, Math.max(4L, 2L * current));
            Limit upper = max > ceiling ? tooFastUp(ceiling) : tooMany(max);
            return of(recommended, stabilized, false, tooFew(min), upper);
        }
        ScalingRules up = ScalingRules.up(behavior.getScaleUp());
        ScalingRules down = ScalingRules.down(behavior.getScaleDown(), window);
        int stabilized = stabilized(current, recommended, up, down, history, now);
        history.recommend(recommended, now, up.window().compareTo(down.window()) > 0 ? up.window() : down.window());
        long ceiling = up.ceiling(current, history, now);
        long floor = down.floor(current, history, now);
        // Only the way it goes is limited: what is beyond the other limit got there by other means.
        Limit lower = stabilized >= current ? NONE_BELOW : floor > min ? tooFastDown(floor) : tooFew(min);
        Limit upper = stabilized <= current ? NONE_ABOVE : ceiling < max ? tooFastUp(ceiling) : tooMany(max);
        return of(recommended, stabilized, recommended >= current, lower, upper);
    }

    /** Between the lowest recommendation of the time before going up, and the highest of that before going down. */
    private static int stabilized(
            int current, int recommended, ScalingRules up, ScalingRules down, ScalingHistory history, Instant now) {
        // One that is as old as the window does not count any more.
        int least = history.lowest(recommended, now.minus(up.window()).plusNanos(1));
        int most = history.highest(recommended, now.minus(down.window()).plusNanos(1));
        return Math.min(Math.max(current, least), most);
    }

    private static ScalingDecision of(int recommended, int stabilized, boolean upward, Limit lower, Limit upper) {
        Limit limit = WITHIN;
        int replicas = stabilized;
        if (stabilized < lower.replicas()) {
            limit = lower;
            replicas = (int) lower.replicas();
        } else if (stabilized > upper.replicas()) {
            limit = upper;
            replicas = (int) upper.replicas();
        }
        return new ScalingDecision(
                replicas,
                stabilized == recommended ? AS_RECOMMENDED : stabilizedCondition(upward),
                new AutoscalerCondition(
                        AutoscalerCondition.SCALING_LIMITED, replicas != stabilized, limit.reason(), limit.message()));
    }

    private static AutoscalerCondition stabilizedCondition(boolean upward) {
        return new AutoscalerCondition(
                AutoscalerCondition.ABLE_TO_SCALE,
                true,
                upward ? "ScaleUpStabilized" : "ScaleDownStabilized",
                upward
                        ? "recent recommendations were lower than current one, applying the lowest recent"
                                + " recommendation"
                        : "recent recommendations were higher than current one, applying the highest recent"
                                + " recommendation");
    }
}
