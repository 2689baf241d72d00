package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/**
 * Which role a binding binds.
 *
 * @param kind Role or ClusterRole
 */
public record RoleRef(String kind, String name) {
    public static final String ROLE = "Role";
    public static final String CLUSTER_ROLE = "ClusterRole";

    /** Of a RoleBinding or ClusterRoleBinding. */
    public static RoleRef of(JsonNode binding) {
        JsonNode ref = binding.path("roleRef");
        return new RoleRef(ref.path("kind").asText(), ref.path("name").asText());
    }

    /** {@code clusterrole.rbac.authorization.k8s.io "x" not found}. */
    String notFound() {
        return kind.toLowerCase(Locale.ROOT) + ".rbac.authorization.k8s.io " + Attributes.quoted(name) + " not found";
    }
}
