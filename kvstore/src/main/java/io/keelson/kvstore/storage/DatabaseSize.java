package io.keelson.kvstore.storage;

/**
 * How large the database is; estimates, at most a second old.
 *
 * @param totalBytes everything on disk and in memory that is not flushed yet
 * @param liveBytes the part of it that is not waiting to be dropped
 * @param keys keys that exist, roughly
 */
public record DatabaseSize(long totalBytes, long liveBytes, long keys) {}
