package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The conditions of a Deployment: their types and reasons, which {@code kubectl rollout status} goes by. */
final class Conditions {
    static final String AVAILABLE = "Available";
    static final String PROGRESSING = "Progressing";
    static final String REPLICA_FAILURE = "ReplicaFailure";

    static final String MINIMUM_AVAILABLE = "MinimumReplicasAvailable";
    static final String MINIMUM_UNAVAILABLE = "MinimumReplicasUnavailable";
    static final String FOUND = "FoundNewReplicaSet";
    static final String CREATED = "NewReplicaSetCreated";
    static final String NOT_CREATED = "ReplicaSetCreateError";
    static final String UPDATED = "ReplicaSetUpdated";
    static final String COMPLETE = "NewReplicaSetAvailable";
    static final String TIMED_OUT = "ProgressDeadlineExceeded";
    static final String PAUSED = "DeploymentPaused";
    static final String RESUMED = "DeploymentResumed";

    private Conditions() {}

    /** A condition that begins now. */
    static DeploymentCondition of(String type, String status, String reason, String message, Instant now) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        return new DeploymentConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withLastUpdateTime(time)
                .withLastTransitionTime(time)
                .build();
    }

    /** A condition by its type; null if there is none of it. */
    static @Nullable DeploymentCondition find(@Nullable DeploymentStatus status, String type) {
        if (status != null) {
            for (DeploymentCondition condition : OrEmpty.of(status.getConditions())) {
                if (type.equals(condition.getType())) {
                    return condition;
                }
            }
        }
        return null;
    }

    /** Sets a condition; one that is there with this status and for this reason stays as it is. */
    static void set(DeploymentStatus status, DeploymentCondition condition) {
        DeploymentCondition before = find(status, condition.getType());
        if (before != null
                && OrEmpty.of(before.getStatus()).equals(condition.getStatus())
                && OrEmpty.of(before.getReason()).equals(condition.getReason())) {
            return;
        }
        renew(status, condition);
    }

    /** Sets a condition even if it is there for the same reason; since when it has this status stays. */
    static void renew(DeploymentStatus status, DeploymentCondition condition) {
        DeploymentCondition before = find(status, condition.getType());
        DeploymentCondition set =
                before != null && OrEmpty.of(before.getStatus()).equals(condition.getStatus())
                        ? new DeploymentConditionBuilder(condition)
                                .withLastTransitionTime(before.getLastTransitionTime())
                                .build()
                        : condition;
        remove(status, condition.getType());
        List<DeploymentCondition> conditions = new ArrayList<>(OrEmpty.of(status.getConditions()));
        conditions.add(set);
        status.setConditions(conditions);
    }

    /** Takes a condition away. */
    static void remove(DeploymentStatus status, String type) {
        List<DeploymentCondition> conditions = new ArrayList<>(OrEmpty.of(status.getConditions()));
        conditions.removeIf(condition -> type.equals(condition.getType()));
        status.setConditions(conditions);
    }

    /** Whether a Deployment is to make progress within some time. */
    static boolean hasProgressDeadline(Deployment deployment) {
        Integer seconds = deployment.getSpec().getProgressDeadlineSeconds();
        return seconds != null && seconds != Integer.MAX_VALUE;
    }

    /** Says that a Deployment is paused or goes on, if that is new and it has not failed. */
    static void pauseOrResume(Deployment deployment, DeploymentStatus status, Instant now) {
        DeploymentCondition progressing = find(status, PROGRESSING);
        String reason = progressing == null ? "" : OrEmpty.of(progressing.getReason());
        if (!hasProgressDeadline(deployment) || reason.equals(TIMED_OUT)) {
            return;
        }
        boolean paused = OrEmpty.of(deployment.getSpec().getPaused());
        if (paused && !reason.equals(PAUSED)) {
            set(status, of(PROGRESSING, "Unknown", PAUSED, "Deployment is paused", now));
        } else if (!paused && reason.equals(PAUSED)) {
            set(status, of(PROGRESSING, "Unknown", RESUMED, "Deployment is resumed", now));
        }
    }
}
