package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps users from granting what they do not have: who writes a role must hold all its rules, who writes a binding all
 * rules of the bound role. Members of {@code system:masters} are free of it, and so is who may {@code escalate} the role,
 * or {@code bind} the bound one. A change that takes nothing but owners and finalizers away is no grant; any other one is,
 * even one of labels: a binding grants anew whenever it is written.
 *
 * @param index what users hold
 * @param authorizer is asked about these two verbs
 * @param roles what bindings bind
 */
public record Escalation(RuleIndex index, Authorizer authorizer, Roles roles) {
    static final String GROUP = "rbac.authorization.k8s.io";
    private static final GroupResource ROLES = new GroupResource(GROUP, "roles");
    private static final GroupResource CLUSTER_ROLES = new GroupResource(GROUP, "clusterroles");

    /** Roles as they are now: a binding may be written right after the role that it binds. */
    @FunctionalInterface
    public interface Roles {
        /**
         * The rules of a role; null if there is no such role.
         *
         * @param namespace of the binding; empty for none
         */
        @Nullable
        List<PolicyRule> rules(RoleRef role, String namespace) throws InterruptedException;
    }

    /**
     * Checks that an object of this group may be written.
     *
     * @param namespace of the request; empty for none
     * @param nameInPath empty if the request did not name the object
     * @param old what was there; null for a new one
     * @throws ApiException Forbidden; NotFound if a binding binds a role that is not there
     */
    void check(
            UserInfo user,
            GroupResource resource,
            String namespace,
            String nameInPath,
            JsonNode object,
            @Nullable JsonNode old)
            throws InterruptedException {
        if (user.in(UserInfo.MASTERS)) {
            return;
        }
        switch (resource.resource()) {
            case "roles", "clusterroles" -> {
                if (!mayEscalate(user, resource, namespace, nameInPath) && !onlyCollectable(object, old)) {
                    checkRole(user, resource, namespace, object, old);
                }
            }
            case "rolebindings", "clusterrolebindings" -> {
                if (!onlyCollectable(object, old)) {
                    checkBinding(user, resource, namespace, object);
                }
            }
            default -> {
                // Nothing else grants anything.
            }
        }
    }

    /** A role that collects others needs power over everything. */
    private void checkRole(
            UserInfo user, GroupResource resource, String namespace, JsonNode role, @Nullable JsonNode old) {
        checkHeld(user, namespace, PolicyRule.rulesOf(role), resource, role);
        boolean collects = role.hasNonNull("aggregationRule") || (old != null && old.hasNonNull("aggregationRule"));
        if (collects && resource.equals(CLUSTER_ROLES)) {
            List<PolicyRule> held = index.rulesFor(user, "").rules();
            List<PolicyRule> everything = List.of(PolicyRule.ALL_RESOURCES, PolicyRule.ALL_PATHS);
            if (!PolicyRule.missing(held, everything).isEmpty()) {
                throw ApiException.forbidden(
                        CLUSTER_ROLES,
                        ObjectMeta.name(role),
                        "must have cluster-admin privileges to use an aggregationRule");
            }
        }
    }

    private void checkBinding(UserInfo user, GroupResource resource, String namespace, JsonNode binding)
            throws InterruptedException {
        RoleRef role = RoleRef.of(binding);
        GroupResource bound = switch (role.kind()) {
            case RoleRef.ROLE -> ROLES;
            case RoleRef.CLUSTER_ROLE -> CLUSTER_ROLES;
            default ->
                throw ApiException.of(
                        Reason.UNKNOWN, "unsupported role reference kind: " + Attributes.quoted(role.kind()));
        };
        String group = binding.path("roleRef").path("apiGroup").asText();
        if (group.equals(GROUP) && may(user, "bind", bound, namespace, role.name())) {
            return;
        }
        List<PolicyRule> rules = roles.rules(role, namespace);
        if (rules == null) {
            throw ApiException.notFound(bound, role.name());
        }
        checkHeld(user, namespace, rules, resource, binding);
    }

    /** Whether a change touches only what has to change for an object to be collected as garbage. */
    private static boolean onlyCollectable(JsonNode object, @Nullable JsonNode old) {
        return old != null && withoutOwners(object).equals(withoutOwners(old));
    }

    private static JsonNode withoutOwners(JsonNode object) {
        JsonNode copy = object.deepCopy();
        if (copy.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove(List.of("ownerReferences", "finalizers", "managedFields", "resourceVersion"));
        }
        return copy;
    }

    /** Not by the name in the object: only that in the path is one that roles can be limited to. */
    private boolean mayEscalate(UserInfo user, GroupResource resource, String namespace, String nameInPath) {
        return may(user, "escalate", resource, namespace, nameInPath);
    }

    private boolean may(UserInfo user, String verb, GroupResource resource, String namespace, String name) {
        return authorizer
                .authorize(Attributes.ofResource(user, verb, resource, "", namespace, name))
                .allowed();
    }

    private void checkHeld(
            UserInfo user, String namespace, List<PolicyRule> rules, GroupResource resource, JsonNode object) {
        RuleList held = index.rulesFor(user, namespace);
        List<PolicyRule> missing;
        try {
            missing = PolicyRule.missing(held.rules(), rules);
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest(String.valueOf(e.getMessage()));
        }
        if (missing.isEmpty()) {
            return;
        }
        String text = "user " + Attributes.quoted(user.name()) + " (groups=" + PolicyRule.quotedList(user.groups())
                + ") is attempting to grant RBAC permissions not currently held:\n"
                + PolicyRule.compact(missing).stream()
                        .map(PolicyRule::toString)
                        .distinct()
                        .sorted()
                        .collect(Collectors.joining("\n"));
        if (!held.error().isEmpty()) {
            text += "; resolution errors: [" + held.error() + "]";
        }
        throw ApiException.forbidden(resource, ObjectMeta.name(object), text);
    }
}
