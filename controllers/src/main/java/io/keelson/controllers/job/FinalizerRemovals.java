package io.keelson.controllers.job;

import io.keelson.controllers.runtime.Key;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Pods whose finalizer was taken away, until the cache shows it. One that was counted already and still seems to have
 * it would be counted twice.
 *
 * <p>Safe for any thread. Holds no more than there are pods with a write that the cache has not seen.
 */
final class FinalizerRemovals {
    private final Map<Key, Set<String>> awaited = new HashMap<>();

    /** Expects it, before it is asked for. */
    synchronized void expect(Key job, Collection<String> uids) {
        if (!uids.isEmpty()) {
            awaited.computeIfAbsent(job, ignored -> new HashSet<>()).addAll(uids);
        }
    }

    /** It was seen, the pod is gone, or it failed. */
    synchronized void seen(Key job, String uid) {
        Set<String> open = awaited.get(job);
        if (open != null && open.remove(uid) && open.isEmpty()) {
            awaited.remove(job);
        }
    }

    /** The uids that the cache may not show yet. */
    synchronized Set<String> awaited(Key job) {
        return Set.copyOf(awaited.getOrDefault(job, Set.of()));
    }

    /** Expects nothing of a Job any more: it is gone. */
    synchronized void forget(Key job) {
        awaited.remove(job);
    }
}
