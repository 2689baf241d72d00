package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.Quantity;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What the containers of a pod need together. Init containers run one after the other before the others begin, so that the
 * largest of them counts; those that are restarted (sidecars) run beside all that come after them.
 */
final class ContainerSums {
    private ContainerSums() {}

    /** What they request, by the names of the resources; what cannot be read counts as nothing. */
    static Map<String, Quantity> requests(JsonNode spec) {
        return of(spec, container -> PodAmounts.list(container.path("resources").path("requests")));
    }

    /** What they may use at most, in the same form. */
    static Map<String, Quantity> limits(JsonNode spec) {
        return of(spec, container -> PodAmounts.list(container.path("resources").path("limits")));
    }

    /** @param need what a container needs; a map of its own, which is changed */
    static Map<String, Quantity> of(JsonNode spec, Function<JsonNode, Map<String, Quantity>> need) {
        Map<String, Quantity> running = new TreeMap<>();
        for (JsonNode container : spec.path("containers")) {
            add(running, need.apply(container));
        }
        Map<String, Quantity> sidecars = new TreeMap<>();
        Map<String, Quantity> initializing = new TreeMap<>();
        for (JsonNode container : spec.path("initContainers")) {
            Map<String, Quantity> needed = need.apply(container);
            if (container.path("restartPolicy").asText().equals("Always")) {
                add(sidecars, needed);
                add(running, needed);
                largest(initializing, sidecars);
            } else {
                add(needed, sidecars);
                largest(initializing, needed);
            }
        }
        largest(running, initializing);
        return running;
    }

    private static void add(Map<String, Quantity> sum, Map<String, Quantity> more) {
        more.forEach((name, quantity) -> sum.merge(name, quantity, Quantity::add));
    }

    /** Makes of the first the larger of both, resource by resource. */
    static void largest(Map<String, Quantity> largest, Map<String, Quantity> other) {
        other.forEach(
                (name, quantity) -> largest.merge(name, quantity, (one, two) -> one.compareTo(two) >= 0 ? one : two));
    }
}
