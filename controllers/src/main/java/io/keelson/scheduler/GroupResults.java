package io.keelson.scheduler;

import io.keelson.controllers.runtime.Key;
import io.keelson.scheduler.SchedulerMetrics.Result;
import io.keelson.scheduler.groups.PodGroup;
import io.keelson.scheduler.groups.PodGroups;

/** Tells users and metrics what came of trying to schedule a group of pods. Owned by the thread that owns the state. */
final class GroupResults {
    private final PodGroups groups;
    private final GroupReports reports;
    private final SchedulerMetrics metrics;

    GroupResults(PodGroups groups, GroupReports reports, SchedulerMetrics metrics) {
        this.groups = groups;
        this.reports = reports;
        this.metrics = metrics;
    }

    /**
     * A group was tried.
     *
     * @param key which may be gone meanwhile
     * @param profile the name of that of its pods
     */
    void tried(Key key, String profile, Result result, String message, long startNanos) {
        metrics.groupAttempted(result, profile, System.nanoTime() - startNanos);
        PodGroup group = groups.find(key);
        if (group != null) {
            String reason = switch (result) {
                case SCHEDULED -> "Scheduled";
                case ERROR -> "SchedulerError";
                case UNSCHEDULABLE, WAITING_ON_PREEMPTION -> "Unschedulable";
            };
            reports.tell(group, result == Result.SCHEDULED, reason, message);
        }
    }
}
