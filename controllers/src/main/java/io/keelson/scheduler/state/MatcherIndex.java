package io.keelson.scheduler.state;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * What belongs to matchers, to be found by a pod without trying each of them: filed under a label that all pods have which
 * the matcher means. What is found is a superset: the matcher itself has the last word.
 */
final class MatcherIndex<K, V> {
    private final Map<Map.Entry<String, String>, Map<K, V>> byLabel = new HashMap<>();

    void put(PodMatcher matcher, K key, V value) {
        byLabel.computeIfAbsent(matcher.label(), ignored -> new LinkedHashMap<>())
                .put(key, value);
    }

    void remove(PodMatcher matcher, K key) {
        Map<K, V> filed = byLabel.get(matcher.label());
        if (filed != null && filed.remove(key) != null && filed.isEmpty()) {
            byLabel.remove(matcher.label());
        }
    }

    /** Calls for everything whose matcher may mean a pod with these labels. */
    void forEach(Map<String, String> labels, BiConsumer<K, V> consumer) {
        Map<K, V> ofAll = byLabel.get(PodMatcher.NO_LABEL);
        if (ofAll != null) {
            ofAll.forEach(consumer);
        }
        for (Map.Entry<String, String> label : labels.entrySet()) {
            Map<K, V> filed = byLabel.get(label);
            if (filed != null) {
                filed.forEach(consumer);
            }
        }
    }
}
