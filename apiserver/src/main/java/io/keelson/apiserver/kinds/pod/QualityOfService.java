package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Quantity;
import java.util.ArrayList;
import java.util.List;

/** How sure a pod can be of its resources: Guaranteed, Burstable or BestEffort. */
public final class QualityOfService {
    private QualityOfService() {}

    public static String of(JsonNode spec) {
        List<JsonNode> parts = new ArrayList<>();
        if (!spec.path("resources").path("requests").isEmpty()
                || !spec.path("resources").path("limits").isEmpty()) {
            parts.add(spec.path("resources"));
        } else {
            spec.path("containers").forEach(container -> parts.add(container.path("resources")));
            spec.path("initContainers").forEach(container -> parts.add(container.path("resources")));
        }
        boolean anything = false;
        boolean guaranteed = true;
        for (JsonNode part : parts) {
            for (String resource : List.of("cpu", "memory")) {
                Quantity request = amount(part.path("requests").path(resource));
                Quantity limit = amount(part.path("limits").path(resource));
                anything |= request.signum() > 0 || limit.signum() > 0;
                guaranteed &= limit.signum() > 0 && (request.isZero() || request.compareTo(limit) == 0);
            }
        }
        return !anything ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    private static Quantity amount(JsonNode value) {
        try {
            return Quantity.of(value);
        } catch (MalformedException e) {
            return Quantity.ZERO;
        }
    }
}
