package io.keelson.controllers.endpointslice;

import io.keelson.controllers.runtime.Key;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How many endpoints the zones have of each Service that has topology hints, so that a change of the nodes finds those whose
 * hints are no longer right. Any thread.
 */
final class HintedServices {
    private final Map<Key, Map<String, Map<String, Integer>>> services = new ConcurrentHashMap<>();

    /**
     * What a Service's family has from now on; null for no hints.
     *
     * @return whether the Service had hints before
     */
    boolean set(Key service, String family, @Nullable Map<String, Integer> perZone) {
        boolean[] had = new boolean[1];
        services.compute(service, (key, before) -> {
            had[0] = before != null;
            Map<String, Map<String, Integer>> now = before == null ? new HashMap<>() : new HashMap<>(before);
            if (perZone == null) {
                now.remove(family);
            } else {
                now.put(family, Map.copyOf(perZone));
            }
            return now.isEmpty() ? null : now;
        });
        return had[0];
    }

    /** The Services in which a zone has too few endpoints for its part of the CPU. */
    List<Key> overloaded(Map<String, Double> ratios) {
        List<Key> overloaded = new ArrayList<>();
        services.forEach((service, families) -> {
            if (families.values().stream().anyMatch(perZone -> TopologyHints.isOverloaded(perZone, ratios))) {
                overloaded.add(service);
            }
        });
        return overloaded;
    }

    /** A Service is gone. */
    void forget(Key service) {
        services.remove(service);
    }
}
