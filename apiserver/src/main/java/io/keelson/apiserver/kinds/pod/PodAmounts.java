package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Quantity;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much a pod needs in all: what its containers need together, or what is said for the pod as a whole, and what its
 * runtime costs besides. By the names of the resources, in their order; what cannot be read counts as nothing.
 */
public final class PodAmounts {
    private PodAmounts() {}

    /** What stands in a list of resources; a map of its own. */
    public static Map<String, Quantity> list(JsonNode resources) {
        Map<String, Quantity> list = new TreeMap<>();
        resources.properties().forEach(entry -> {
            try {
                list.put(entry.getKey(), Quantity.of(entry.getValue()));
            } catch (MalformedException e) {
                // The validation complains about it where it stands.
            }
        });
        return list;
    }

    /** What a pod requests, without what its runtime costs. */
    public static Map<String, Quantity> requests(JsonNode pod) {
        return withWhole(ContainerSums.requests(pod.path("spec")), pod, "requests");
    }

    /** What a pod requests, and what its runtime costs. */
    public static Map<String, Quantity> requestsWithOverhead(JsonNode pod) {
        return withOverhead(requests(pod), pod);
    }

    /** What a pod may use at most, without what its runtime costs. */
    public static Map<String, Quantity> limits(JsonNode pod) {
        return withWhole(ContainerSums.limits(pod.path("spec")), pod, "limits");
    }

    /** What a pod is charged for: its requests, or what it still holds while it is resized, and what its runtime costs. */
    public static Map<String, Quantity> charged(JsonNode pod) {
        Map<String, JsonNode> statuses = new HashMap<>();
        for (String list : new String[] {"containerStatuses", "initContainerStatuses"}) {
            pod.path("status")
                    .path(list)
                    .forEach(status -> statuses.put(status.path("name").asText(), status));
        }
        Map<String, Quantity> sums = ContainerSums.of(pod.path("spec"), container -> {
            Map<String, Quantity> needed = list(container.path("resources").path("requests"));
            JsonNode status = statuses.get(container.path("name").asText());
            if (status != null) {
                ContainerSums.largest(needed, list(status.path("allocatedResources")));
                ContainerSums.largest(needed, list(status.path("resources").path("requests")));
            }
            return needed;
        });
        return withOverhead(withWhole(sums, pod, "requests"), pod);
    }

    /** What a pod and its runtime may use at most; of resources without a limit there is none. */
    public static Map<String, Quantity> chargedLimits(JsonNode pod) {
        Map<String, Quantity> limits = limits(pod);
        list(pod.path("spec").path("overhead"))
                .forEach((name, cost) ->
                        limits.computeIfPresent(name, (_, limit) -> limit.isZero() ? limit : limit.add(cost)));
        return limits;
    }

    private static Map<String, Quantity> withOverhead(Map<String, Quantity> requests, JsonNode pod) {
        list(pod.path("spec").path("overhead")).forEach((name, cost) -> requests.merge(name, cost, Quantity::add));
        return requests;
    }

    private static Map<String, Quantity> withWhole(Map<String, Quantity> sums, JsonNode pod, String list) {
        list(pod.path("spec").path("resources").path(list)).forEach((name, amount) -> {
            if (ResourceNames.isOfPods(name)) {
                sums.put(name, amount);
            }
        });
        return sums;
    }
}
