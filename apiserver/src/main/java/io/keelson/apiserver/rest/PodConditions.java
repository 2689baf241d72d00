package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Timestamps;
import java.time.Instant;

/** Writes conditions into the status of pods. */
final class PodConditions {
    private PodConditions() {}

    /**
     * Makes a condition true, in place of one of its type.
     *
     * @param reason empty for none
     * @param message likewise
     */
    static void put(ObjectNode pod, String type, String reason, String message, Instant now) {
        ArrayNode conditions = Fill.list(Fill.object(pod, "status"), "conditions");
        ObjectNode condition = Json.object();
        if (!message.isEmpty()) {
            condition.put("message", message);
        }
        if (!reason.isEmpty()) {
            condition.put("reason", reason);
        }
        condition.putNull("lastProbeTime");
        condition.put("lastTransitionTime", Timestamps.seconds(now));
        if (ObjectMeta.generation(pod) > 0) {
            condition.put("observedGeneration", ObjectMeta.generation(pod));
        }
        condition.put("status", "True").put("type", type);
        for (int i = 0; i < conditions.size(); i++) {
            if (conditions.get(i).path("type").asText("").equals(type)) {
                if (conditions.get(i).path("status").asText("").equals("True")) {
                    condition.set("lastTransitionTime", conditions.get(i).path("lastTransitionTime"));
                }
                conditions.set(i, condition);
                return;
            }
        }
        conditions.add(condition);
    }
}
