package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which pods of a Job that goes on are to be made, or deleted; never both at once.
 *
 * @param delete those that are too many; they do not count as failed
 * @param create one for each pod to be made: its index, or {@link JobPod#NO_INDEX}
 * @param again after how long more pods may be made, since others failed; null if that does not hold any back
 */
record PodDemand(
        List<Pod> delete, List<Integer> create, @Nullable Duration again) {
    /** At most so many pods are made or deleted in one go, so that a large Job leaves room for others. */
    static final int AT_ONCE = 500;

    static PodDemand of(JobPicture picture, Backoff backoff, Instant now) {
        JobTerms terms = picture.terms();
        int active = picture.active().size();
        if (terms.suspended()) {
            return deleting(picture.active());
        }
        int wanted = wanted(picture);
        List<Pod> tooMany = tooMany(picture, Math.max(0, active - wanted));
        if (!tooMany.isEmpty()) {
            return deleting(tooMany.subList(0, Math.min(tooMany.size(), AT_ONCE)));
        }
        int missing = wanted - active - (terms.replacesFailedOnly() ? picture.terminating() : 0);
        if (missing <= 0) {
            return new PodDemand(List.of(), List.of(), null);
        }
        missing = Math.min(missing, AT_ONCE);
        if (terms.backoffLimitPerIndex() != null) {
            return byIndex(picture, missing, now);
        }
        Duration wait = backoff.remaining(now);
        if (!wait.isZero()) {
            return new PodDemand(List.of(), List.of(), wait);
        }
        List<Integer> create =
                terms.indexed() ? pendingIndexes(picture, missing) : Collections.nCopies(missing, JobPod.NO_INDEX);
        return new PodDemand(List.of(), create, null);
    }

    private static PodDemand deleting(List<Pod> pods) {
        return new PodDemand(List.copyOf(pods), List.of(), null);
    }

    private static int wanted(JobPicture picture) {
        JobTerms terms = picture.terms();
        Integer completions = terms.completions();
        if (completions == null) {
            // Once one has succeeded, those that run may end, and no more are made.
            return picture.succeeded() > 0 ? picture.active().size() : terms.parallelism();
        }
        int left = completions - picture.succeeded();
        IndexRanges failed = picture.failedIndexes();
        if (failed != null) {
            left -= failed.total();
        }
        return Math.clamp(left, 0, terms.parallelism());
    }

    /** Those that work on no index or on one that another works on, and of the rest so many that enough go. */
    private static List<Pod> tooMany(JobPicture picture, int atLeast) {
        List<Pod> inOrder = new ArrayList<>(picture.active());
        inOrder.sort(RemovalOrder.LEAST_FAR_FIRST);
        if (!picture.terms().indexed()) {
            return inOrder.subList(0, atLeast);
        }
        List<Pod> go = new ArrayList<>();
        List<Pod> stay = new ArrayList<>();
        Set<Integer> taken = new HashSet<>();
        for (Pod pod : inOrder.reversed()) {
            (picture.belongs(pod) && taken.add(JobPod.index(pod)) ? stay : go).add(pod);
        }
        stay.reversed().stream().limit(Math.max(0, atLeast - go.size())).forEach(go::add);
        return go;
    }

    private static List<Integer> pendingIndexes(JobPicture picture, int count) {
        IndexRanges busy = picture.completed().with(picture.activeIndexes());
        if (picture.terms().replacesFailedOnly()) {
            busy = busy.with(picture.terminatingIndexes());
        }
        IndexRanges failed = picture.failedIndexes();
        if (failed != null) {
            busy = busy.with(failed);
        }
        Integer completions = picture.terms().completions();
        return busy.firstMissing(count, completions == null ? 0 : completions);
    }

    /** Each index waits for itself. */
    private static PodDemand byIndex(JobPicture picture, int count, Instant now) {
        List<Integer> create = new ArrayList<>();
        Duration again = null;
        for (int index : pendingIndexes(picture, count)) {
            Duration wait = Backoff.ofIndex(picture.unreplaced().get(index)).remaining(now);
            if (wait.isZero()) {
                create.add(index);
            } else if (again == null || wait.compareTo(again) < 0) {
                again = wait;
            }
        }
        return new PodDemand(List.of(), create, again);
    }

    /** What the next pod of an index says of those that failed before it. */
    static Map<String, String> failureAnnotations(JobPicture picture, int index) {
        Pod last = picture.unreplaced().get(index);
        int failures = 0;
        int ignored = 0;
        if (last != null) {
            failures = JobPod.failuresBefore(last);
            ignored = JobPod.ignoredFailuresBefore(last);
            if (FailureVerdict.of(picture.terms().failurePolicy(), last).counts()) {
                failures++;
            } else {
                ignored++;
            }
        }
        Map<String, String> annotations = new HashMap<>();
        annotations.put(JobPod.INDEX_FAILURES, Integer.toString(failures));
        if (ignored > 0) {
            annotations.put(JobPod.INDEX_FAILURES_IGNORED, Integer.toString(ignored));
        }
        return annotations;
    }
}
