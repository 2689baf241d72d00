package io.keelson.apiserver.admission.limits;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Fills in what containers need and may use at most from a limit range, and notes on the pod what was filled in. */
final class LimitDefaults {
    private static final String NOTE = "kubernetes.io/limit-ranger";

    private LimitDefaults() {}

    static void fillIn(ObjectNode pod, ObjectNode range) {
        Map<String, JsonNode> requests = new TreeMap<>();
        Map<String, JsonNode> limits = new TreeMap<>();
        for (JsonNode limit : range.path("spec").path("limits")) {
            if (limit.path("type").asText().equals("Container")) {
                limit.path("defaultRequest")
                        .properties()
                        .forEach(entry -> requests.put(entry.getKey(), entry.getValue()));
                limit.path("default").properties().forEach(entry -> limits.put(entry.getKey(), entry.getValue()));
            }
        }
        if (requests.isEmpty() && limits.isEmpty()) {
            return;
        }
        List<String> done = new ArrayList<>();
        fillIn(pod, "containers", "container", requests, limits, done);
        fillIn(pod, "initContainers", "init container", requests, limits, done);
        if (!done.isEmpty()) {
            ObjectMeta.setAnnotation(pod, NOTE, "LimitRanger plugin set: " + String.join("; ", done));
        }
    }

    private static void fillIn(
            ObjectNode pod,
            String list,
            String what,
            Map<String, JsonNode> requests,
            Map<String, JsonNode> limits,
            List<String> done) {
        for (ObjectNode container : Fill.objects(pod.path("spec").path(list))) {
            String name = what + " " + container.path("name").asText("");
            ObjectNode resources = Fill.object(container, "resources");
            Set<String> setLimits = addMissing(resources, "limits", limits);
            Set<String> setRequests = addMissing(resources, "requests", requests);
            if (!setRequests.isEmpty()) {
                done.add(String.join(", ", setRequests) + " request for " + name);
            }
            if (!setLimits.isEmpty()) {
                done.add(String.join(", ", setLimits) + " limit for " + name);
            }
        }
    }

    private static Set<String> addMissing(ObjectNode resources, String list, Map<String, JsonNode> byDefault) {
        Set<String> added = new TreeSet<>();
        byDefault.forEach((name, amount) -> {
            if (!resources.path(list).has(name)) {
                Fill.object(resources, list).set(name, amount);
                added.add(name);
            }
        });
        return added;
    }
}
