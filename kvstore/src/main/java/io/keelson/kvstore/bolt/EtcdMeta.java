package io.keelson.kvstore.bolt;

import org.jspecify.annotations.Nullable;

/**
 * The single values of etcd's file.
 *
 * @param consistentIndex index of the last log entry whose effects the file holds
 * @param term term of that entry, 0 if unknown
 * @param confState members of the log as JSON, as etcd 3.5 and later note them
 * @param storageVersion format version, such as {@code 3.6.0}; none before etcd 3.6
 * @param scheduledCompactRevision revision that a compaction was asked for, 0 if there was none
 * @param finishedCompactRevision revision that a compaction was carried out for, 0 if there was none
 */
public record EtcdMeta(
        long consistentIndex,
        long term,
        @Nullable String confState,
        @Nullable String storageVersion,
        long scheduledCompactRevision,
        long finishedCompactRevision) {

    /** The revision below which history may be missing, 0 if all of it is there. */
    public long compactRevision() {
        return Math.max(scheduledCompactRevision, finishedCompactRevision);
    }
}
