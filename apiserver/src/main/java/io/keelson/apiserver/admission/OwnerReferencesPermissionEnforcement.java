package io.keelson.apiserver.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.authz.Attributes;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.Decision;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;
import java.util.HashSet;
import java.util.Set;

/**
 * Lets only those change the owners of an object who may delete it, since with its owners it goes; and lets only those make
 * it hold up the deletion of an owner who may do so to the owner itself.
 */
public final class OwnerReferencesPermissionEnforcement implements AdmissionPlugin {
    private final Authorizer authorizer;
    private final KindLookup kinds;

    public OwnerReferencesPermissionEnforcement(Authorizer authorizer, KindLookup kinds) {
        this.authorizer = authorizer;
        this.kinds = kinds;
    }

    @Override
    public String name() {
        return "OwnerReferencesPermissionEnforcement";
    }

    @Override
    public void validate(AdmissionRequest request) {
        ObjectNode object = request.object();
        ObjectNode old = request.old();
        boolean written = request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE;
        if (!written || object == null || isPodStatus(request)) {
            return;
        }
        Set<JsonNode> before = old == null ? Set.of() : new HashSet<>(ObjectMeta.ownerReferences(old));
        Set<JsonNode> after = new HashSet<>(ObjectMeta.ownerReferences(object));
        if (after.equals(before)) {
            return;
        }
        if (request.operation() == Operation.UPDATE) {
            Decision decision = authorizer.authorize(attributes(
                    request,
                    "delete",
                    request.resource().name(),
                    request.subresource(),
                    request.namespace(),
                    request.name()));
            if (!decision.allowed()) {
                throw request.forbidden("cannot set an ownerRef on a resource you can't delete: " + reason(decision));
            }
        }
        Set<String> blocked = new HashSet<>();
        before.stream().filter(OwnerReferencesPermissionEnforcement::blocks).forEach(owner -> blocked.add(uid(owner)));
        for (JsonNode owner : after) {
            if (blocks(owner) && !blocked.contains(uid(owner))) {
                requireFinalizers(request, owner);
            }
        }
    }

    /** Whose writers see all pods, and change nothing about owners. */
    private static boolean isPodStatus(AdmissionRequest request) {
        return request.subresource().equals("status")
                && request.resource().name().equals(new GroupResource("", "pods"));
    }

    private static boolean blocks(JsonNode owner) {
        return owner.path("blockOwnerDeletion").asBoolean();
    }

    private static String uid(JsonNode owner) {
        return owner.path("uid").asText("");
    }

    private void requireFinalizers(AdmissionRequest request, JsonNode owner) {
        String version = owner.path("apiVersion").asText("");
        String kind = owner.path("kind").asText("");
        Resource resource = kinds.find(GroupVersion.parse(version).kind(kind));
        if (resource == null) {
            throw request.forbidden("cannot set blockOwnerDeletion in this case because cannot find RESTMapping for"
                    + " APIVersion " + version + " Kind " + kind + ": no matches for kind \"" + kind
                    + "\" in version \""
                    + version + "\"");
        }
        Decision decision = authorizer.authorize(attributes(
                request,
                "update",
                resource.name(),
                "finalizers",
                resource.namespaced() ? request.namespace() : "",
                owner.path("name").asText("")));
        if (!decision.allowed()) {
            throw request.forbidden("cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't"
                    + " set finalizers on: " + reason(decision));
        }
    }

    private static String reason(Decision decision) {
        return decision.reason() + ", " + (decision.error().isEmpty() ? "<nil>" : decision.error());
    }

    private static Attributes attributes(
            AdmissionRequest request,
            String verb,
            GroupResource resource,
            String subresource,
            String namespace,
            String name) {
        return Attributes.ofResource(request.user(), verb, resource, subresource, namespace, name);
    }
}
