package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetCondition;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a rollout gets on. It has ended when all pods are of the template and available, and nothing else is left; it
 * moves when there are more of the new or fewer of the old; and it is stuck when it has not moved for as long as the
 * Deployment gives it.
 */
final class Progress {
    private Progress() {}

    /**
     * Says in a status how the rollout gets on, and what went wrong with pods.
     *
     * @param before the status as it was
     * @param status the status as it will be
     */
    static void tell(
            Deployment deployment,
            Fenceposts posts,
            Family family,
            DeploymentStatus before,
            DeploymentStatus status,
            Instant now) {
        if (!Conditions.hasProgressDeadline(deployment)) {
            Conditions.remove(status, Conditions.PROGRESSING);
        } else if (!hasEndedBefore(status)) {
            tellOfProgress(deployment, posts, family, before, status, now);
        }
        DeploymentCondition failure = failure(family);
        if (failure == null) {
            Conditions.remove(status, Conditions.REPLICA_FAILURE);
        } else {
            Conditions.set(status, failure);
        }
    }

    /** After its end a rollout is not begun again by pods that come and go. */
    private static boolean hasEndedBefore(DeploymentStatus status) {
        DeploymentCondition progressing = Conditions.find(status, Conditions.PROGRESSING);
        return progressing != null
                && Conditions.COMPLETE.equals(progressing.getReason())
                && OrEmpty.of(status.getReplicas()) == OrEmpty.of(status.getUpdatedReplicas());
    }

    private static void tellOfProgress(
            Deployment deployment,
            Fenceposts posts,
            Family family,
            DeploymentStatus before,
            DeploymentStatus status,
            Instant now) {
        ReplicaSet newest = family.newest();
        String who = newest == null
                ? "Deployment \"" + deployment.getMetadata().getName() + '"'
                : "ReplicaSet \"" + newest.getMetadata().getName() + '"';
        if (isComplete(deployment, posts, status)) {
            Conditions.set(
                    status,
                    Conditions.of(
                            Conditions.PROGRESSING,
                            "True",
                            Conditions.COMPLETE,
                            who + " has successfully progressed.",
                            now));
        } else if (moves(before, status)) {
            Conditions.renew(
                    status,
                    Conditions.of(Conditions.PROGRESSING, "True", Conditions.UPDATED, who + " is progressing.", now));
        } else if (isTimedOut(deployment, status, now)) {
            Conditions.set(
                    status,
                    Conditions.of(
                            Conditions.PROGRESSING,
                            "False",
                            Conditions.TIMED_OUT,
                            who + " has timed out progressing.",
                            now));
        }
    }

    /** Whether all pods are of the template, available, and the only ones. */
    static boolean isComplete(Deployment deployment, Fenceposts posts, @Nullable DeploymentStatus status) {
        return status != null
                && OrEmpty.of(status.getUpdatedReplicas()) == posts.replicas()
                && OrEmpty.of(status.getReplicas()) == posts.replicas()
                && OrEmpty.of(status.getAvailableReplicas()) == posts.replicas()
                && (status.getObservedGeneration() == null ? 0 : status.getObservedGeneration())
                        >= StatusCalculation.generation(deployment);
    }

    private static boolean moves(DeploymentStatus before, DeploymentStatus status) {
        int oldBefore = OrEmpty.of(before.getReplicas()) - OrEmpty.of(before.getUpdatedReplicas());
        int old = OrEmpty.of(status.getReplicas()) - OrEmpty.of(status.getUpdatedReplicas());
        return OrEmpty.of(status.getUpdatedReplicas()) > OrEmpty.of(before.getUpdatedReplicas())
                || old < oldBefore
                || OrEmpty.of(status.getReadyReplicas()) > OrEmpty.of(before.getReadyReplicas())
                || OrEmpty.of(status.getAvailableReplicas()) > OrEmpty.of(before.getAvailableReplicas());
    }

    private static boolean isTimedOut(Deployment deployment, DeploymentStatus status, Instant now) {
        DeploymentCondition progressing = Conditions.find(status, Conditions.PROGRESSING);
        if (progressing == null || Conditions.COMPLETE.equals(progressing.getReason())) {
            return false;
        }
        if (Conditions.TIMED_OUT.equals(progressing.getReason())) {
            return true;
        }
        Instant deadline = deadline(deployment, progressing);
        return deadline != null && deadline.isBefore(now);
    }

    private static @Nullable Instant deadline(Deployment deployment, DeploymentCondition progressing) {
        Instant updated = Pods.time(progressing.getLastUpdateTime());
        Integer seconds = deployment.getSpec().getProgressDeadlineSeconds();
        return updated == null || seconds == null ? null : updated.plusSeconds(seconds);
    }

    /** After how long to look whether a rollout is stuck; null if there is nothing to look for. */
    static @Nullable Duration untilDeadline(
            Deployment deployment, Fenceposts posts, DeploymentStatus status, Instant now) {
        DeploymentCondition progressing = Conditions.find(status, Conditions.PROGRESSING);
        if (!Conditions.hasProgressDeadline(deployment)
                || progressing == null
                || Conditions.TIMED_OUT.equals(progressing.getReason())
                || isComplete(deployment, posts, status)
                // Pods of a rollout that has ended may be unavailable for any time: no deadline runs.
                || Conditions.COMPLETE.equals(progressing.getReason())) {
            return null;
        }
        Instant deadline = deadline(deployment, progressing);
        if (deadline == null) {
            return null;
        }
        Duration left = Duration.between(now, deadline);
        // Times of the API have no fractions of a second.
        return (left.isNegative() ? Duration.ZERO : left).plusSeconds(1);
    }

    private static @Nullable DeploymentCondition failure(Family family) {
        ReplicaSet newest = family.newest();
        DeploymentCondition ofNewest = newest == null ? null : failure(newest);
        return ofNewest != null ? ofNewest : failure(family.old());
    }

    private static @Nullable DeploymentCondition failure(List<ReplicaSet> sets) {
        for (ReplicaSet set : sets) {
            DeploymentCondition failure = failure(set);
            if (failure != null) {
                return failure;
            }
        }
        return null;
    }

    private static @Nullable DeploymentCondition failure(ReplicaSet set) {
        if (set.getStatus() != null) {
            for (ReplicaSetCondition condition : OrEmpty.of(set.getStatus().getConditions())) {
                if (Conditions.REPLICA_FAILURE.equals(condition.getType())) {
                    return new DeploymentConditionBuilder()
                            .withType(Conditions.REPLICA_FAILURE)
                            .withStatus(condition.getStatus())
                            .withReason(condition.getReason())
                            .withMessage(condition.getMessage())
                            .withLastUpdateTime(condition.getLastTransitionTime())
                            .withLastTransitionTime(condition.getLastTransitionTime())
                            .build();
                }
            }
        }
        return null;
    }
}
