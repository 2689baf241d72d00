package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Which generation of a pod its status, and each condition in it, is about. Who writes a status and knows nothing of
 * generations leaves them out; what was told before stays.
 */
public final class ObservedGenerations {
    private static final String FIELD = "observedGeneration";

    private ObservedGenerations() {}

    /**
     * Fills in what was left out.
     *
     * @param status to be changed
     * @param before as it was
     */
    public static void keep(ObjectNode status, JsonNode before) {
        keepOne(status, before.path(FIELD).asLong());
        // There may be several conditions of a type: the first of them is taken for the first that was.
        Map<String, Deque<Long>> known = new HashMap<>();
        for (JsonNode condition : before.path("conditions")) {
            known.computeIfAbsent(type(condition), _ -> new ArrayDeque<>())
                    .add(condition.path(FIELD).asLong());
        }
        for (ObjectNode condition : Fill.objects(status.path("conditions"))) {
            Long generation =
                    known.getOrDefault(type(condition), new ArrayDeque<>()).poll();
            keepOne(condition, generation == null ? 0 : generation);
        }
    }

    private static void keepOne(ObjectNode object, long before) {
        if (before != 0) {
            Fill.zero(object, FIELD, before);
        }
    }

    private static String type(JsonNode condition) {
        return condition.path("type").asText("");
    }
}
