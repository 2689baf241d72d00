package io.keelson.kvstore.migrate;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What is to be restored, and the cluster that begins with it.
 *
 * @param source an etcd snapshot, or {@code member/snap/db} of a member that is not running
 * @param dataDir where the data folder is made; must not exist, or be empty
 * @param name this member's name, one of those in {@code peerUrlsByName}
 * @param peerUrlsByName the members the new cluster begins with; each of them restores the same file
 * @param token makes the ids of cluster and members different from those of other clusters
 * @param skipHashCheck does not ask for the SHA-256 that a saved snapshot ends with
 * @param bumpRevision raises the store's revision by so much, so that clients who saw later revisions of the cluster
 *     that was lost never see one twice; at least 0
 * @param markCompacted makes everything up to the new revision count as compacted, so that watchers start anew
 */
public record RestoreConfig(
        Path source,
        Path dataDir,
        String name,
        Map<String, List<String>> peerUrlsByName,
        String token,
        boolean skipHashCheck,
        long bumpRevision,
        boolean markCompacted) {
    public RestoreConfig {
        if (bumpRevision < 0 || (bumpRevision > 0) != markCompacted) {
            throw new IllegalArgumentException("--mark-compacted required if --revision-bump > 0");
        }
        if (!peerUrlsByName.containsKey(name)) {
            throw new IllegalArgumentException(
                    "couldn't find local name \"" + name + "\" in the initial cluster configuration");
        }
        peerUrlsByName = Map.copyOf(peerUrlsByName);
    }
}
