package io.keelson.controllers.garbagecollector;

import java.util.Set;

/**
 * What can be set.
 *
 * @param concurrentSyncs {@code --concurrent-gc-syncs}: how many objects are looked at at a time
 * @param ignored kinds that are left alone, as {@code resource.group}
 */
public record GarbageCollectorSettings(int concurrentSyncs, Set<String> ignored) {
    /** As without flags. */
    public static final GarbageCollectorSettings DEFAULT =
            new GarbageCollectorSettings(20, Set.of("events", "events.events.k8s.io"));

    public GarbageCollectorSettings {
        ignored = Set.copyOf(ignored);
    }
}
