package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Quantity;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the containers of a pod request together. Init containers run one after the other before the others begin, so that the
 * largest of them counts; those that are restarted (sidecars) run beside all that come after them.
 */
final class ContainerSums {
    private ContainerSums() {}

    /** By the names of the resources; what cannot be read counts as nothing. */
    static Map<String, Quantity> requests(JsonNode spec) {
        Map<String, Quantity> running = new TreeMap<>();
        for (JsonNode container : spec.path("containers")) {
            add(running, quantities(container));
        }
        Map<String, Quantity> sidecars = new TreeMap<>();
        Map<String, Quantity> initializing = new TreeMap<>();
        for (JsonNode container : spec.path("initContainers")) {
            Map<String, Quantity> needed = quantities(container);
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

    private static Map<String, Quantity> quantities(JsonNode container) {
        Map<String, Quantity> quantities = new TreeMap<>();
        container.path("resources").path("requests").properties().forEach(entry -> {
            try {
                quantities.put(entry.getKey(), Quantity.of(entry.getValue()));
            } catch (MalformedException e) {
                // The validation complains about it where it stands.
            }
        });
        return quantities;
    }

    private static void add(Map<String, Quantity> sum, Map<String, Quantity> more) {
        more.forEach((name, quantity) -> sum.merge(name, quantity, Quantity::add));
    }

    private static void largest(Map<String, Quantity> largest, Map<String, Quantity> other) {
        other.forEach(
                (name, quantity) -> largest.merge(name, quantity, (one, two) -> one.compareTo(two) >= 0 ? one : two));
    }
}
