package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps users from granting what they do not have: who writes a role must hold all its rules, who writes a binding all
 * rules of the bound role. Members of {@code system:masters} are free of it, and so is who may {@code escalate} the role,
 * or {@code bind} the bound one.
 *
 * @param authorizer is asked about these two verbs
 */
public record Escalation(RuleIndex index, Authorizer authorizer) {
    private static final String GROUP = "rbac.authorization.k8s.io";
    private static final GroupResource ROLES = new GroupResource(GROUP, "roles");
    private static final GroupResource CLUSTER_ROLES = new GroupResource(GROUP, "clusterroles");
    private static final GroupResource ROLE_BINDINGS = new GroupResource(GROUP, "rolebindings");
    private static final GroupResource CLUSTER_ROLE_BINDINGS = new GroupResource(GROUP, "clusterrolebindings");

    /**
     * Checks that a Role may be written.
     *
     * @param old what was there; null for a new one
     * @throws ApiException Forbidden
     */
    public void checkRole(UserInfo user, JsonNode role, @Nullable JsonNode old) {
        String namespace = ObjectMeta.namespace(role);
        if (onlyCollectable(role, old) || mayEscalate(user, ROLES, namespace, role)) {
            return;
        }
        check(user, namespace, PolicyRule.rulesOf(role), ROLES, role);
    }

    /** Checks that a ClusterRole may be written; one that collects others needs power over everything. */
    public void checkClusterRole(UserInfo user, JsonNode role, @Nullable JsonNode old) {
        if (onlyCollectable(role, old) || mayEscalate(user, CLUSTER_ROLES, "", role)) {
            return;
        }
        check(user, "", PolicyRule.rulesOf(role), CLUSTER_ROLES, role);
        if (role.hasNonNull("aggregationRule") || (old != null && old.hasNonNull("aggregationRule"))) {
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

    /** Checks that a RoleBinding may be written. */
    public void checkRoleBinding(UserInfo user, JsonNode binding, @Nullable JsonNode old) {
        checkBinding(user, ObjectMeta.namespace(binding), binding, old, ROLE_BINDINGS);
    }

    /** Checks that a ClusterRoleBinding may be written. */
    public void checkClusterRoleBinding(UserInfo user, JsonNode binding, @Nullable JsonNode old) {
        checkBinding(user, "", binding, old, CLUSTER_ROLE_BINDINGS);
    }

    private void checkBinding(
            UserInfo user, String namespace, JsonNode binding, @Nullable JsonNode old, GroupResource resource) {
        if (user.in(UserInfo.MASTERS) || onlyCollectable(binding, old)) {
            return;
        }
        RoleRef role = RoleRef.of(binding);
        GroupResource bound = role.kind().equals(RoleRef.ROLE) ? ROLES : CLUSTER_ROLES;
        if (authorizer
                .authorize(Attributes.ofResource(user, "bind", bound, "", namespace, role.name()))
                .allowed()) {
            return;
        }
        List<PolicyRule> rules = index.rules(role, namespace);
        if (rules == null) {
            throw ApiException.notFound(new GroupResource(GROUP, bound.resource()), role.name());
        }
        check(user, namespace, rules, resource, binding);
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

    private boolean mayEscalate(UserInfo user, GroupResource resource, String namespace, JsonNode role) {
        return user.in(UserInfo.MASTERS)
                || authorizer
                        .authorize(
                                Attributes.ofResource(user, "escalate", resource, "", namespace, ObjectMeta.name(role)))
                        .allowed();
    }

    private void check(
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
