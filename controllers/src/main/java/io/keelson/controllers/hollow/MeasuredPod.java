package io.keelson.controllers.hollow;

import io.keelson.controllers.runtime.Key;
import java.util.List;
import java.util.Map;

/**
 * A pod that runs, and what it uses.
 *
 * @param containers their names, sidecars left out
 * @param usage of the whole pod, by resource, in thousandths of its unit
 */
record MeasuredPod(Key key, String node, Map<String, String> labels, List<String> containers, Map<String, Long> usage) {
    /** What one of the containers uses: all use the same, and the first what cannot be divided. */
    long usage(String resource, int container) {
        long whole = usage.getOrDefault(resource, 0L);
        long each = whole / containers.size();
        return container == 0 ? whole - each * (containers.size() - 1) : each;
    }
}
