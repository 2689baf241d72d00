package io.keelson.kvstore.migrate;

import java.util.List;

/**
 * What a restore wrote.
 *
 * @param keys keys that exist
 * @param versions versions kept, those of existing keys included
 * @param deletions deletions kept
 * @param revision the store's revision
 * @param compactRevision the revision that history is compacted to, -1 for none
 * @param clusterId id of the new cluster
 * @param memberId id of this member
 * @param notices what the operator should know
 */
public record RestoreReport(
        long keys,
        long versions,
        long deletions,
        long leases,
        long users,
        long roles,
        boolean authEnabled,
        long alarms,
        long revision,
        long compactRevision,
        long clusterId,
        long memberId,
        List<String> notices) {
    public RestoreReport {
        notices = List.copyOf(notices);
    }
}
