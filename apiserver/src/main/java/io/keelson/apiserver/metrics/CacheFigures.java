package io.keelson.apiserver.metrics;

import io.keelson.apiserver.cache.CacheCounts;
import io.keelson.apiserver.cache.ResourceCache;
import io.keelson.apiserver.resource.GroupResource;

/**
 * What the caches of a resource hold; a custom kind has one for each version in which it is used.
 *
 * @param objects how many there are
 * @param bytes what they take together as they are sent
 * @param watches how many watches are open
 * @param recentEvents how many events are kept to begin watches from
 * @param capacity how many there is room for
 * @param revision how far it is
 * @param counts what has come to pass
 */
public record CacheFigures(
        GroupResource resource,
        int objects,
        long bytes,
        int watches,
        int recentEvents,
        int capacity,
        long revision,
        CacheCounts counts) {
    public static CacheFigures of(GroupResource resource, ResourceCache cache) {
        return new CacheFigures(
                resource,
                cache.size(),
                cache.sizeBytes(),
                cache.watchCount(),
                cache.recentEventCount(),
                cache.eventCapacity(),
                cache.revision(),
                cache.counts());
    }

    /** With those of another cache of the same objects. */
    public CacheFigures plus(CacheFigures other) {
        return new CacheFigures(
                resource,
                Math.max(objects, other.objects),
                Math.max(bytes, other.bytes),
                watches + other.watches,
                recentEvents + other.recentEvents,
                capacity + other.capacity,
                Math.max(revision, other.revision),
                counts.plus(other.counts));
    }
}
