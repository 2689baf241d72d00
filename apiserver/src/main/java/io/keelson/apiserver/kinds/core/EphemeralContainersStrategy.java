package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.pod.Differences;
import io.keelson.apiserver.kinds.pod.PodParts;
import io.keelson.apiserver.kinds.pod.PodRules;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import io.keelson.apiserver.validation.Place;
import io.keelson.apiserver.validation.SemanticEquality;
import java.util.HashMap;
import java.util.Map;

/** What may be written to a pod's {@code ephemeralcontainers}: more of them. Those that are there stay as they are. */
public final class EphemeralContainersStrategy implements Strategy {
    private static final String CONTAINERS = "ephemeralContainers";

    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode pod, ObjectNode old) {
        JsonNode wanted = pod.path("spec").path(CONTAINERS);
        PodParts.keep(pod, old);
        ObjectNode spec = Fill.object(pod, "spec");
        if (wanted.isArray()) {
            spec.set(CONTAINERS, wanted);
        } else {
            spec.remove(CONTAINERS);
        }
    }

    @Override
    public void validate(ObjectNode pod, FieldErrors errors) {
        PodRules.validate(pod, errors);
    }

    @Override
    public void validateUpdate(ObjectNode pod, ObjectNode old, FieldErrors errors) {
        if (PodParts.isStatic(old)) {
            errors.forbidden(FieldPath.nameless(), "static pods do not support ephemeral containers");
            return;
        }
        Place containers = Place.of(pod, errors).at("spec", CONTAINERS);
        Map<String, JsonNode> now = new HashMap<>();
        containers.items().forEach(container -> now.put(container.at("name").text(), container.value()));
        for (JsonNode before : old.path("spec").path(CONTAINERS)) {
            String name = before.path("name").asText("");
            JsonNode container = now.get(name);
            String which = "existing ephemeral containers " + GoText.quoted(name);
            if (container == null) {
                containers.forbidden(which + " may not be removed\n");
            } else if (!SemanticEquality.equal(container, before)) {
                containers.forbidden(
                        which + " may not be changed\n" + Differences.between(containers.path(), before, container));
            }
        }
    }
}
