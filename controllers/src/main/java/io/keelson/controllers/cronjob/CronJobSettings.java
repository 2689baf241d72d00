package io.keelson.controllers.cronjob;

/**
 * How CronJobs are worked on.
 *
 * @param concurrentSyncs {@code --concurrent-cron-job-syncs}: how many CronJobs at a time
 */
public record CronJobSettings(int concurrentSyncs) {
    /** As kube-controller-manager has it if nobody says otherwise. */
    public static final CronJobSettings DEFAULT = new CronJobSettings(5);
}
