package io.keelson.controllers.replicaset;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an owner of pods is doing.
 *
 * @param replicas its pods that have not ended and are not being deleted; the next three are counts of these
 * @param fullyLabeled those that have all labels of the template
 * @param ready those that are ready
 * @param available those that have been ready for long enough
 * @param terminating its pods that are being deleted and have not ended; null if its kind does not say
 * @param observedGeneration the generation of the specification that this is about
 * @param conditions in their order
 */
record ReplicaStatus(
        int replicas,
        int fullyLabeled,
        int ready,
        int available,
        @Nullable Integer terminating,
        long observedGeneration,
        List<Condition> conditions) {
    /** The one condition that is set here: a pod could not be created or deleted. */
    static final String REPLICA_FAILURE = "ReplicaFailure";

    /**
     * A condition, its times as the API has them.
     *
     * @param status {@code True}, {@code False} or {@code Unknown}
     */
    record Condition(
            String type,
            String status,
            @Nullable String reason,
            @Nullable String message,
            @Nullable String lastTransitionTime) {}

    ReplicaStatus {
        conditions = List.copyOf(conditions);
    }
}
