package io.keelson.apiserver.admission.limits;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;

/** Refuses pods that would keep others off more than one node: off a whole zone, for example. */
public final class LimitPodHardAntiAffinityTopology implements AdmissionPlugin {
    private static final String HOSTNAME = "kubernetes.io/hostname";

    @Override
    public String name() {
        return "LimitPodHardAntiAffinityTopology";
    }

    @Override
    public void validate(AdmissionRequest request) {
        ObjectNode pod = request.concerns("", "pods") ? request.object() : null;
        if (pod == null) {
            return;
        }
        for (JsonNode term : pod.at("/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution")) {
            String key = term.path("topologyKey").asText("");
            if (!key.equals(HOSTNAME)) {
                throw request.forbidden("affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey " + key
                        + " but only key " + HOSTNAME + " is allowed");
            }
        }
    }
}
