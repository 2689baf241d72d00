package io.keelson.apiserver.admission.limits;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.ObjectLookup;
import org.jspecify.annotations.Nullable;

/**
 * A pod on a node that is to be another one than before, so that its node has a say in it.
 *
 * @param pod as it is to become
 * @param old as it was
 */
record BoundPodChange(ObjectNode pod, ObjectNode old) {
    static final String RESIZE = "resize";

    /** What a write of pods, or of one of their subresources, changes; null if it is no change of what a bound pod wants. */
    static @Nullable BoundPodChange of(AdmissionRequest request) {
        ObjectNode pod = request.object();
        ObjectNode old = request.old();
        boolean pods = request.resource().name().resource().equals("pods")
                && request.resource().name().group().isEmpty();
        if (!pods || request.operation() != Operation.UPDATE || pod == null || old == null) {
            return null;
        }
        boolean bound = !pod.path("spec").path("nodeName").asText("").isEmpty();
        return bound && !pod.path("spec").equals(old.path("spec")) ? new BoundPodChange(pod, old) : null;
    }

    /**
     * The node that the pod is on.
     *
     * @throws io.keelson.apiserver.errors.ApiException Forbidden, if it is not there
     */
    ObjectNode node(AdmissionRequest request, ObjectLookup objects) throws InterruptedException {
        String name = pod.path("spec").path("nodeName").asText("");
        ObjectNode recent = objects.recent("", "nodes", "", name);
        // The cache may not have heard yet of a node that is new.
        ObjectNode node = recent != null ? recent : objects.now("", "nodes", "", name);
        if (node == null) {
            throw request.forbidden("node \"" + name + "\" not found");
        }
        return node;
    }
}
