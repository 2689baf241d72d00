package io.keelson.agent.pods.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The strategic merge patch that makes one status of another. It names the pod's uid, so that it fails for another pod
 * of that name. Of conditions it says only those that are the node's or have changed: another's is never written back
 * to what it was.
 */
public final class StatusPatch {
    private static final Set<String> MERGED = Set.of("podIPs", "hostIPs");
    /** Whoever writes these, it is not the node. */
    private static final Set<String> OTHERS = Set.of(
            "nominatedNodeName",
            "resourceClaimStatuses",
            "extendedResourceClaimStatus",
            "nodeAllocatableResourceClaimStatuses",
            "resize");

    private StatusPatch() {}

    /**
     * The patch.
     *
     * @param before the status that the API has, as far as known; null for none
     * @return empty if nothing is to be changed
     */
    public static Optional<ObjectNode> of(String uid, @Nullable JsonNode before, JsonNode wanted) {
        JsonNode known = before == null ? JsonNodeFactory.instance.objectNode() : before;
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        wanted.properties().forEach(field -> {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (OTHERS.contains(name) || value.equals(known.get(name)) || (isEmpty(value) && !known.has(name))) {
                return;
            }
            if (name.equals("conditions")) {
                addConditions(status, known.path(name), value);
            } else {
                status.set(name, MERGED.contains(name) ? replacing(value) : value);
            }
        });
        known.fieldNames().forEachRemaining(name -> {
            if (!wanted.has(name) && !OTHERS.contains(name) && !isEmpty(known.get(name))) {
                status.putNull(name);
            }
        });
        if (status.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("metadata").put("uid", uid);
        patch.set("status", status);
        return Optional.of(patch);
    }

    private static boolean isEmpty(JsonNode value) {
        return value.isContainerNode() && value.isEmpty();
    }

    private static ArrayNode replacing(JsonNode value) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        value.forEach(list::add);
        list.addObject().put("$patch", "replace");
        return list;
    }

    private static void addConditions(ObjectNode status, JsonNode before, JsonNode wanted) {
        Map<String, JsonNode> known = new HashMap<>();
        before.forEach(condition -> known.put(condition.path("type").asText(), condition));
        ArrayNode changed = JsonNodeFactory.instance.arrayNode();
        for (JsonNode condition : wanted) {
            JsonNode now = known.remove(condition.path("type").asText());
            if (!same(now, condition)) {
                changed.add(withNulls(now, condition));
            }
        }
        known.forEach((type, condition) -> {
            if (PodConditions.OWN.contains(type)) {
                changed.addObject().put("type", type).put("$patch", "delete");
            }
        });
        if (!changed.isEmpty()) {
            status.set("conditions", changed);
        }
    }

    /** Some write a time that never was as null, and others leave it out. */
    private static boolean same(@Nullable JsonNode one, JsonNode other) {
        if (one == null) {
            return false;
        }
        ObjectNode left = one.deepCopy();
        ObjectNode right = other.deepCopy();
        left.remove("lastProbeTime");
        right.remove("lastProbeTime");
        return left.equals(right);
    }

    /** What a condition no longer says is taken away. */
    private static JsonNode withNulls(@Nullable JsonNode before, JsonNode condition) {
        ObjectNode all = condition.deepCopy();
        if (before != null) {
            before.fieldNames().forEachRemaining(name -> {
                if (!all.has(name)) {
                    all.putNull(name);
                }
            });
        }
        return all;
    }
}
