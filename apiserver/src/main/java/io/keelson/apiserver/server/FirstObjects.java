package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authz.BootstrapPolicy;
import io.keelson.apiserver.authz.PolicyReconciliation;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.rest.RestApi;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every cluster has: made when the server has started, and only if it is not there. Several servers may do it at the same
 * time. What is made goes through admission, and so perhaps to webhooks that run in this very cluster: the server has to serve
 * already.
 */
final class FirstObjects {
    private static final Logger log = LoggerFactory.getLogger(FirstObjects.class);

    private static final List<String> NAMESPACES = List.of("default", "kube-system", "kube-public", "kube-node-lease");

    private final RestApi rest;
    private final ResourceRegistry registry;
    private final Set<String> features;

    /** @param features those that are on beyond the ordinary, which bring roles with them */
    FirstObjects(RestApi rest, ResourceRegistry registry, Set<String> features) {
        this.rest = rest;
        this.registry = registry;
        this.features = Set.copyOf(features);
    }

    /** Makes the namespaces that are missing; the rest, and what others make, may lie in them. */
    void makeNamespaces() throws InterruptedException {
        Together.run(NAMESPACES.stream()
                .<Together.Task>map(name -> () -> createIfMissing(rest.resource("", "namespaces"), namespace(name)))
                .toList());
    }

    /** Makes the roles that are missing, with who has them, and mends those that lack something. */
    void makeRoles() throws InterruptedException {
        List<Together.Task> tasks = new ArrayList<>();
        for (ObjectNode wanted : BootstrapPolicy.load(features)) {
            tasks.add(() -> reconcile(wanted));
        }
        Together.run(tasks);
    }

    /** Makes the priority classes that are missing. */
    void makePriorityClasses() throws InterruptedException {
        List<Together.Task> tasks = new ArrayList<>();
        for (ObjectNode wanted : List.of(
                priorityClass(
                        "system-node-critical",
                        2_000_001_000,
                        "Used for system critical pods that must not be moved from their current node."),
                priorityClass(
                        "system-cluster-critical",
                        2_000_000_000,
                        "Used for system critical pods that must run in the cluster, but can be moved to another node"
                                + " if necessary."))) {
            tasks.add(() -> createIfMissing(rest.resource("scheduling.k8s.io", "priorityclasses"), wanted));
        }
        Together.run(tasks);
    }

    private static ObjectNode namespace(String name) {
        ObjectNode namespace = Json.object().put("kind", "Namespace").put("apiVersion", "v1");
        ObjectMeta.setName(namespace, name);
        return namespace;
    }

    private static ObjectNode priorityClass(String name, int value, String description) {
        ObjectNode object = Json.object().put("kind", "PriorityClass").put("apiVersion", "scheduling.k8s.io/v1");
        ObjectMeta.setName(object, name);
        return object.put("value", value).put("description", description);
    }

    /** Brings a role or binding of {@link BootstrapPolicy} to what it should be; what others added to it stays. */
    private void reconcile(ObjectNode wanted) throws InterruptedException {
        GroupVersion version = GroupVersion.parse(ObjectMeta.apiVersion(wanted));
        Resource resource = registry.current().find(new GroupKind(version.group(), ObjectMeta.kind(wanted)));
        if (resource == null) {
            throw new IllegalStateException(ObjectMeta.kind(wanted) + " is not served");
        }
        String namespace = ObjectMeta.namespace(wanted);
        String name = ObjectMeta.name(wanted);
        // The cache was loaded a moment ago; a write that another server makes meanwhile shows when this one writes.
        CacheEntry existing = rest.cache(resource).snapshot().get(namespace, name);
        PolicyReconciliation first = PolicyReconciliation.of(wanted, existing == null ? null : existing.tree());
        switch (first.action()) {
            case NOTHING -> {
                // As it should be.
            }
            case CREATE -> create(resource, first.object());
            case UPDATE -> {
                var _ = rest.update(
                        resource,
                        namespace,
                        name,
                        now -> PolicyReconciliation.of(wanted, now).object());
            }
            case RECREATE -> {
                rest.delete(resource, namespace, name);
                create(resource, first.object());
            }
        }
    }

    private void createIfMissing(Resource resource, ObjectNode object) throws InterruptedException {
        String name = ObjectMeta.name(object);
        if (rest.cache(resource).snapshot().get(ObjectMeta.namespace(object), name) != null) {
            return;
        }
        create(resource, object);
    }

    private void create(Resource resource, ObjectNode object) throws InterruptedException {
        try {
            var _ = rest.create(resource, object);
            log.debug("{} \"{}\" was made", resource, ObjectMeta.name(object));
        } catch (ApiException e) {
            if (e.reason() != Reason.ALREADY_EXISTS) {
                throw e;
            }
        }
    }
}
