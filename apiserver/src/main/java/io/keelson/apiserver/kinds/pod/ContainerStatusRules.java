package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is wrong with what a pod's status says of the users that its containers run as and of the devices that they got. */
final class ContainerStatusRules {
    private static final String CLAIM = "claim:";

    private ContainerStatusRules() {}

    static void validate(Place status, JsonNode spec) {
        boolean windows = spec.path("os").path("name").asText("").equals("windows");
        for (String sort : List.of("containers", "initContainers", "ephemeralContainers")) {
            String statuses = sort.substring(0, sort.length() - 1) + "Statuses";
            for (Place container : status.at(statuses).items()) {
                user(container.at("user", "linux"), windows);
                JsonNode meant = named(spec.path(sort), container.at("name").text());
                for (Place resource : container.at("allocatedResourcesStatus").items()) {
                    // Of a container that the specification does not have, only what can be told without it is looked
                    // at.
                    if (meant != null) {
                        name(resource.at("name"), meant.path("resources"));
                    }
                    health(resource.at("resources"));
                }
            }
        }
    }

    private static void user(Place linux, boolean windows) {
        if (windows) {
            linux.mustBeAbsent("cannot be set for a windows pod");
            return;
        }
        linux.at("uid").within(0, Integer.MAX_VALUE);
        linux.at("gid").within(0, Integer.MAX_VALUE);
        for (Place group : linux.at("supplementalGroups").items()) {
            group.within(0, Integer.MAX_VALUE);
        }
    }

    private static @Nullable JsonNode named(JsonNode containers, String name) {
        for (JsonNode container : containers) {
            if (container.path("name").asText("").equals(name)) {
                return container;
            }
        }
        return null;
    }

    private static void name(Place name, JsonNode resources) {
        if (!name.text().startsWith(CLAIM)) {
            if (!resources.path("requests").has(name.text())) {
                name.invalid("must match one of the container's resource requests");
            }
            return;
        }
        for (JsonNode claim : resources.path("claims")) {
            String request = claim.path("request").asText("");
            String asWritten = CLAIM + claim.path("name").asText("") + (request.isEmpty() ? "" : "/" + request);
            if (name.is(asWritten)) {
                return;
            }
        }
        name.invalid("must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or"
                + " 'claim:<claimName>' if request is empty");
    }

    private static void health(Place resources) {
        Set<String> seen = new HashSet<>();
        for (Place resource : resources.items()) {
            Place health = resource.at("health");
            switch (health.text()) {
                case "Healthy", "Unhealthy", "Unknown" -> {}
                default -> health.notSupported("Healthy", "Unhealthy", "Unknown");
            }
            Place id = resource.at("resourceID");
            if (!seen.add(id.text())) {
                id.duplicate();
            }
        }
    }
}
