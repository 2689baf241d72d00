package io.keelson.apiserver.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Resource;
import java.util.List;
import java.util.Set;

/**
 * Lets nothing be created in a namespace that is not there or is being deleted, and keeps the namespaces that the system
 * needs.
 */
public final class NamespaceLifecycle implements AdmissionPlugin {
    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");
    private static final Set<String> KEPT = Set.of("default", "kube-system", "kube-public");

    private final ObjectLookup objects;

    public NamespaceLifecycle(ObjectLookup objects) {
        this.objects = objects;
    }

    @Override
    public String name() {
        return "NamespaceLifecycle";
    }

    @Override
    public void mutate(AdmissionRequest request) throws InterruptedException {
        Resource resource = request.resource();
        if (resource.name().equals(NAMESPACES)) {
            if (request.operation() == Operation.DELETE && KEPT.contains(request.name())) {
                throw ApiException.forbidden(NAMESPACES, request.name(), "this namespace may not be deleted");
            }
            return;
        }
        boolean concerned = resource.namespaced()
                && !request.namespace().isEmpty()
                && request.operation() != Operation.DELETE
                && !resource.name().group().equals("authorization.k8s.io");
        if (concerned) {
            check(request);
        }
    }

    private void check(AdmissionRequest request) throws InterruptedException {
        String name = request.namespace();
        ObjectNode namespace = objects.recent("", "namespaces", "", name);
        boolean create = request.operation() == Operation.CREATE;
        if (namespace == null || (create && isEnding(namespace))) {
            // What was so a moment ago may have changed: one that was just made, or made again under the same name.
            namespace = objects.now("", "namespaces", "", name);
        }
        if (namespace == null) {
            throw ApiException.notFound(NAMESPACES, name);
        }
        if (create && isEnding(namespace)) {
            ApiException refusal = ApiException.forbidden(
                    request.resource().name(),
                    request.name(),
                    "unable to create new content in namespace " + name + " because it is being terminated");
            throw ApiException.of(
                    refusal.reason(),
                    refusal.message(),
                    refusal.details()
                            .withCauses(List.of(new StatusCause(
                                    "NamespaceTerminating",
                                    "namespace " + name + " is being terminated",
                                    "metadata.namespace"))));
        }
    }

    private static boolean isEnding(ObjectNode namespace) {
        return ObjectMeta.isBeingDeleted(namespace)
                || namespace.path("status").path("phase").asText().equals("Terminating");
    }
}
