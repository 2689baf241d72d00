package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.keelson.controllers.objects.Jobs;
import io.keelson.controllers.objects.Pods;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * That a Job is to end, and why. It is written down first, as the condition {@code FailureTarget} or {@code
 * SuccessCriteriaMet}; when all pods are gone or counted it is final, as {@code Failed} or {@code Complete}.
 *
 * @param success whether it ends well
 */
record JobEnd(boolean success, String reason, String message) {
    /** Longer than anybody waits, and short enough to be added to any time. */
    private static final long SECONDS_MAX = Duration.ofDays(366_000).toSeconds();

    /** The condition that says so before it is final. */
    String firstCondition() {
        return success ? "SuccessCriteriaMet" : "FailureTarget";
    }

    /** The condition that says that it is final. */
    String lastCondition() {
        return success ? "Complete" : "Failed";
    }

    /**
     * Decides whether a Job ends.
     *
     * @param settled whether the cache has seen all that was asked for
     */
    static @Nullable JobEnd of(JobPicture picture, boolean settled, Instant now) {
        JobEnd decided = decided(picture);
        if (decided != null) {
            return decided;
        }
        JobTerms terms = picture.terms();
        String byPolicy = failedByPolicy(picture);
        if (byPolicy != null) {
            return failure("PodFailurePolicy", byPolicy);
        }
        if (picture.failed() > terms.backoffLimit() || restartedTooOften(picture)) {
            return failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }
        if (Duration.ZERO.equals(untilDeadline(picture, now))) {
            return failure("DeadlineExceeded", "Job was active longer than specified deadline");
        }
        JobEnd byIndexes = byIndexes(picture);
        return byIndexes != null ? byIndexes : completion(picture, settled);
    }

    private static @Nullable JobEnd decided(JobPicture picture) {
        JobCondition met = Jobs.holding(picture.job(), "SuccessCriteriaMet");
        if (met != null) {
            return new JobEnd(true, met.getReason(), met.getMessage());
        }
        JobCondition failing = Jobs.holding(picture.job(), "FailureTarget");
        return failing == null ? null : new JobEnd(false, failing.getReason(), failing.getMessage());
    }

    private static JobEnd failure(String reason, String message) {
        return new JobEnd(false, reason, message);
    }

    private static @Nullable String failedByPolicy(JobPicture picture) {
        if (picture.terms().failurePolicy() == null) {
            return null;
        }
        for (Pod pod : picture.pods()) {
            if (JobPod.failed(pod, picture.terms())) {
                String message =
                        FailureVerdict.of(picture.terms().failurePolicy(), pod).message();
                if (message != null) {
                    return message;
                }
            }
        }
        return null;
    }

    /** Pods whose containers are restarted do not fail: their restarts count instead. */
    private static boolean restartedTooOften(JobPicture picture) {
        if (!picture.terms().restartsContainers()) {
            return false;
        }
        long restarts = 0;
        for (Pod pod : picture.pods()) {
            String phase = Pods.phase(pod);
            if (phase.equals("Running") || phase.equals("Pending")) {
                restarts += JobPod.restarts(pod);
            }
        }
        return restarts > 0 && restarts >= picture.terms().backoffLimit();
    }

    /** How long it may go on; zero if it may not; null if there is no deadline. */
    static @Nullable Duration untilDeadline(JobPicture picture, Instant now) {
        Long seconds = picture.terms().deadlineSeconds();
        Instant start = Pods.time(picture.status().getStartTime());
        if (seconds == null || picture.terms().suspended() || start == null) {
            return null;
        }
        Duration active = Duration.between(start, now);
        Duration left = Duration.ofSeconds(Math.min(seconds, SECONDS_MAX)).minus(active);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private static @Nullable JobEnd byIndexes(JobPicture picture) {
        JobTerms terms = picture.terms();
        Integer completions = terms.completions();
        if (!terms.indexed() || completions == null) {
            return null;
        }
        IndexRanges failed = picture.failedIndexes();
        if (failed != null) {
            Integer most = terms.maxFailedIndexes();
            if (most != null && failed.total() > most) {
                return failure(
                        "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
            }
            if (failed.total() > 0 && failed.total() + picture.completed().total() >= completions) {
                return failure("FailedIndexes", "Job has failed indexes");
            }
        }
        String rule = SuccessRules.met(terms.successPolicy(), completions, picture.completed());
        return rule == null ? null : new JobEnd(true, "SuccessPolicy", rule);
    }

    private static @Nullable JobEnd completion(JobPicture picture, boolean settled) {
        Integer completions = picture.terms().completions();
        // Without a number, one success is enough, but the pods that run are waited for.
        boolean complete = completions != null
                ? picture.succeeded() >= completions
                : picture.succeeded() > 0 && settled && picture.active().isEmpty();
        return complete ? new JobEnd(true, "CompletionsReached", "Reached expected number of succeeded pods") : null;
    }
}
