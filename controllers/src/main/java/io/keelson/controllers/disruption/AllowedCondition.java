package io.keelson.controllers.disruption;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatus;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The condition of a budget that says whether it allows a disruption, and why not. */
final class AllowedCondition {
    private static final String TYPE = "DisruptionAllowed";
    private static final int MESSAGE_CHARS_MAX = 32768;

    private AllowedCondition() {}

    /** A budget's status to change; what is not there is 0, as the API shows it. */
    static PodDisruptionBudgetStatus copy(PodDisruptionBudget budget) {
        PodDisruptionBudgetStatus status = new PodDisruptionBudgetBuilder(budget).buildStatus();
        if (status == null) {
            status = new PodDisruptionBudgetStatus();
        }
        status.setCurrentHealthy(OrEmpty.of(status.getCurrentHealthy()));
        status.setDesiredHealthy(OrEmpty.of(status.getDesiredHealthy()));
        status.setExpectedPods(OrEmpty.of(status.getExpectedPods()));
        status.setDisruptionsAllowed(OrEmpty.of(status.getDisruptionsAllowed()));
        status.setDisruptedPods(OrEmpty.of(status.getDisruptedPods()));
        return status;
    }

    /** Sets it; the time of its transition changes with its status only. */
    static void set(PodDisruptionBudgetStatus status, boolean allowed, String reason, String message, Instant now) {
        List<Condition> conditions = new ArrayList<>(OrEmpty.of(status.getConditions()));
        int place = place(conditions);
        String truth = allowed ? "True" : "False";
        Condition before = place < conditions.size() ? conditions.get(place) : null;
        Condition after = new ConditionBuilder()
                .withType(TYPE)
                .withStatus(truth)
                .withReason(reason)
                .withMessage(message.length() > MESSAGE_CHARS_MAX ? message.substring(0, MESSAGE_CHARS_MAX) : message)
                .withObservedGeneration(known(status.getObservedGeneration()))
                .withLastTransitionTime(
                        before != null && truth.equals(before.getStatus())
                                ? before.getLastTransitionTime()
                                : now.truncatedTo(ChronoUnit.SECONDS).toString())
                .build();
        if (before == null) {
            conditions.add(after);
        } else {
            conditions.set(place, after);
        }
        status.setConditions(conditions);
    }

    /** A generation that is 0 is not written. */
    private static @Nullable Long known(@Nullable Long generation) {
        return generation == null || generation == 0 ? null : generation;
    }

    private static int place(List<Condition> conditions) {
        for (int i = 0; i < conditions.size(); i++) {
            if (TYPE.equals(conditions.get(i).getType())) {
                return i;
            }
        }
        return conditions.size();
    }
}
