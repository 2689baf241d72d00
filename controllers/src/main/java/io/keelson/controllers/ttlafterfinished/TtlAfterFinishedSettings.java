package io.keelson.controllers.ttlafterfinished;

/**
 * How Jobs that have ended are worked on.
 *
 * @param concurrentSyncs {@code --concurrent-ttl-after-finished-syncs}: how many Jobs at a time
 */
public record TtlAfterFinishedSettings(int concurrentSyncs) {
    /** As kube-controller-manager has it if nobody says otherwise. */
    public static final TtlAfterFinishedSettings DEFAULT = new TtlAfterFinishedSettings(5);
}
