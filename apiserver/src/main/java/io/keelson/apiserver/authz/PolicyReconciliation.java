package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What has to be done so that an object of the bootstrap policy is as it should be: what is missing is added, what was
 * added by others stays, and an object whose owner said so ({@link BootstrapPolicy#AUTOUPDATE}) is left alone.
 *
 * @param object what to create or write; what is there already if nothing is to be done
 */
public record PolicyReconciliation(Action action, ObjectNode object) {
    /** What to do. */
    public enum Action {
        NOTHING,
        CREATE,
        UPDATE,
        /** A binding of another role: delete it and create it anew, because what it binds cannot be changed. */
        RECREATE
    }

    /** @param existing what is there; null if nothing is. Not changed */
    public static PolicyReconciliation of(ObjectNode wanted, @Nullable ObjectNode existing) {
        if (existing == null) {
            return new PolicyReconciliation(Action.CREATE, wanted);
        }
        if ("false".equals(ObjectMeta.annotation(existing, BootstrapPolicy.AUTOUPDATE))) {
            return new PolicyReconciliation(Action.NOTHING, existing);
        }
        ObjectNode next = existing.deepCopy();
        ObjectMeta.labels(wanted).forEach((key, value) -> {
            if (ObjectMeta.label(next, key) == null) {
                ObjectMeta.setLabel(next, key, value);
            }
        });
        for (Map.Entry<String, String> annotation :
                ObjectMeta.annotations(wanted).entrySet()) {
            if (ObjectMeta.annotation(next, annotation.getKey()) == null) {
                ObjectMeta.setAnnotation(next, annotation.getKey(), annotation.getValue());
            }
        }
        if (wanted.has("roleRef")) {
            if (!RoleRef.of(wanted).equals(RoleRef.of(existing))) {
                return new PolicyReconciliation(Action.RECREATE, wanted);
            }
            addMissing(wanted.path("subjects"), next, "subjects");
        } else {
            List<PolicyRule> missing = PolicyRule.missing(PolicyRule.rulesOf(existing), PolicyRule.rulesOf(wanted));
            missing.forEach(rule -> array(next, "rules").add(rule.toTree()));
            JsonNode selectors = wanted.path("aggregationRule").path("clusterRoleSelectors");
            if (!selectors.isEmpty()) {
                ObjectNode aggregation = next.get("aggregationRule") instanceof ObjectNode there
                        ? there
                        : next.putObject("aggregationRule");
                addMissing(selectors, aggregation, "clusterRoleSelectors");
            }
        }
        return new PolicyReconciliation(next.equals(existing) ? Action.NOTHING : Action.UPDATE, next);
    }

    private static void addMissing(JsonNode wanted, ObjectNode parent, String field) {
        for (JsonNode element : wanted) {
            boolean there = false;
            for (JsonNode existing : parent.path(field)) {
                there |= existing.equals(element);
            }
            if (!there) {
                array(parent, field).add(element.deepCopy());
            }
        }
    }

    private static ArrayNode array(ObjectNode parent, String field) {
        return parent.get(field) instanceof ArrayNode there ? there : parent.putArray(field);
    }
}
