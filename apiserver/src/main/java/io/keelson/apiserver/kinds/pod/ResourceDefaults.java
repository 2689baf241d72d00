package io.keelson.apiserver.kinds.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Quantity;
import java.util.Map;
import java.util.TreeMap;

/** Quantities as they are kept, and what is requested where only a limit is given. */
public final class ResourceDefaults {
    private static final int SCALE_MAX = 3;

    private ResourceDefaults() {}

    /** Brings all quantities of a list into their shortest form, rounded up to thousandths. */
    public static void canonical(JsonNode list) {
        if (!(list instanceof ObjectNode quantities)) {
            return;
        }
        Map<String, String> shortest = new TreeMap<>();
        quantities.properties().forEach(entry -> {
            try {
                Quantity quantity = Quantity.of(entry.getValue());
                boolean fine = quantity.decimal().stripTrailingZeros().scale() <= SCALE_MAX;
                shortest.put(
                        entry.getKey(),
                        (fine ? quantity : Quantity.ofMilli(quantity.milliValue(), quantity.style())).toString());
            } catch (MalformedException e) {
                // Stays as it is, for the validation to complain about.
            }
        });
        shortest.forEach(quantities::put);
    }

    static void ofContainer(ObjectNode container) {
        JsonNode resources = container.path("resources");
        canonical(resources.path("limits"));
        canonical(resources.path("requests"));
    }

    /** Requests what is limited and not requested. */
    static void requestLimits(ObjectNode container) {
        if (container.path("resources") instanceof ObjectNode resources
                && resources.path("limits") instanceof ObjectNode limits
                && !limits.isEmpty()) {
            ObjectNode requests = Fill.object(resources, "requests");
            limits.properties().forEach(limit -> {
                if (!requests.has(limit.getKey())) {
                    requests.set(limit.getKey(), limit.getValue());
                }
            });
        }
    }

    /** Requests for a pod as a whole what its containers request, or what is its limit. */
    static void ofPod(ObjectNode spec) {
        if (!(spec.path("resources") instanceof ObjectNode resources)) {
            return;
        }
        canonical(resources.path("limits"));
        canonical(resources.path("requests"));
        if (resources.path("limits").isEmpty() && resources.path("requests").isEmpty()) {
            return;
        }
        ObjectNode requests = Fill.object(resources, "requests");
        ContainerSums.requests(spec).forEach((name, quantity) -> {
            if (ResourceNames.isOfPods(name) && !ResourceNames.isHugePages(name) && !requests.has(name)) {
                requests.put(name, quantity.toString());
            }
        });
        resources.path("limits").properties().forEach(limit -> {
            if (ResourceNames.isOfPods(limit.getKey()) && !requests.has(limit.getKey())) {
                requests.set(limit.getKey(), limit.getValue());
            }
        });
    }
}
