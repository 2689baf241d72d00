package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is wrong with what a pod's status says of the claim that was made for its extended resources: which request of the
 * claim stands for which resource of which container.
 */
final class ExtendedClaimRules {
    private ExtendedClaimRules() {}

    private record Mapping(String container, String resource, String request) {}

    static void validate(Place status, JsonNode spec) {
        if (status.absent()) {
            return;
        }
        Place mappings = status.at("requestMappings");
        if (mappings.size() == 0) {
            mappings.required("at least one request mapping is required");
        }
        Map<String, JsonNode> containers = containers(spec);
        Set<Mapping> seen = new HashSet<>();
        for (Place mapping : mappings.items()) {
            Place container = mapping.at("containerName");
            Place resource = mapping.at("resourceName");
            Place request = mapping.at("requestName");
            JsonNode meant = containers.get(container.text());
            if (meant == null) {
                container.invalid(
                        "must match the name of an entry in spec.initContainers.name or spec.containers.name");
            } else if (!meant.path("resources").path("requests").has(resource.text())) {
                resource.invalid("must match the extended resource name of an entry in"
                        + " spec.initContainers.resources.requests or spec.containers.resources.requests");
            }
            // The original leaves out in which mapping.
            request.as(status.path().child("requestName")).check(Names::dnsLabel);
            if (!seen.add(new Mapping(container.text(), resource.text(), request.text()))) {
                List.of(container, resource, request).forEach(Place::duplicate);
            }
        }
        status.at("resourceClaimName").requireAndCheck(Names::dnsSubdomain);
    }

    private static Map<String, JsonNode> containers(JsonNode spec) {
        Map<String, JsonNode> containers = new HashMap<>();
        for (String sort : List.of("initContainers", "containers")) {
            for (JsonNode container : spec.path(sort)) {
                containers.put(container.path("name").asText(""), container);
            }
        }
        return containers;
    }
}
