package io.keelson.controllers.replicaset;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/**
 * What has to be done to the pods of an owner. Not both at once, and no more than {@value #BURST} at a time: the rest
 * follows when these are seen.
 *
 * @param create how many to create
 * @param delete which to delete
 */
record PodChanges(int create, List<Pod> delete) {
    static final int BURST = 500;

    PodChanges {
        delete = List.copyOf(delete);
    }

    /**
     * What brings an owner to its number of pods.
     *
     * @param pods those it has: that have not ended and are not being deleted
     * @param relatives as {@link DeletionOrder#first} wants them; asked for only if pods have to be chosen
     */
    static PodChanges of(int wanted, Collection<Pod> pods, Supplier<Collection<Pod>> relatives, Instant now) {
        int missing = wanted - pods.size();
        if (missing >= 0) {
            return new PodChanges(Math.min(missing, BURST), List.of());
        }
        int surplus = Math.min(-missing, BURST);
        return new PodChanges(
                0, DeletionOrder.first(surplus, pods, surplus < pods.size() ? relatives.get() : List.of(), now));
    }
}
