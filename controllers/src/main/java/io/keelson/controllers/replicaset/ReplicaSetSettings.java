package io.keelson.controllers.replicaset;

/**
 * How ReplicaSets are looked after.
 *
 * @param concurrentReplicaSetSyncs how many at a time: {@code --concurrent-replicaset-syncs}
 */
public record ReplicaSetSettings(int concurrentReplicaSetSyncs) {
    /** As the flags are if they are not given. */
    public static final ReplicaSetSettings DEFAULT = new ReplicaSetSettings(5);
}
