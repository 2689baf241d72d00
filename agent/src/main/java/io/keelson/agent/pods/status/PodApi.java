package io.keelson.agent.pods.status;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;

/** The one call by which the status of a pod is written. */
final class PodApi {
    private PodApi() {}

    /** Patches the status of the pod that has this one's name; the patch says of which uid it must be. */
    static Pod patchStatus(KubernetesClient client, Pod pod, ObjectNode patch) {
        // The library copies what it is handed, and would get it first if it knew the name alone.
        Pod named = new PodBuilder()
                .withNewMetadata()
                .withNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .endMetadata()
                .build();
        return client.resource(named)
                .subresource("status")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch.toString());
    }
}
