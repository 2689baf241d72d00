package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.UncountedTerminatedPods;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A Job and its pods as they are seen, and what follows from that alone. A pod whose finalizer was taken away by us,
 * though the cache does not show it yet, is seen as one without: it has been counted.
 */
final class JobPicture {
    private final Job job;
    private final JobTerms terms;
    private final JobStatus status;
    private final List<Pod> pods;
    private final List<Pod> active = new ArrayList<>();
    private final Set<String> tracked = new HashSet<>();
    private final Set<String> uncountedSucceeded;
    private final Set<String> uncountedFailed;
    private final List<Pod> newSucceeded = new ArrayList<>();
    private final List<Pod> newFailed = new ArrayList<>();
    private final IndexRanges completedBefore;
    private final IndexRanges completed;
    private final @Nullable IndexRanges failedIndexes;
    private final Map<Integer, Pod> unreplaced;

    /**
     * Sees a Job.
     *
     * @param pods those that are the Job's
     * @param awaited uids of pods whose finalizer was taken away, which the cache may not show yet
     */
    JobPicture(Job job, List<Pod> pods, Set<String> awaited) {
        this.job = job;
        terms = JobTerms.of(job);
        status = job.getStatus() == null ? new JobStatus() : job.getStatus();
        this.pods = new ArrayList<>(pods);
        if (terms.indexed()) {
            this.pods.sort(Comparator.comparingInt(JobPod::index));
        }
        UncountedTerminatedPods uncounted = status.getUncountedTerminatedPods();
        uncountedSucceeded = new HashSet<>(uncounted == null ? List.of() : OrEmpty.of(uncounted.getSucceeded()));
        uncountedFailed = new HashSet<>(uncounted == null ? List.of() : OrEmpty.of(uncounted.getFailed()));
        for (Pod pod : this.pods) {
            if (Pods.isActive(pod)) {
                active.add(pod);
            }
            if (JobPod.isTracked(pod) && !awaited.contains(JobPod.uid(pod))) {
                tracked.add(JobPod.uid(pod));
            }
        }
        for (Pod pod : this.pods) {
            if (!isTracked(pod) || !belongs(pod)) {
                continue;
            }
            if (JobPod.succeeded(pod)) {
                if (!isUncountedSuccess(pod) && !isUncountedFailure(pod)) {
                    newSucceeded.add(pod);
                }
            } else if (JobPod.failed(pod, terms) && !isUncountedFailure(pod)) {
                newFailed.add(pod);
            }
        }
        int limit = terms.completions() == null ? 0 : terms.completions();
        completedBefore = IndexRanges.parse(OrEmpty.of(status.getCompletedIndexes()), limit);
        completed = completedBefore.with(succeededIndexes());
        failedIndexes = terms.backoffLimitPerIndex() == null
                ? null
                : IndexRanges.parse(OrEmpty.of(status.getFailedIndexes()), limit)
                        .with(newlyFailedIndexes());
        unreplaced = failedIndexes == null ? Map.of() : unreplaced(failedIndexes);
    }

    private List<Integer> succeededIndexes() {
        List<Integer> indexes = new ArrayList<>();
        if (terms.indexed()) {
            for (Pod pod : pods) {
                // One that was taken for failed, and then succeeded after all, stays failed.
                if (isTracked(pod) && belongs(pod) && JobPod.succeeded(pod) && !isUncountedFailure(pod)) {
                    indexes.add(JobPod.index(pod));
                }
            }
        }
        return indexes;
    }

    private List<Integer> newlyFailedIndexes() {
        List<Integer> indexes = new ArrayList<>();
        for (Pod pod : pods) {
            if (isTracked(pod) && belongs(pod) && failsIndex(pod) && !completed.has(JobPod.index(pod))) {
                indexes.add(JobPod.index(pod));
            }
        }
        return indexes;
    }

    private boolean failsIndex(Pod pod) {
        if (!JobPod.failed(pod, terms)) {
            return false;
        }
        FailureVerdict verdict = FailureVerdict.of(terms.failurePolicy(), pod);
        return switch (verdict.action()) {
            case FAIL_INDEX -> true;
            case IGNORE -> false;
            case COUNT, FAIL_JOB -> JobPod.failuresBefore(pod) >= OrEmpty.of(terms.backoffLimitPerIndex());
        };
    }

