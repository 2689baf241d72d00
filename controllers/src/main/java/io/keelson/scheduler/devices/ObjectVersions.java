package io.keelson.scheduler.devices;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.keelson.controllers.objects.OrEmpty;

/**
 * Which of two versions of objects of a kind is the newer. What a watch tells at the start may be older than what was read
 * before: to go back would give a device away twice.
 */
final class ObjectVersions {
    private static final long UNKNOWN = -1;

    private ObjectVersions() {}

    /** Whether an object is not older than another; yes if nobody can tell. */
    static boolean isNewer(HasMetadata now, HasMetadata known) {
        return isAtLeast(now, of(known));
    }

    /** Whether an object is of a version or a later one; yes if nobody can tell. */
    static boolean isAtLeast(HasMetadata object, long version) {
        long own = of(object);
        return own == UNKNOWN || version == UNKNOWN || own >= version;
    }

    /** An object's resource version as a number, which since 1.35 it always is; below zero if it is none. */
    static long of(HasMetadata object) {
        try {
            return Long.parseLong(OrEmpty.of(object.getMetadata().getResourceVersion()));
        } catch (NumberFormatException e) {
            return UNKNOWN;
        }
    }
}
