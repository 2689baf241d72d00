package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.keelson.controllers.objects.Jobs;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is counted of Jobs and their pods: {@code job_controller_*}. */
final class JobMetrics {
    /** What a look at a Job led to. */
    enum Action {
        RECONCILING,
        TRACKING,
        PODS_CREATED,
        PODS_DELETED;

        private String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Histogram durations;
    private final Counter syncs;
    private final Counter finished;
    private final Counter pods;
    private final Counter indexes;
    private final Counter external;
    private final Counter creations;
    private final Counter tracked;
    private final Counter byRule;

    JobMetrics(ControllerMetrics metrics) {
        durations = metrics.histogram(
                "job_controller_job_sync_duration_seconds",
                "How long a look at a Job took",
                0.004,
                2,
                15,
                "completion_mode",
                "result",
                "action");
        syncs = metrics.counter(
                "job_controller_job_syncs_total", "Looks at Jobs", "completion_mode", "result", "action");
        finished = metrics.counter(
                "job_controller_jobs_finished_total", "Jobs that have ended", "completion_mode", "result", "reason");
        pods = metrics.counter(
                "job_controller_job_pods_finished_total",
                "Pods of Jobs that were counted",
                "completion_mode",
                "result");
        indexes = metrics.counter(
                "job_controller_job_finished_indexes_total", "Indexes that have ended", "status", "backoffLimit");
        external = metrics.counter(
                "job_controller_jobs_by_external_controller_total",
                "Jobs that another controller looks after",
                "controller_name");
        tracked = metrics.counter(
                "job_controller_terminated_pods_tracking_finalizer_total",
                "Pods that ended with the finalizer of Jobs, and those among them that lost it",
                "event");
        byRule = metrics.counter(
                "job_controller_pod_failures_handled_by_failure_policy_total",
                "Failures of pods on which a rule of their Job decided, by what it does",
                "action");
        creations = metrics.counter(
                "job_controller_job_pods_creation_total", "Pods of Jobs that were asked for", "reason", "status");
    }

    private static String mode(Job job) {
        return "Indexed".equals(job.getSpec().getCompletionMode()) ? "Indexed" : "NonIndexed";
    }

    /** A Job was looked at. */
    void synced(Job job, boolean well, Action action, Duration time) {
        String result = well ? "success" : "error";
        syncs.labelValues(mode(job), result, action.text()).inc();
        durations.labelValues(mode(job), result, action.text()).observe(ControllerMetrics.seconds(time));
    }

    /** A pod was seen: it has ended and is held by the finalizer, or is not any more. */
    void pod(Change<Pod> change) {
        boolean was = isHeld(change.before());
        boolean is = isHeld(change.now());
        if (is && !was) {
            tracked.labelValues("add").inc();
        } else if (was && !is) {
            tracked.labelValues("delete").inc();
        }
    }

    private static boolean isHeld(@Nullable Pod pod) {
        return pod != null && Pods.isTerminal(pod) && JobPod.isTracked(pod);
    }

    /** Rules decided on so many failures. */
    void byRule(Map<FailureVerdict.Action, Integer> failures) {
        failures.forEach((action, count) -> byRule.labelValues(action.word()).inc(count));
    }

    /** Another controller's Job was seen for the first time. */
    void managedElsewhere(String controller) {
        external.labelValues(controller).inc();
    }

    /**
     * Pods were asked for.
     *
     * @param picture of the Job that lacked them
     */
    void created(JobPicture picture, int done, int failed) {
        boolean replaces = picture.failed() > 0 || picture.terminating() > 0;
        String reason = !replaces
                ? "new"
                : "Failed".equals(picture.job().getSpec().getPodReplacementPolicy())
                        ? "recreate_failed"
                        : "recreate_terminating_or_failed";
        creations.labelValues(reason, "succeeded").inc(done);
        creations.labelValues(reason, "failed").inc(failed);
    }

    /** A status was written that counts more than the last one. */
    void counted(Job before, JobStatus after) {
        JobStatus old = before.getStatus() == null ? new JobStatus() : before.getStatus();
        pods(before, "succeeded", OrEmpty.of(after.getSucceeded()) - OrEmpty.of(old.getSucceeded()));
        pods(before, "failed", OrEmpty.of(after.getFailed()) - OrEmpty.of(old.getFailed()));
        if (mode(before).equals("Indexed")) {
            String limit = before.getSpec().getBackoffLimitPerIndex() == null ? "global" : "perIndex";
            int all = OrEmpty.of(before.getSpec().getCompletions());
            indexes("succeeded", limit, old.getCompletedIndexes(), after.getCompletedIndexes(), all);
            indexes("failed", limit, old.getFailedIndexes(), after.getFailedIndexes(), all);
        }
    }

    private void pods(Job job, String result, int more) {
        if (more > 0) {
            pods.labelValues(mode(job), result).inc(more);
        }
    }

    private void indexes(String status, String limit, @Nullable String before, @Nullable String after, int all) {
        int more = IndexRanges.parse(OrEmpty.of(after), all).total()
                - IndexRanges.parse(OrEmpty.of(before), all).total();
        if (more > 0) {
            indexes.labelValues(status, limit).inc(more);
        }
    }

    /** A Job has ended. */
    void finished(Job job) {
        JobCondition end = Jobs.finished(job);
        if (end != null) {
            finished.labelValues(
                            mode(job),
                            end.getType().equals("Complete") ? "succeeded" : "failed",
                            OrEmpty.of(end.getReason()))
                    .inc();
        }
    }
}
