package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.pod.PodParts;
import io.keelson.apiserver.kinds.pod.PodResizeRules;
import io.keelson.apiserver.kinds.pod.PodRules;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import java.util.List;

/** What may be written to a pod's {@code resize}: how much of the node its containers get, and what happens to them then. */
public final class PodResizeStrategy implements Strategy {
    private static final List<String> LISTS = List.of("containers", "initContainers");

    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode pod, ObjectNode old) {
        JsonNode wanted = pod.path("spec").deepCopy();
        JsonNode before = old.path("spec");
        for (String list : LISTS) {
            if (wanted.path(list).size() != before.path(list).size()) {
                // Left as it is, so that it is refused and not passed over.
                return;
            }
        }
        PodParts.keep(pod, old);
        ObjectNode spec = Fill.object(pod, "spec");
        take(wanted, spec, "resources");
        LISTS.forEach(list -> resize(wanted.path(list), spec, list));
    }

    private static void resize(JsonNode wanted, ObjectNode spec, String list) {
        if (!(spec.get(list) instanceof ArrayNode containers)) {
            return;
        }
        for (int i = 0; i < containers.size(); i++) {
            if (!wanted.path(i).path("name").equals(containers.get(i).path("name"))) {
                spec.set(list, wanted);
                return;
            }
        }
        for (int i = 0; i < containers.size(); i++) {
            if (containers.get(i) instanceof ObjectNode container) {
                take(wanted.path(i), container, "resources");
                take(wanted.path(i), container, "resizePolicy");
            }
        }
    }

    private static void take(JsonNode from, ObjectNode to, String field) {
        JsonNode value = from.get(field);
        if (value == null) {
            to.remove(field);
        } else {
            to.set(field, value);
        }
    }

    @Override
    public void validate(ObjectNode pod, FieldErrors errors) {
        PodRules.validate(pod, errors);
    }

    @Override
    public void validateUpdate(ObjectNode pod, ObjectNode old, FieldErrors errors) {
        PodResizeRules.validate(pod, old, errors);
    }
}
