package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authz.BootstrapPolicy;
import io.keelson.apiserver.authz.PolicyReconciliation;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.rest.RestApi;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every cluster has: made when the server starts, and only if it is not there. Several servers may do it at the same
 * time.
 */
final class FirstObjects {
    private static final Logger log = LoggerFactory.getLogger(FirstObjects.class);

    private static final List<String> NAMESPACES = List.of("default", "kube-system", "kube-public", "kube-node-lease");

    private final RestApi rest;
    private final ResourceRegistry registry;

    FirstObjects(RestApi rest, ResourceRegistry registry) {
        this.rest = rest;
        this.registry = registry;
    }

    void namespaces() throws InterruptedException {
        Resource resource = rest.resource("", "namespaces");
        for (String name : NAMESPACES) {
            ObjectNode namespace = Json.object().put("kind", "Namespace").put("apiVersion", "v1");
            ObjectMeta.setName(namespace, name);
            createIfMissing(resource, namespace);
        }
    }

    void priorityClasses() throws InterruptedException {
        Resource resource = rest.resource("scheduling.k8s.io", "priorityclasses");
        createIfMissing(
                resource,
                priorityClass(
                        "system-node-critical",
                        2_000_001_000,
                        "Used for system critical pods that must not be moved from their current node."));
        createIfMissing(
                resource,
                priorityClass(
                        "system-cluster-critical",
                        2_000_000_000,
                        "Used for system critical pods that must run in the cluster, but can be moved to another node"
                                + " if necessary."));
    }

    private static ObjectNode priorityClass(String name, int value, String description) {
        ObjectNode object = Json.object().put("kind", "PriorityClass").put("apiVersion", "scheduling.k8s.io/v1");
        ObjectMeta.setName(object, name);
        return object.put("value", value).put("description", description);
    }

    /** The roles and bindings of {@link BootstrapPolicy}; what others added to them stays. */
    void policy() throws InterruptedException {
        for (ObjectNode wanted : BootstrapPolicy.load(Set.of())) {
            GroupVersion version = GroupVersion.parse(ObjectMeta.apiVersion(wanted));
            Resource resource = registry.current().find(new GroupKind(version.group(), ObjectMeta.kind(wanted)));
            if (resource == null) {
                throw new IllegalStateException(ObjectMeta.kind(wanted) + " is not served");
            }
            reconcile(resource, wanted);
        }
    }

    private void reconcile(Resource resource, ObjectNode wanted) throws InterruptedException {
        String namespace = ObjectMeta.namespace(wanted);
        String name = ObjectMeta.name(wanted);
        ObjectNode existing = rest.read(resource, namespace, name);
        PolicyReconciliation first = PolicyReconciliation.of(wanted, existing);
        switch (first.action()) {
            case NOTHING -> {
                // As it should be.
            }
            case CREATE -> createIfMissing(resource, first.object());
            case UPDATE -> {
                var _ = rest.update(
                        resource,
                        namespace,
                        name,
                        now -> PolicyReconciliation.of(wanted, now).object());
            }
            case RECREATE -> {
                rest.delete(resource, namespace, name);
                createIfMissing(resource, first.object());
            }
        }
    }

    private void createIfMissing(Resource resource, ObjectNode object) throws InterruptedException {
        String name = ObjectMeta.name(object);
        if (rest.read(resource, ObjectMeta.namespace(object), name) != null) {
            return;
        }
        try {
            var _ = rest.create(resource, object);
            log.debug("{} \"{}\" was made", resource, name);
        } catch (ApiException e) {
            if (e.reason() != Reason.ALREADY_EXISTS) {
                throw e;
            }
        }
    }
}
