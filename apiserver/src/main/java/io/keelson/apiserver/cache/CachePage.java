package io.keelson.apiserver.cache;

import java.util.List;

/**
 * A part of a list.
 *
 * @param entries in the order of their keys
 * @param revision of the snapshot they come from
 * @param more whether further ones match
 * @param remaining how many those are; -1 if they were not counted, because something selects among them
 */
public record CachePage(List<CacheEntry> entries, long revision, boolean more, long remaining) {}
