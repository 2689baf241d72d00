package io.keelson.apiserver.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;

/** Makes the namespace in which something is to be created, if it is not there. */
public final class NamespaceAutoProvision implements AdmissionPlugin {
    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");

    private final ObjectAccess objects;

    public NamespaceAutoProvision(ObjectAccess objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "NamespaceAutoProvision";
    }

    @Override
    public void mutate(AdmissionRequest request) throws InterruptedException {
        String name = request.namespace();
        boolean concerned = request.operation() == Operation.CREATE
                && !name.isEmpty()
                && !request.dryRun()
                && !request.resource().name().equals(NAMESPACES);
        if (!concerned || objects.recent("", "namespaces", "", name) != null) {
            return;
        }
        ObjectNode namespace = Json.object().put("kind", "Namespace").put("apiVersion", "v1");
        ObjectMeta.setName(namespace, name);
        try {
            objects.create("", "namespaces", namespace);
        } catch (ApiException e) {
            if (e.reason() != Reason.ALREADY_EXISTS) {
                throw request.forbidden(e.message());
            }
        }
    }
}
