package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.List;

/**
 * Marks groups of pods, so that they stay until a controller has seen that no pod belongs to them any more. Where the feature
 * {@code GenericWorkload} is off there are no groups, and nothing to mark.
 */
public final class PodGroupProtection implements AdmissionPlugin {
    private static final String FINALIZER = "scheduling.k8s.io/podgroup-protection";

    @Override
    public String name() {
        return "PodGroupProtection";
    }

    @Override
    public void mutate(AdmissionRequest request) {
        ObjectNode group = request.object();
        if (request.operation() != Operation.CREATE
                || group == null
                || !request.concerns("scheduling.k8s.io", "podgroups")) {
            return;
        }
        List<String> finalizers = ObjectMeta.finalizers(group);
        if (!finalizers.contains(FINALIZER)) {
            finalizers.add(FINALIZER);
            ObjectMeta.setFinalizers(group, finalizers);
        }
    }
}
