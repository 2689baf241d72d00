package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import java.util.List;

/**
 * Labels of a pod that its own selectors refer to by key alone: when the pod is created, the values it has become part of the
 * selectors ({@code matchLabelKeys}, {@code mismatchLabelKeys}).
 */
public final class LabelKeys {
    private LabelKeys() {}

    public static void resolve(ObjectNode pod) {
        JsonNode labels = pod.path("metadata").path("labels");
        JsonNode spec = pod.path("spec");
        for (String which : List.of("podAffinity", "podAntiAffinity")) {
            JsonNode affinity = spec.path("affinity").path(which);
            affinity.path("requiredDuringSchedulingIgnoredDuringExecution").forEach(term -> resolve(term, labels));
            affinity.path("preferredDuringSchedulingIgnoredDuringExecution")
                    .forEach(term -> resolve(term.path("podAffinityTerm"), labels));
        }
        spec.path("topologySpreadConstraints").forEach(constraint -> resolve(constraint, labels));
    }

    private static void resolve(JsonNode term, JsonNode labels) {
        if (term.path("labelSelector") instanceof ObjectNode selector) {
            add(selector, term.path("matchLabelKeys"), "In", labels);
            add(selector, term.path("mismatchLabelKeys"), "NotIn", labels);
        }
    }

    private static void add(ObjectNode selector, JsonNode keys, String operator, JsonNode labels) {
        for (JsonNode key : keys) {
            JsonNode value = labels.path(key.asText());
            if (value.isTextual()) {
                Fill.list(selector, "matchExpressions")
                        .addObject()
                        .put("key", key.asText())
                        .put("operator", operator)
                        .putArray("values")
                        .add(value.asText());
            }
        }
    }
}
