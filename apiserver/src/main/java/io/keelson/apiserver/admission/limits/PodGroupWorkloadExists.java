package io.keelson.apiserver.admission.limits;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.ObjectLookup;

/** Lets nobody create a group of pods by a template that there is not. */
public final class PodGroupWorkloadExists implements AdmissionPlugin {
    private static final String GROUP = "scheduling.k8s.io";

    private final ObjectLookup objects;

    /** @param objects where workloads are found */
    public PodGroupWorkloadExists(ObjectLookup objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "PodGroupWorkloadExists";
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        ObjectNode object = request.object();
        if (request.operation() != Operation.CREATE || !request.concerns(GROUP, "podgroups") || object == null) {
            return;
        }
        JsonNode reference =
                object.path("spec").path("podGroupTemplateRef").path("workload");
        if (!reference.isObject()) {
            return;
        }
        String name = reference.path("workloadName").asText("");
        String template = reference.path("podGroupTemplateName").asText("");
        ObjectNode workload = objects.recent(GROUP, "workloads", request.namespace(), name);
        if (workload == null) {
            workload = objects.now(GROUP, "workloads", request.namespace(), name);
        }
        if (workload == null) {
            throw request.forbidden("PodGroup rejected: Workload \"" + name + "\" not found");
        }
        for (JsonNode each : workload.path("spec").path("podGroupTemplates")) {
            if (each.path("name").asText("").equals(template)) {
                return;
            }
        }
        throw request.forbidden("PodGroup rejected: PodGroupTemplate \"" + template + "\" not found in Workload \""
                + name + '"');
    }
}
