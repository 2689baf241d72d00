package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How a Deployment is doing, by what its ReplicaSets say. */
final class StatusCalculation {
    private StatusCalculation() {}

    /**
     * Its counts and whether enough is available; its other conditions as they were.
     *
     * @param before conditions and number of hash collisions so far
     */
    static DeploymentStatus of(
            Deployment deployment, Fenceposts posts, Family family, DeploymentStatus before, Instant now) {
        List<ReplicaSet> all = family.all();
        ReplicaSet newest = family.newest();
        int available = Family.sum(all, set -> Family.counted(set, ReplicaSetStatus::getAvailableReplicas));
        DeploymentStatus status = new DeploymentStatusBuilder(before)
                .withObservedGeneration(generation(deployment))
                .withReplicas(count(Family.sum(all, set -> Family.counted(set, ReplicaSetStatus::getReplicas))))
                .withUpdatedReplicas(
                        newest == null ? null : count(Family.counted(newest, ReplicaSetStatus::getReplicas)))
                .withReadyReplicas(
                        count(Family.sum(all, set -> Family.counted(set, ReplicaSetStatus::getReadyReplicas))))
                .withAvailableReplicas(count(available))
                .withUnavailableReplicas(count(Math.max(0, Family.replicas(all) - available)))
                .withTerminatingReplicas(terminating(all))
                .build();
        Conditions.set(
                status,
                available >= posts.minAvailable()
                        ? Conditions.of(
                                Conditions.AVAILABLE,
                                "True",
                                Conditions.MINIMUM_AVAILABLE,
                                "Deployment has minimum availability.",
                                now)
                        : Conditions.of(
                                Conditions.AVAILABLE,
                                "False",
                                Conditions.MINIMUM_UNAVAILABLE,
                                "Deployment does not have minimum availability.",
                                now));
        return status;
    }

    /** A count as the API has it: one of 0 is not there. */
    private static @Nullable Integer count(int number) {
        return number == 0 ? null : number;
    }

    /** Not known as long as one of them does not say. */
    private static @Nullable Integer terminating(List<ReplicaSet> sets) {
        for (ReplicaSet set : sets) {
            if (set.getStatus() == null || set.getStatus().getTerminatingReplicas() == null) {
                return null;
            }
        }
        return Family.sum(sets, set -> Family.counted(set, ReplicaSetStatus::getTerminatingReplicas));
    }

    static long generation(Deployment deployment) {
        Long generation = deployment.getMetadata().getGeneration();
        return generation == null ? 0 : generation;
    }

    /** Whether two statuses say the same; a count that is not there says 0. */
    static boolean isSame(DeploymentStatus one, DeploymentStatus other) {
        return OrEmpty.of(one.getReplicas()) == OrEmpty.of(other.getReplicas())
                && OrEmpty.of(one.getUpdatedReplicas()) == OrEmpty.of(other.getUpdatedReplicas())
                && OrEmpty.of(one.getReadyReplicas()) == OrEmpty.of(other.getReadyReplicas())
                && OrEmpty.of(one.getAvailableReplicas()) == OrEmpty.of(other.getAvailableReplicas())
                && OrEmpty.of(one.getUnavailableReplicas()) == OrEmpty.of(other.getUnavailableReplicas())
                && Objects.equals(one.getTerminatingReplicas(), other.getTerminatingReplicas())
                && Objects.equals(one.getObservedGeneration(), other.getObservedGeneration())
                && Objects.equals(one.getCollisionCount(), other.getCollisionCount())
                && OrEmpty.of(one.getConditions()).equals(OrEmpty.of(other.getConditions()));
    }
}
