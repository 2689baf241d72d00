package io.keelson.controllers.replicaset;

/**
 * How ReplicationControllers are looked after.
 *
 * @param concurrentReplicationControllerSyncs how many at a time: {@code --concurrent-rc-syncs}
 */
public record ReplicationControllerSettings(int concurrentReplicationControllerSyncs) {
    /** As the flags are if they are not given. */
    public static final ReplicationControllerSettings DEFAULT = new ReplicationControllerSettings(5);
}
