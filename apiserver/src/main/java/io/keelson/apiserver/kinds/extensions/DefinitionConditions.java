package io.keelson.apiserver.kinds.extensions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;

/** The conditions in the status of a definition of a custom kind. */
public final class DefinitionConditions {
    public static final String ESTABLISHED = "Established";
    public static final String NAMES_ACCEPTED = "NamesAccepted";
    public static final String TERMINATING = "Terminating";
    /** Whether a definition in one of the community's groups has its approval. */
    public static final String APPROVED = "KubernetesAPIApprovalPolicyConformant";

    private DefinitionConditions() {}

    public static boolean isTrue(JsonNode definition, String type) {
        for (JsonNode condition : definition.path("status").path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText().equals("True");
            }
        }
        return false;
    }

    /**
     * Sets a condition; its time is that of its last change between true and false.
     *
     * @param now as it is written, {@code 2026-01-01T00:00:00Z}
     */
    public static void set(
            ObjectNode definition, String type, boolean value, String reason, String message, String now) {
        ArrayNode conditions = Fill.list(Fill.object(definition, "status"), "conditions");
        ObjectNode condition = null;
        for (JsonNode one : conditions) {
            if (one instanceof ObjectNode known && known.path("type").asText().equals(type)) {
                condition = known;
            }
        }
        if (condition == null) {
            condition = conditions.addObject();
        }
        String status = value ? "True" : "False";
        String since = condition.path("status").asText().equals(status)
                ? condition.path("lastTransitionTime").asText(now)
                : now;
        condition.removeAll();
        condition
                .put("lastTransitionTime", since)
                .put("message", message)
                .put("reason", reason)
                .put("status", status)
                .put("type", type);
    }
}
