package io.keelson.kvstore.mvcc;

import java.util.List;

/**
 * All changes of one revision, in the order they were made.
 *
 * @param revision the revision, one more than that of the events before
 * @param events at least one
 */
public record RevisionEvents(long revision, List<KvEvent> events) {}
