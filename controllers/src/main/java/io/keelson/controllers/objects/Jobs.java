package io.keelson.controllers.objects;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import org.jspecify.annotations.Nullable;

/** How a Job is doing. */
public final class Jobs {
    private Jobs() {}

    /** The condition that says that it has ended, {@code Complete} or {@code Failed}; null if it has not. */
    public static @Nullable JobCondition finished(Job job) {
        JobCondition complete = holding(job, "Complete");
        return complete != null ? complete : holding(job, "Failed");
    }

    /** A condition whose status is {@code True}; null if it has none of that type. */
    public static @Nullable JobCondition holding(Job job, String type) {
        if (job.getStatus() != null) {
            for (JobCondition condition : OrEmpty.of(job.getStatus().getConditions())) {
                if (type.equals(condition.getType()) && "True".equals(condition.getStatus())) {
                    return condition;
                }
            }
        }
        return null;
    }
}
