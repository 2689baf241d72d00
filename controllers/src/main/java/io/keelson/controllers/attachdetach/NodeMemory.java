package io.keelson.controllers.attachdetach;

import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * What is remembered of a node from one look to the next.
 *
 * @param awaited attachments whose volumes are still in use though no pod wants them, and since when
 * @param conflicts volumes of which it was told that another node has them
 * @param failures volumes of which a failure was told, and the time that the failure bears
 */
record NodeMemory(Map<String, Instant> awaited, Set<String> conflicts, Map<String, String> failures) {
    static final NodeMemory NONE = new NodeMemory(Map.of(), Set.of(), Map.of());

    boolean isEmpty() {
        return awaited.isEmpty() && conflicts.isEmpty() && failures.isEmpty();
    }
}
