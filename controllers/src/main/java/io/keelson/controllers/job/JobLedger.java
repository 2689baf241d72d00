package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatusBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.UncountedTerminatedPods;
import io.fabric8.kubernetes.api.model.batch.v1.UncountedTerminatedPodsBuilder;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The bookkeeping of a Job. First the status names each pod that counts from now on ({@link #opened}); when that is
 * written, the pods may {@linkplain #released lose} their finalizer; then their names are taken away and the counters
 * raised ({@link #settled}), and if nothing is open any more, the end is made final ({@link #finished}).
 */
final class JobLedger {
    /** At most so many uids are in a status, which keeps them under 20 KB. */
    private static final int UNCOUNTED_MAX = 500;

    private static final int RELEASED_MAX = 1000;

    private final JobPicture picture;
    private final @Nullable JobEnd end;
    private final List<Pod> released = new ArrayList<>();
    private final List<String> newSucceeded = new ArrayList<>();
    private final List<String> newFailed = new ArrayList<>();
    private final Map<FailureVerdict.Action, Integer> byRule = new EnumMap<>(FailureVerdict.Action.class);
    private boolean full;

    /**
     * The pods that are there.
     *
     * @param ready of the active ones
     * @param terminating being deleted, and not ended
     */
    record Present(int active, int ready, int terminating) {}

    JobLedger(JobPicture picture, @Nullable JobEnd end) {
        this.picture = picture;
        this.end = end;
        int room = UNCOUNTED_MAX;
        for (Pod pod : picture.pods()) {
            if (picture.isTracked(pod) && (picture.isUncountedSuccess(pod) || picture.isUncountedFailure(pod))) {
                room--;
            }
        }
        for (Pod pod : picture.pods()) {
            if (!picture.isTracked(pod) || !mayBeReleased(pod)) {
                continue;
            }
            List<String> counter = counter(pod);
            if (released.size() >= RELEASED_MAX || (counter != null && room <= 0)) {
                full = true;
                continue;
            }
            released.add(pod);
            noteRule(pod);
            if (counter != null) {
                room--;
                counter.add(JobPod.uid(pod));
            }
        }
    }

    /** A pod that a rule decided on is counted by what the rule does when it is let go, which happens once. */
    private void noteRule(Pod pod) {
        if (picture.belongs(pod)
                && !picture.isUncountedFailure(pod)
                && !JobPod.succeeded(pod)
                && JobPod.failed(pod, picture.terms())) {
            FailureVerdict verdict = FailureVerdict.of(picture.terms().failurePolicy(), pod);
            if (verdict.byRule()) {
                byRule.merge(verdict.action(), 1, Integer::sum);
            }
        }
    }

    /** How many failures rules decided on that are let go now, by what the rules do. */
    Map<FailureVerdict.Action, Integer> byRule() {
        return byRule;
    }

    private boolean mayBeReleased(Pod pod) {
        if (picture.job().getMetadata().getDeletionTimestamp() != null || end != null || JobPod.succeeded(pod)) {
            return true;
        }
        Pod waiting = picture.unreplaced().get(JobPod.index(pod));
        return JobPod.failed(pod, picture.terms())
                && (waiting == null || !JobPod.uid(waiting).equals(JobPod.uid(pod)));
    }

    /** Where a pod is to be named before it is released; null if it need not be. */
    private @Nullable List<String> counter(Pod pod) {
        if (picture.isUncountedSuccess(pod) || picture.isUncountedFailure(pod) || !picture.belongs(pod)) {
            return null;
        }
        if (JobPod.succeeded(pod)) {
            return picture.terms().indexed() ? null : newSucceeded;
        }
        boolean givenUp = end != null && !end.success();
        boolean counts = (givenUp || JobPod.failed(pod, picture.terms()))
                && FailureVerdict.of(picture.terms().failurePolicy(), pod).counts();
        return counts ? newFailed : null;
    }

    /** The pods that may lose their finalizer once the {@linkplain #opened opened} status is written. */
    List<Pod> released() {
        return released;
    }

    /** Whether there are more to release than one go does. */
    boolean full() {
        return full;
    }

    /**
     * The status with the names of those that count from now on.
     *
     * @param suspended whether it is to say that it is suspended; null to leave what it says
     */
    JobStatus opened(Present present, @Nullable Boolean suspended, Instant now) {
        JobTerms terms = picture.terms();
        JobStatus settled = settled(picture.status(), picture.tracked());
        UncountedTerminatedPods before = settled.getUncountedTerminatedPods();
        List<String> succeeded = new ArrayList<>(OrEmpty.of(before.getSucceeded()));
        succeeded.addAll(newSucceeded);
        List<String> failed = new ArrayList<>(OrEmpty.of(before.getFailed()));
        failed.addAll(newFailed);
        List<JobCondition> conditions = OrEmpty.of(settled.getConditions());
        String started = settled.getStartTime();
        if (started == null && !terms.suspended()) {
            started = JobConditions.time(now);
        }
        if (suspended != null) {
            conditions = suspended
                    ? JobConditions.with(conditions, "Suspended", true, "JobSuspended", "Job suspended", now)
                    : JobConditions.with(conditions, "Suspended", false, "JobResumed", "Job resumed", now);
            if (suspended) {
                // It counts from when it is resumed; and only while it is suspended the API lets go of this.
                started = null;
            }
        }
        if (end != null) {
            conditions = JobConditions.with(conditions, end.firstCondition(), true, end.reason(), end.message(), now);
        }
        JobStatusBuilder status = new JobStatusBuilder(settled)
                .withStartTime(started)
                .withConditions(conditions)
                .withUncountedTerminatedPods(new UncountedTerminatedPodsBuilder(before)
                        .withSucceeded(succeeded)
                        .withFailed(failed)
                        .build());
        if (terms.indexed()) {
            String completed = picture.completed().toString();
            IndexRanges failedIndexes = picture.failedIndexes();
            status.withSucceeded(orNone(picture.completed().total()))
                    .withCompletedIndexes(completed.isEmpty() ? null : completed)
                    .withFailedIndexes(failedIndexes == null ? null : failedIndexes.toString());
        }
        return present(status.build(), present);
    }

    /** A status with other numbers of pods. */
    static JobStatus present(JobStatus status, Present present) {
        return new JobStatusBuilder(status)
                .withActive(orNone(present.active()))
                .withReady(present.ready())
                .withTerminating(present.terminating())
                .build();
    }

    /**
     * A status where those that are named and have no finalizer any more are counted instead.
     *
     * @param tracked the uids of pods that have it
     */
    JobStatus settled(JobStatus status, Set<String> tracked) {
        UncountedTerminatedPods uncounted = status.getUncountedTerminatedPods() == null
                ? new UncountedTerminatedPods()
                : status.getUncountedTerminatedPods();
        List<String> succeeded = OrEmpty.of(uncounted.getSucceeded());
        List<String> failed = OrEmpty.of(uncounted.getFailed());
        List<String> succeededLeft =
                succeeded.stream().filter(tracked::contains).toList();
        List<String> failedLeft = failed.stream().filter(tracked::contains).toList();
        int moreSucceeded = picture.terms().indexed() ? 0 : succeeded.size() - succeededLeft.size();
        return new JobStatusBuilder(status)
                .withActive(orNone(OrEmpty.of(status.getActive())))
                .withSucceeded(orNone(OrEmpty.of(status.getSucceeded()) + moreSucceeded))
                .withFailed(orNone(OrEmpty.of(status.getFailed()) + failed.size() - failedLeft.size()))
                .withUncountedTerminatedPods(new UncountedTerminatedPodsBuilder(uncounted)
                        .withSucceeded(succeededLeft)
                        .withFailed(failedLeft)
                        .build())
                .build();
    }

    /** The status that says that the Job has ended; null if something is open yet. */
    @Nullable
    JobStatus finished(JobStatus status, Instant now) {
        UncountedTerminatedPods uncounted = status.getUncountedTerminatedPods();
        if (end == null
                || full
                || OrEmpty.of(status.getActive()) > 0
                || OrEmpty.of(status.getTerminating()) > 0
                || !OrEmpty.of(uncounted.getSucceeded()).isEmpty()
                || !OrEmpty.of(uncounted.getFailed()).isEmpty()) {
            return null;
        }
        JobStatusBuilder finished = new JobStatusBuilder(status)
                .withConditions(JobConditions.with(
                        OrEmpty.of(status.getConditions()),
                        end.lastCondition(),
                        true,
                        end.reason(),
                        end.message(),
                        now));
        if (status.getStartTime() == null) {
            // One that was suspended from the first to the last moment; what has ended has begun.
            finished.withStartTime(JobConditions.time(now));
        }
        if (end.success()) {
            finished.withCompletionTime(JobConditions.time(now));
        }
        return finished.build();
    }

    /** None for 0, as the API writes these numbers. */
    private static @Nullable Integer orNone(int number) {
        return number == 0 ? null : number;
    }
}
