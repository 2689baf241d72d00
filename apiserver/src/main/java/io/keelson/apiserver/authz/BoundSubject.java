package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * Whom a binding is for, in the form that a user is compared with.
 *
 * @param group whether it is a group; otherwise it is a user's name, of service accounts too
 * @param name of the user or group
 * @param shown the way reasons name it: {@code ServiceAccount "name/namespace"}
 */
record BoundSubject(boolean group, String name, String shown) {
    /**
     * @param bindingNamespace of the binding; empty for a ClusterRoleBinding
     * @return null for a subject that applies to nobody
     */
    static @Nullable BoundSubject of(JsonNode subject, String bindingNamespace) {
        String kind = subject.path("kind").asText();
        String name = subject.path("name").asText();
        String shown = kind + " ";
        return switch (kind) {
            case "User" -> new BoundSubject(false, name, shown + Attributes.quoted(name));
            case "Group" -> new BoundSubject(true, name, shown + Attributes.quoted(name));
            case "ServiceAccount" -> {
                String stated = subject.path("namespace").asText();
                String namespace = stated.isEmpty() ? bindingNamespace : stated;
                yield namespace.isEmpty()
                        ? null
                        : new BoundSubject(
                                false,
                                "system:serviceaccount:" + namespace + ":" + name,
                                shown + Attributes.quoted(name + "/" + namespace));
            }
            default -> null;
        };
    }
}
