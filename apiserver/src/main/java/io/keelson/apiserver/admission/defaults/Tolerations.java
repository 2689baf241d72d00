package io.keelson.apiserver.admission.defaults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.ArrayList;
import java.util.List;

/** Adds to what a pod tolerates. */
final class Tolerations {
    private Tolerations() {}

    /** Tolerates every value of a taint. */
    static ObjectNode exists(String key, String effect) {
        return Json.object().put("key", key).put("operator", "Exists").put("effect", effect);
    }

    /** Puts a toleration in the place of those for the same taint, or behind all others. */
    static void put(ObjectNode spec, ObjectNode toleration) {
        ArrayNode result = Json.array();
        boolean placed = false;
        for (JsonNode present : spec.path("tolerations")) {
            if (!sameTaint(present, toleration)) {
                result.add(present);
            } else if (SemanticEquality.equal(present, toleration)) {
                return;
            } else {
                result.add(toleration);
                placed = true;
            }
        }
        if (!placed) {
            result.add(toleration);
        }
        spec.set("tolerations", result);
    }

    private static boolean sameTaint(JsonNode one, JsonNode other) {
        for (String field : List.of("key", "effect", "operator", "value")) {
            if (!text(one, field).equals(text(other, field))) {
                return false;
            }
        }
        return true;
    }

    /** Both lists, without those that another one of them covers. Of equals the first stays. */
    static ArrayNode merged(JsonNode first, JsonNode second) {
        List<JsonNode> all = new ArrayList<>();
        first.forEach(all::add);
        second.forEach(all::add);
        ArrayNode merged = Json.array();
        for (int i = 0; i < all.size(); i++) {
            JsonNode candidate = all.get(i);
            boolean covered = merged.valueStream().anyMatch(kept -> covers(kept, candidate))
                    || all.subList(i + 1, all.size()).stream()
                            .anyMatch(later -> !SemanticEquality.equal(candidate, later) && covers(later, candidate));
            if (!covered) {
                merged.add(candidate.deepCopy());
            }
        }
        return merged;
    }

    /** Whether whatever one tolerates is tolerated by the other. */
    static boolean covers(JsonNode more, JsonNode less) {
        if (SemanticEquality.equal(more, less)) {
            return true;
        }
        boolean exists = text(more, "operator").equals("Exists");
        boolean anyKey = text(more, "key").isEmpty() && exists;
        boolean anyEffect = text(more, "effect").isEmpty();
        if (!(anyKey || text(more, "key").equals(text(less, "key")))
                || !(anyEffect || text(more, "effect").equals(text(less, "effect")))) {
            return false;
        }
        if (text(more, "effect").equals("NoExecute") && more.hasNonNull("tolerationSeconds")) {
            long seconds = more.path("tolerationSeconds").asLong();
            if (!less.hasNonNull("tolerationSeconds")
                    || less.path("tolerationSeconds").asLong() > seconds) {
                return false;
            }
        }
        return exists
                || (List.of("", "Equal").contains(text(more, "operator"))
                        && text(less, "operator").equals("Equal")
                        && text(less, "value").equals(text(more, "value")));
    }

    static String text(JsonNode toleration, String field) {
        return toleration.path(field).asText("");
    }

    /** A copy of the tolerations of a pod. */
    static List<ObjectNode> of(ObjectNode spec) {
        return Fill.objects(spec.path("tolerations"));
    }
}
