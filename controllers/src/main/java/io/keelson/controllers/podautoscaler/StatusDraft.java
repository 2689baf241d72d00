package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerCondition;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerStatus;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerStatusBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricStatus;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The status of an autoscaler while it is being worked on. */
final class StatusDraft {
    private final @Nullable HorizontalPodAutoscalerStatus before;
    private final Instant now;
    private final List<HorizontalPodAutoscalerCondition> conditions;
    private final HorizontalPodAutoscalerStatusBuilder status;

    StatusDraft(HorizontalPodAutoscaler autoscaler, Instant now) {
        this.before = autoscaler.getStatus();
        this.now = now;
        this.status = before == null
                ? new HorizontalPodAutoscalerStatusBuilder()
                : new HorizontalPodAutoscalerStatusBuilder(before);
        this.conditions = new ArrayList<>(before == null ? List.of() : OrEmpty.of(before.getConditions()));
        // The API asks for it, however early the work ends.
        status.withDesiredReplicas(OrEmpty.of(status.getDesiredReplicas()));
    }

    /** Says something by a condition. */
    void say(AutoscalerCondition condition) {
        condition.in(conditions, now);
    }

    /** Replicas and metrics as they are; as many are desired as before. */
    void current(int replicas, List<MetricStatus> metrics) {
        status.withCurrentReplicas(replicas).withCurrentMetrics(metrics);
    }

    /** How many replicas are desired, and whether they have just become so. */
    void desired(int replicas, boolean scaled) {
        status.withDesiredReplicas(replicas);
        if (scaled) {
            status.withLastScaleTime(now.truncatedTo(ChronoUnit.SECONDS).toString());
        }
    }

    /** What is to be written; null if that is there already. */
    @Nullable
    HorizontalPodAutoscalerStatus changed() {
        HorizontalPodAutoscalerStatus after = status.withConditions(conditions).build();
        return after.equals(before) ? null : after;
    }
}
