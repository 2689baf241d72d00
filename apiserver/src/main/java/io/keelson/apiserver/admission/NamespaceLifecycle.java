package io.keelson.apiserver.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Resource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets nothing be created in a namespace that is not there or is being deleted, and keeps the namespaces that the system
 * needs.
 */
public final class NamespaceLifecycle implements AdmissionPlugin {
    private static final GroupResource NAMESPACES = new GroupResource("", "namespaces");
    private static final Set<String> KEPT = Set.of("default", "kube-system", "kube-public");
    /** Longer than any copy of what is stored lags behind. */
    private static final long LEAVING_NS = TimeUnit.SECONDS.toNanos(30);

    private static final int LEAVING_MAX = 1_000;

    private final ObjectLookup objects;
    private final LongSupplier nanoTime;
    /** When namespaces were last asked to go, by their names; of many those that were asked last. */
    private final Map<String, Long> leaving = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > LEAVING_MAX;
        }
    };

    public NamespaceLifecycle(ObjectLookup objects) {
        this(objects, System::nanoTime);
    }

    NamespaceLifecycle(ObjectLookup objects, LongSupplier nanoTime) {
        this.objects = objects;
        this.nanoTime = nanoTime;
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
            if (request.operation() == Operation.DELETE) {
                noteLeaving(request.name());
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
        if (namespace == null || (create && (isEnding(namespace) || isLeaving(name)))) {
            // What was so a moment ago may have changed: one that was just made, made again under the same name, or
            // deleted.
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

    private void noteLeaving(String name) {
        synchronized (leaving) {
            leaving.remove(name); // So that it is the youngest.
            leaving.put(name, nanoTime.getAsLong());
        }
    }

    private boolean isLeaving(String name) {
        synchronized (leaving) {
            Long since = leaving.get(name);
            if (since != null && nanoTime.getAsLong() - since > LEAVING_NS) {
                leaving.remove(name);
                return false;
            }
            return since != null;
        }
    }

    private static boolean isEnding(ObjectNode namespace) {
        return ObjectMeta.isBeingDeleted(namespace)
                || namespace.path("status").path("phase").asText().equals("Terminating");
    }
}
