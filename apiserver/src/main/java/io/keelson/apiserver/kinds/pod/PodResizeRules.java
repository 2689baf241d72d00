package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.List;

/** What may change when a pod is resized: amounts of processor and memory, as long as its quality of service stays. */
public final class PodResizeRules {
    private static final String ONLY_AMOUNTS = "only cpu and memory resources are mutable";
    private static final List<String> SIDES = List.of("requests", "limits");

    private PodResizeRules() {}

    public static void validate(ObjectNode pod, ObjectNode old, FieldErrors errors) {
        if (PodParts.isStatic(old)) {
            errors.forbidden(FieldPath.nameless(), "static pods cannot be resized");
            return;
        }
        JsonNode before = old.path("spec");
        if (before.path("os").path("name").asText("").equals("windows")) {
            errors.forbidden(FieldPath.nameless(), "windows pods cannot be resized");
            return;
        }
        Place spec = Place.of(pod, errors).at("spec");
        int problems = errors.count();
        String quality = old.path("status").path("qosClass").asText("");
        if (!(quality.isEmpty() ? QualityOfService.of(before) : quality).equals(QualityOfService.of(spec.value()))) {
            spec.invalid(
                    pod.path("status").path("qosClass").asText(""),
                    "Pod QOS Class may not change as a result of resizing");
        }
        if (!nodeCanResize(old.path("status").path("containerStatuses"))) {
            spec.forbidden("Pod running on node without support for resize");
        }
        ObjectNode rest = spec.value().deepCopy();
        wholePod(spec, rest, before);
        if (!old.path("status").path("nodeAllocatableResourceClaimStatuses").isEmpty()) {
            spec.forbidden("pods with node allocatable resource claims cannot be resized");
        }
        boolean ordered = sameContainers(spec.at("containers"), before);
        ordered &= sameContainers(spec.at("initContainers"), before);
        if (!ordered) {
            return;
        }
        nothingRemoved(spec.at("initContainers"), before);
        nothingRemoved(spec.at("containers"), before);
        containers(spec, rest, before);
        initContainers(spec.at("initContainers"), rest, before);
        if (errors.count() == problems && !SemanticEquality.equal(rest, before)) {
            spec.forbidden(ONLY_AMOUNTS);
        }
    }

    /** A container that runs tells its resources if its node can resize it; without one there is no telling. */
    private static boolean nodeCanResize(JsonNode statuses) {
        for (JsonNode status : statuses) {
            if (status.path("state").path("running").isObject()) {
                return status.path("resources").isObject();
            }
        }
        return true;
    }

    private static void wholePod(Place spec, ObjectNode rest, JsonNode before) {
        JsonNode was = before.path("resources");
        Place resources = spec.at("resources");
        if (amounts(was) + amounts(resources.value()) == 0) {
            return;
        }
        if (was.isObject() && resources.absent()) {
            resources.forbidden("pod-level resources cannot be removed");
            return;
        }
        for (String side : SIDES) {
            if (removed(resources.at(side).value(), was.path(side))) {
                resources.at(side).forbidden("pod-level resource " + side + " cannot be removed");
            }
        }
        if (rest.get("resources") instanceof ObjectNode now) {
            keepAmounts(now, was);
            if (!was.isObject()
                    && SIDES.stream().allMatch(side -> now.path(side).isEmpty())) {
                rest.remove("resources");
            }
        }
        if (!SemanticEquality.equal(rest.path("resources"), was)) {
            spec.forbidden(ONLY_AMOUNTS + " at pod-level");
        }
    }

    private static int amounts(JsonNode resources) {
        return resources.path("requests").size() + resources.path("limits").size();
    }

    private static boolean sameContainers(Place containers, JsonNode before) {
        JsonNode was = before.path(containers.key());
        if (containers.size() != was.size()) {
            containers.forbidden(containers.key() + " may not be added or removed on resize");
            return false;
        }
        boolean same = true;
        List<Place> all = containers.items();
        for (int i = 0; i < all.size(); i++) {
            Place name = all.get(i).at("name");
            if (!name.is(was.get(i).path("name").asText(""))) {
                name.forbidden(containers.key() + " may not be renamed or reordered on resize");
                same = false;
            }
        }
        return same;
    }

    private static void nothingRemoved(Place containers, JsonNode before) {
        List<Place> all = containers.items();
        for (int i = 0; i < all.size(); i++) {
            JsonNode was = before.path(containers.key()).get(i).path("resources");
            for (String side : SIDES) {
                Place amounts = all.get(i).at("resources", side);
                if (removed(amounts.value(), was.path(side))) {
                    amounts.forbidden("resource " + side + " cannot be removed");
                }
            }
        }
    }

    private static boolean removed(JsonNode now, JsonNode before) {
        return before.propertyStream().anyMatch(amount -> !now.has(amount.getKey()));
    }

    private static void containers(Place spec, ObjectNode rest, JsonNode before) {
        List<ObjectNode> all = Fill.objects(rest.path("containers"));
        for (int i = 0; i < all.size(); i++) {
            JsonNode was = before.path("containers").path(i);
            keepAmounts(Fill.object(all.get(i), "resources"), was.path("resources"));
            if (!SemanticEquality.equal(all.get(i), was)) {
                spec.forbidden(ONLY_AMOUNTS);
            }
        }
    }

    private static void initContainers(Place containers, ObjectNode rest, JsonNode before) {
        List<ObjectNode> all = Fill.objects(rest.path("initContainers"));
        List<Place> places = containers.items();
        for (int i = 0; i < all.size(); i++) {
            Place place = places.get(i);
            JsonNode was = before.path("initContainers").path(i);
            keepAmounts(Fill.object(all.get(i), "resources"), was.path("resources"));
            if (!SemanticEquality.equal(all.get(i), was)) {
                place.forbidden("only cpu and memory resources for init or sidecar containers are mutable");
            }
            boolean restarts = place.at("resizePolicy").items().stream()
                    .anyMatch(policy -> policy.at("restartPolicy").is("RestartContainer"));
            boolean changed = !SemanticEquality.equal(place.value(), was);
            if (changed && restarts && !place.at("restartPolicy").is("Always")) {
                place.forbidden(
                        "non-sidecar init containers with a resize policy of RestartContainer cannot be resized");
            }
        }
    }

    /** Makes the amounts of processor and memory what they were, where there were any. */
    private static void keepAmounts(ObjectNode resources, JsonNode before) {
        for (String side : SIDES) {
            JsonNode was = before.path(side);
            if (!was.isObject() && !resources.path(side).isObject()) {
                continue;
            }
            ObjectNode amounts = Fill.object(resources, side);
            for (String resource : List.of("cpu", "memory")) {
                JsonNode amount = was.get(resource);
                if (amount == null) {
                    amounts.remove(resource);
                } else {
                    amounts.set(resource, amount);
                }
            }
        }
    }
}
