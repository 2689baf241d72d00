package io.keelson.apiserver.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.resource.GroupResource;

/** Refuses writes into namespaces that are not there. {@link NamespaceLifecycle} does so as well, and more. */
public final class NamespaceExists implements AdmissionPlugin {
    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");

    private final ObjectLookup objects;

    public NamespaceExists(ObjectLookup objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "NamespaceExists";
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        String name = request.namespace();
        boolean concerned = !name.isEmpty()
                && request.operation() != Operation.CONNECT
                && !request.resource().name().equals(NAMESPACES);
        if (!concerned) {
            return;
        }
        ObjectNode namespace = objects.recent("", "namespaces", "", name);
        if (namespace == null && objects.now("", "namespaces", "", name) == null) {
            throw ApiException.notFound(NAMESPACES, name);
        }
    }
}
