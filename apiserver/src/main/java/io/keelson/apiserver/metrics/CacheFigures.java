package io.keelson.apiserver.metrics;

import io.keelson.apiserver.resource.GroupResource;

/**
 * What a cache of a resource holds.
 *
 * @param objects how many there are
 * @param watches how many watches are open
 * @param recentEvents how many events are kept to begin watches from
 */
public record CacheFigures(GroupResource resource, int objects, int watches, int recentEvents) {}
