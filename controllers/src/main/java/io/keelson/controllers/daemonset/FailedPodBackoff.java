package io.keelson.controllers.daemonset;

import io.keelson.controllers.runtime.Key;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long failed pods wait for their replacement, so that a node that refuses a pod is not asked without end. After a pod
 * of a set on a node was deleted, the next that fails there waits a second, the one after it two, and so on up to fifteen
 * minutes; after half an hour without a failure, or when the set says something else, it begins anew.
 *
 * <p>Safe for any thread. Holds an entry for each node where a pod of a set failed lately.
 */
final class FailedPodBackoff {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(15);
    private static final Duration FORGOTTEN_AFTER = LONGEST.multipliedBy(2);

    private final Map<Key, Map<String, Entry>> entries = new HashMap<>();

    /**
     * A node of a set.
     *
     * @param state uid and generation of the set
     */
    private record Entry(String state, Duration delay, Instant since) {
        private boolean isForgotten(Instant now) {
            return Duration.between(since, now).compareTo(FORGOTTEN_AFTER) > 0;
        }
    }

    /**
     * How long a failed pod has yet to wait; zero if it may go.
     *
     * @param state what the set is and says
     */
    synchronized Duration left(Key set, String state, String node, Instant now) {
        Entry entry = entry(set, state, node, now);
        if (entry == null) {
            return Duration.ZERO;
        }
        Duration left = Duration.between(now, entry.since().plus(entry.delay()));
        // A clock that was set back makes nobody wait for longer than he has to.
        return left.isNegative() ? Duration.ZERO : left.compareTo(entry.delay()) > 0 ? entry.delay() : left;
    }

    /** Says that a failed pod is deleted: the next one waits longer. */
    synchronized void deleted(Key set, String state, String node, Instant now) {
        Entry entry = entry(set, state, node, now);
        Duration delay = entry == null ? FIRST : entry.delay().multipliedBy(2);
        entries.computeIfAbsent(set, ignored -> new HashMap<>())
                .put(node, new Entry(state, delay.compareTo(LONGEST) > 0 ? LONGEST : delay, now));
    }

    private @Nullable Entry entry(Key set, String state, String node, Instant now) {
        Entry entry = entries.getOrDefault(set, Map.of()).get(node);
        return entry == null || !entry.state().equals(state) || entry.isForgotten(now) ? null : entry;
    }

    /** Forgets a set that is gone. */
    synchronized void forget(Key set) {
        entries.remove(set);
    }

    /** Forgets what is too long ago to count. */
    synchronized void forgetOld(Instant now) {
        entries.values().forEach(nodes -> nodes.values().removeIf(entry -> entry.isForgotten(now)));
        entries.values().removeIf(Map::isEmpty);
    }

    /** How many nodes of sets it remembers. */
    synchronized int size() {
        return entries.values().stream().mapToInt(Map::size).sum();
    }
}
