package io.keelson.agent.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.controllers.objects.Milli;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is reserved of the memory of a NUMA node ({@code reservedMemory}).
 *
 * @param limits quantities as they were written, by the type of memory: {@code memory}, {@code hugepages-2Mi}
 */
record MemoryReservation(int numaNode, Map<String, String> limits) {
    private static final String MEMORY = "memory";
    private static final String HUGEPAGES = "hugepages-";

    /** Whether there is such a type of memory. */
    static boolean isType(String type) {
        return type.equals(MEMORY) || type.startsWith(HUGEPAGES);
    }

    /** Those of the field, checked to be of its kind; null has none. */
    static List<MemoryReservation> read(@Nullable JsonNode list) {
        List<MemoryReservation> all = new ArrayList<>();
        if (list != null) {
            for (JsonNode entry : list) {
                Map<String, String> limits = new LinkedHashMap<>();
                entry.path("limits")
                        .properties()
                        .forEach(limit ->
                                limits.put(limit.getKey(), limit.getValue().asText()));
                all.add(new MemoryReservation(entry.path("numaNode").intValue(), limits));
            }
        }
        return List.copyOf(all);
    }

    /**
     * Those of flags: {@code 0:memory=1Gi,hugepages-2Mi=4Mi;1:memory=1Gi}. A flag without a value takes back what
     * those before it say.
     *
     * @throws IllegalArgumentException if one is none, in the kubelet's words
     */
    static ArrayNode written(List<String> flags) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (String flag : flags) {
            if (flag.isEmpty()) {
                list.removeAll();
                continue;
            }
            for (String reservation : flag.split(";", -1)) {
                String[] parts = reservation.split(":", -1);
                if (parts.length != 2) {
                    throw new IllegalArgumentException("the reserved memory has incorrect format, expected"
                            + " numaNodeID:type=quantity[,type=quantity...], got " + reservation);
                }
                ObjectNode entry = list.addObject().put("numaNode", number(parts[0]));
                limits(parts[1], entry.putObject("limits"));
            }
        }
        return list;
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("failed to convert the NUMA node ID, expected integer, got " + text, e);
        }
    }

    private static void limits(String text, ObjectNode limits) {
        for (String pair : text.split(",", -1)) {
            String[] parts = pair.split("=", -1);
            if (parts.length != 2) {
                throw new IllegalArgumentException(
                        "the reserved limit has incorrect value, expected type=quantity, got " + pair);
            }
            if (!isType(parts[0])) {
                throw new IllegalArgumentException("memory type conversion error, unknown type: \"" + parts[0] + '"');
            }
            try {
                var _ = Milli.of(new Quantity(parts[1]));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "failed to parse the quantity, expected quantity, got " + parts[1], e);
            }
            limits.put(parts[0], parts[1]);
        }
    }
}
