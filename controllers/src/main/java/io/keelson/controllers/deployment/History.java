package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import java.util.Comparator;
import java.util.List;

/** Which ReplicaSets are kept to go back to. */
final class History {
    private History() {}

    /**
     * The old ReplicaSets beyond the limit, those of the lowest revisions, as far as they have no pods; none if there is no
     * limit.
     */
    static List<ReplicaSet> superfluous(Deployment deployment, List<ReplicaSet> old) {
        Integer limit = deployment.getSpec().getRevisionHistoryLimit();
        if (limit == null || limit == Integer.MAX_VALUE) {
            return List.of();
        }
        List<ReplicaSet> alive = old.stream()
                .filter(set -> set.getMetadata().getDeletionTimestamp() == null)
                .sorted(Comparator.comparingLong(
                                (ReplicaSet set) -> Annotations.revision(set).orElse(0))
                        .thenComparing(Family.OLDEST_FIRST))
                .toList();
        return alive.subList(0, Math.max(0, alive.size() - Math.max(0, limit))).stream()
                .filter(History::isIdle)
                .toList();
    }

    private static boolean isIdle(ReplicaSet set) {
        Long generation = set.getMetadata().getGeneration();
        Long observed = set.getStatus() == null ? null : set.getStatus().getObservedGeneration();
        return Family.replicas(set) == 0
                && Family.counted(set, ReplicaSetStatus::getReplicas) == 0
                && (generation == null ? 0 : generation) <= (observed == null ? 0 : observed);
    }
}
