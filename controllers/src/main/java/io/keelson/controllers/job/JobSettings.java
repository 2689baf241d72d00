package io.keelson.controllers.job;

/**
 * How Jobs are worked on.
 *
 * @param concurrentSyncs {@code --concurrent-job-syncs}: how many Jobs at a time
 */
public record JobSettings(int concurrentSyncs) {
    /** As kube-controller-manager has it if nobody says otherwise. */
    public static final JobSettings DEFAULT = new JobSettings(5);
}