    /** For each index that waits for a next pod, the last one that failed. */
    private Map<Integer, Pod> unreplaced(IndexRanges gone) {
        Set<Integer> running = activeIndexes();
        Map<Integer, Pod> last = new HashMap<>();
        for (Pod pod : pods) {
            int index = JobPod.index(pod);
            if (isTracked(pod)
                    && belongs(pod)
                    && JobPod.failed(pod, terms)
                    && !completed.has(index)
                    && !gone.has(index)
                    && !running.contains(index)) {
                last.merge(index, pod, JobPicture::later);
            }
        }
        return last;
    }

    private static Pod later(Pod one, Pod other) {
        int failures = JobPod.failuresBefore(one) + JobPod.ignoredFailuresBefore(one);
        int otherFailures = JobPod.failuresBefore(other) + JobPod.ignoredFailuresBefore(other);
        if (failures != otherFailures) {
            return failures > otherFailures ? one : other;
        }
        return JobPod.finishedAt(other).isAfter(JobPod.finishedAt(one)) ? other : one;
    }

    Job job() {
        return job;
    }

    JobTerms terms() {
        return terms;
    }

    /** The status as it was read. */
    JobStatus status() {
        return status;
    }

    /** All pods of the Job, by index if they have one. */
    List<Pod> pods() {
        return pods;
    }

    /** Those that have not ended and are not being deleted. */
    List<Pod> active() {
        return active;
    }

    /** How many are being deleted and have not ended. */
    int terminating() {
        return (int) pods.stream().filter(JobPod::isOnItsWayOut).count();
    }

    /** Whether a pod is yet to be counted, or to lose its finalizer. */
    boolean isTracked(Pod pod) {
        return tracked.contains(JobPod.uid(pod));
    }

    /** The uids of all pods that are yet to lose their finalizer. */
    Set<String> tracked() {
        return tracked;
    }

    /** Whether a pod works on something that the Job asks for; always, if it has no indexes. */
    boolean belongs(Pod pod) {
        return !terms.indexed() || terms.hasIndex(JobPod.index(pod));
    }

    boolean isUncountedSuccess(Pod pod) {
        return uncountedSucceeded.contains(JobPod.uid(pod));
    }

    boolean isUncountedFailure(Pod pod) {
        return uncountedFailed.contains(JobPod.uid(pod));
    }

    /** Pods that succeeded and that no status knows of. */
    List<Pod> newSucceeded() {
        return newSucceeded;
    }

    /** Pods that failed and that no status knows of. */
    List<Pod> newFailed() {
        return newFailed;
    }

    /** The completions so far, the pods that are yet to be counted included. */
    int succeeded() {
        return terms.indexed()
                ? completed.total()
                : OrEmpty.of(status.getSucceeded()) + uncountedSucceeded.size() + newSucceeded.size();
    }

    /** The failures so far that count, the pods that are yet to be counted included. */
    int failed() {
        long counting = newFailed.stream()
                .filter(pod -> FailureVerdict.of(terms.failurePolicy(), pod).counts())
                .count();
        return (int) (OrEmpty.of(status.getFailed()) + uncountedFailed.size() + counting);
    }

    /** The completed indexes that the status knows of. */
    IndexRanges completedBefore() {
        return completedBefore;
    }

    /** The completed indexes, by the status and by pods that it does not know of. */
    IndexRanges completed() {
        return completed;
    }

    /** The failed indexes; null if indexes do not fail. */
    @Nullable
    IndexRanges failedIndexes() {
        return failedIndexes;
    }

    /**
     * For each index that is to have a next pod, the last one that failed. It stays until the next one is there, as it
     * knows how many failed before; empty if failures are not counted by index.
     */
    Map<Integer, Pod> unreplaced() {
        return unreplaced;
    }

    /** The indexes that an active pod works on. */
    Set<Integer> activeIndexes() {
        return indexes(active);
    }

    /** The indexes of pods that are being deleted and have not ended. */
    Set<Integer> terminatingIndexes() {
        return indexes(pods.stream().filter(JobPod::isOnItsWayOut).toList());
    }

    private Set<Integer> indexes(List<Pod> some) {
        Set<Integer> indexes = new HashSet<>();
        for (Pod pod : some) {
            if (terms.hasIndex(JobPod.index(pod))) {
                indexes.add(JobPod.index(pod));
            }
        }
        return indexes;
    }
}
