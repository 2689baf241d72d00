package io.keelson.controllers.replicaset;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import org.jspecify.annotations.Nullable;

/**
 * What a kind that keeps pods running says, in words that all of them share.
 *
 * @param <T> the kind
 */
interface ReplicatedKind<T extends HasMetadata> {
    /** Its class. */
    Class<T> type();

    /** Its name, as owner references have it. */
    String name();

    /** Who tells its events. */
    String component();

    /** How many pods it wants; 1 if it does not say. */
    int replicas(T owner);

    /** For how many seconds a pod must be ready to be available. */
    int minReadySeconds(T owner);

    /** Which pods are its own. */
    @Nullable
    LabelSelector selector(T owner);

    /** What its pods are like; null if there is nothing to make one of. */
    @Nullable
    PodTemplateSpec template(T owner);

    /** Whether its status says how many pods are on their way out. */
    boolean tellsOfTerminating();

    /** What its status says. */
    ReplicaStatus status(T owner);

    /** A copy with another status. */
    T withStatus(T owner, ReplicaStatus status);
}
