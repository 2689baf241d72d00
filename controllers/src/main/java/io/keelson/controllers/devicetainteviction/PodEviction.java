package io.keelson.controllers.devicetainteviction;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Time;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Says in a pod's status why it has to leave, then deletes it. */
final class PodEviction {
    private static final String TYPE = "DisruptionTarget";

    private final KubernetesClient client;
    private final Time time;

    PodEviction(KubernetesClient client, Time time) {
        this.client = client;
        this.time = time;
    }

    /**
     * Evicts a pod.
     *
     * @param told is run if it was deleted
     * @return whether it was there
     * @throws KubernetesClientException if the API refuses or cannot be reached
     */
    boolean evict(Pod pod, Runnable told) {
        Pod marked = disrupted(pod, time.instant());
        if (marked != null) {
            try {
                client.resource(marked).updateStatus();
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                    throw e;
                }
                return false;
            }
        }
        if (!Deletion.of(client, pod)) {
            return false;
        }
        told.run();
        return true;
    }

    /** A pod with the condition that says why it has to leave; null if it has it. */
    static @Nullable Pod disrupted(Pod pod, Instant now) {
        PodCondition known = Pods.condition(pod, TYPE);
        String since = known != null && "True".equals(known.getStatus())
                ? known.getLastTransitionTime()
                : now.truncatedTo(ChronoUnit.SECONDS).toString();
        PodCondition condition = new PodConditionBuilder()
                .withType(TYPE)
                .withStatus("True")
                .withReason("DeletionByDeviceTaintManager")
                .withMessage("Device Taint manager: deleting due to NoExecute taint")
                .withLastTransitionTime(since)
                .withObservedGeneration(pod.getMetadata().getGeneration())
                .build();
        if (condition.equals(known)) {
            return null;
        }
        return new PodBuilder(pod)
                .editOrNewStatus()
                .removeMatchingFromConditions(each -> TYPE.equals(each.getType()))
                .addToConditions(condition)
                .endStatus()
                .build();
    }
}
