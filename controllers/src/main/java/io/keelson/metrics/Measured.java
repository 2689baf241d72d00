package io.keelson.metrics;

import io.keelson.controllers.runtime.Key;
import java.util.Map;
import java.util.SortedMap;

/**
 * What is used, as of one moment.
 *
 * @param nodes by name
 * @param pods the usage of each container, by name
 */
record Measured(Map<String, Usage> nodes, Map<Key, SortedMap<String, Usage>> pods) {
    static final Measured NOTHING = new Measured(Map.of(), Map.of());
}
