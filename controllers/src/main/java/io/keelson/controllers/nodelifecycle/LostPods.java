package io.keelson.controllers.nodelifecycle;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Events;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Says of pods that they are not ready when their node cannot say so itself. */
final class LostPods {
    private final KubernetesClient client;
    private final Events events;
    private final InstantSource time;

    LostPods(KubernetesClient client, Events events, InstantSource time) {
        this.client = client;
        this.events = events;
        this.time = time;
    }

    /** A pod that is not ready; null if nothing is to be written. */
    static @Nullable Pod notReady(Pod pod, Instant now) {
        boolean changes = false;
        PodBuilder marked = new PodBuilder(pod);
        if (pod.getStatus() != null) {
            int index = 0;
            for (PodCondition condition : OrEmpty.of(pod.getStatus().getConditions())) {
                if ("Ready".equals(condition.getType()) && !"False".equals(condition.getStatus())) {
                    changes = true;
                    marked.editStatus()
                            .setToConditions(
                                    index,
                                    new PodConditionBuilder(condition)
                                            .withStatus("False")
                                            .withLastTransitionTime(now.truncatedTo(ChronoUnit.SECONDS)
                                                    .toString())
                                            .build())
                            .endStatus();
                }
                index++;
            }
        }
        return changes ? marked.build() : null;
    }

    /**
     * Marks pods.
     *
     * @throws KubernetesClientException the last refusal; the others are marked all the same
     */
    void mark(Collection<Pod> pods) {
        KubernetesClientException refusal = null;
        for (Pod pod : pods) {
            Pod marked = notReady(pod, time.instant());
            if (marked == null) {
                continue;
            }
            try {
                client.resource(marked).updateStatus();
                events.warning(pod, "NodeNotReady", "Node is not ready");
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                    refusal = e;
                }
            }
        }
        if (refusal != null) {
            throw refusal;
        }
    }
}
