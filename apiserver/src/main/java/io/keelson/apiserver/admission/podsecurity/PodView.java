package io.keelson.apiserver.admission.podsecurity;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.ObjectMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A pod, or the template of one, as checks look at it.
 *
 * @param containers of all kinds, those that initialize first
 */
record PodView(Map<String, String> annotations, JsonNode spec, List<JsonNode> containers) {
    private static final String[] CONTAINERS = {"initContainers", "containers", "ephemeralContainers"};

    /** @param pod has {@code metadata} and {@code spec} */
    static PodView of(JsonNode pod) {
        JsonNode spec = pod.path("spec");
        List<JsonNode> containers = new ArrayList<>();
        for (String list : CONTAINERS) {
            spec.path(list).forEach(containers::add);
        }
        return new PodView(ObjectMeta.annotations(pod), spec, containers);
    }

    /** The names of the containers of which something is true. */
    List<String> containersThat(Predicate<JsonNode> condition) {
        return containers.stream().filter(condition).map(PodView::name).toList();
    }

    static String name(JsonNode container) {
        return container.path("name").asText("");
    }

    /** A field of the pod's own security context. */
    JsonNode security(String field) {
        return security(spec, field);
    }

    static JsonNode security(JsonNode container, String field) {
        return container.path("securityContext").path(field);
    }

    /** Whether something is said at all. */
    static boolean given(JsonNode node) {
        return !node.isMissingNode() && !node.isNull();
    }

    boolean isForWindows() {
        return spec.path("os").path("name").asText("").equals("windows");
    }

    /** Whether root in the pod is nobody on the node. */
    boolean hasOwnUsers() {
        JsonNode hostUsers = spec.path("hostUsers");
        return hostUsers.isBoolean() && !hostUsers.booleanValue();
    }
}
