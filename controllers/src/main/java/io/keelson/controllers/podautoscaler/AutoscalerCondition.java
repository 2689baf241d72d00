package io.keelson.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerCondition;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a condition of an autoscaler is to say. */
record AutoscalerCondition(String type, boolean holds, String reason, String message) {
    static final String ABLE_TO_SCALE = "AbleToScale";
    static final String SCALING_ACTIVE = "ScalingActive";
    static final String SCALING_LIMITED = "ScalingLimited";

    /** Says it in a list of conditions; the time of the transition changes with the status only. */
    void in(List<HorizontalPodAutoscalerCondition> conditions, Instant now) {
        int place = place(conditions);
        HorizontalPodAutoscalerCondition before = place < conditions.size() ? conditions.get(place) : null;
        String status = holds ? "True" : "False";
        HorizontalPodAutoscalerCondition after = new HorizontalPodAutoscalerConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastTransitionTime(since(before, status, now))
                .build();
        if (before == null) {
            conditions.add(after);
        } else {
            conditions.set(place, after);
        }
    }

    private static String since(@Nullable HorizontalPodAutoscalerCondition before, String status, Instant now) {
        return before != null && status.equals(before.getStatus()) && before.getLastTransitionTime() != null
                ? before.getLastTransitionTime()
                : now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private int place(List<HorizontalPodAutoscalerCondition> conditions) {
        for (int i = 0; i < conditions.size(); i++) {
            if (type.equals(conditions.get(i).getType())) {
                return i;
            }
        }
        return conditions.size();
    }
}
