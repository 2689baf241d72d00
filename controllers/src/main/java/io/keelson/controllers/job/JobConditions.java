package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** The conditions of a Job. */
final class JobConditions {
    private JobConditions() {}

    /**
     * Conditions with one of them as given; one that never held is not there to say so.
     *
     * @return the same list if nothing changes
     */
    static List<JobCondition> with(
            List<JobCondition> conditions, String type, boolean holds, String reason, String message, Instant now) {
        JobCondition condition = new JobConditionBuilder()
                .withType(type)
                .withStatus(holds ? "True" : "False")
                .withReason(reason)
                .withMessage(message)
                .withLastProbeTime(time(now))
                .withLastTransitionTime(time(now))
                .build();
        List<JobCondition> changed = new ArrayList<>(conditions);
        for (int i = 0; i < changed.size(); i++) {
            JobCondition before = changed.get(i);
            if (type.equals(before.getType())) {
                if (condition.getStatus().equals(before.getStatus())
                        && reason.equals(before.getReason())
                        && message.equals(before.getMessage())) {
                    return conditions;
                }
                changed.set(i, condition);
                return changed;
            }
        }
        if (!holds) {
            return conditions;
        }
        changed.add(condition);
        return changed;
    }

    /** A time as the API writes it. */
    static String time(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
