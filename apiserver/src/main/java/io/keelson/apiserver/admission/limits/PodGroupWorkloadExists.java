package io.keelson.apiserver.admission.limits;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.admission.KindLookup;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.resource.GroupVersionKind;
import org.jspecify.annotations.Nullable;

/** Lets nobody create a group of pods by a template that there is not. */
public final class PodGroupWorkloadExists implements AdmissionPlugin {
    private static final String GROUP = "scheduling.k8s.io";
    private static final String RESOURCE = "workloads";

    private static final GroupVersionKind WORKLOAD = new GroupVersionKind(GROUP, "v1alpha2", "Workload");

    private final ObjectLookup objects;
    private final KindLookup kinds;

    /**
     * A plugin for a server.
     *
     * @param objects where workloads are found
     * @param kinds says whether there are any, as groups may be served without them
     */
    public PodGroupWorkloadExists(ObjectLookup objects, KindLookup kinds) {
        this.objects = objects;
        this.kinds = kinds;
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
        JsonNode reference = object.path("spec").path("podGroupTemplateRef").path("workload");
        if (!reference.isObject()) {
            return;
        }
        String name = reference.path("workloadName").asText("");
        String template = reference.path("podGroupTemplateName").asText("");
        ObjectNode workload = kinds.find(WORKLOAD) == null ? null : find(request.namespace(), name);
        if (workload == null) {
            throw request.forbidden("PodGroup rejected: Workload \"" + name + "\" not found");
        }
        for (JsonNode each : workload.path("spec").path("podGroupTemplates")) {
            if (each.path("name").asText("").equals(template)) {
                return;
            }
        }
        throw request.forbidden(
                "PodGroup rejected: PodGroupTemplate \"" + template + "\" not found in Workload \"" + name + '"');
    }

    private @Nullable ObjectNode find(String namespace, String name) throws InterruptedException {
        ObjectNode recent = objects.recent(GROUP, RESOURCE, namespace, name);
        return recent == null ? objects.now(GROUP, RESOURCE, namespace, name) : recent;
    }
}
