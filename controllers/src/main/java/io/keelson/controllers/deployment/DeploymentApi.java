package io.keelson.controllers.deployment;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.jspecify.annotations.Nullable;

/**
 * What a rollout reads and writes. Each write is refused if the object is not any more what it was computed from, with a
 * {@link KubernetesClientException}; what is returned is the object as it is then.
 */
interface DeploymentApi {
    /** Creates a ReplicaSet. */
    ReplicaSet create(ReplicaSet set);

    /** A ReplicaSet of this name as it is, past all caches; null if there is none. */
    @Nullable
    ReplicaSet read(ReplicaSet set);

    /** Writes a ReplicaSet. */
    ReplicaSet update(ReplicaSet set);

    /** Deletes this very ReplicaSet, if it is still there. */
    void delete(ReplicaSet set);

    /** Writes what is wanted of a Deployment. */
    Deployment update(Deployment deployment);

    /** Writes a Deployment's status and annotations. */
    Deployment updateStatus(Deployment deployment);

    /** Whether a ReplicaSet has pods that have not ended. */
    boolean hasRunningPods(ReplicaSet set);

    /** Tells of something as expected. */
    void normal(Deployment about, String reason, String message);

    /** Tells of something that went wrong. */
    void warning(Deployment about, String reason, String message);
}
