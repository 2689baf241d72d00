package io.keelson.controllers.podgc;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Nodes that pods are on and that are not seen. One may be new, and only this process does not know of it yet; so it is
 * taken for gone after forty seconds. One thread.
 */
final class Quarantine {
    private static final Duration LENGTH = Duration.ofSeconds(40);

    private final Map<String, Instant> missingSince = new HashMap<>();

    /**
     * Of the nodes that are missing now, those that have been for long enough; the others begin their time, or go on
     * with it.
     */
    Set<String> over(Set<String> missing, Instant now) {
        missingSince.keySet().retainAll(missing);
        Set<String> over = new HashSet<>();
        for (String node : missing) {
            Instant since = missingSince.putIfAbsent(node, now);
            if (since != null && !since.plus(LENGTH).isAfter(now)) {
                over.add(node);
            }
        }
        return over;
    }
}
