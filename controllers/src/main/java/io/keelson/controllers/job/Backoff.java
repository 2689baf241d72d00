package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * How long the next pod has to wait because others failed: 10 s after the first failure since the last success, twice
 * that for each further one, at most 10 min.
 *
 * @param failures since the last pod that succeeded
 * @param last when the last of them failed; null if there are none
 */
record Backoff(int failures, @Nullable Instant last) {
    static final Backoff NONE = new Backoff(0, null);

    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /** After more pods have ended. */
    Backoff after(Collection<Pod> succeeded, Collection<Pod> failed) {
        Instant success = null;
        for (Pod pod : succeeded) {
            success = later(success, JobPod.finishedAt(pod));
        }
        int count = success == null ? failures : 0;
        Instant failure = success == null ? last : null;
        for (Pod pod : failed) {
            Instant at = JobPod.finishedAt(pod);
            if (success == null || at.isAfter(success)) {
                count++;
                failure = later(failure, at);
            }
        }
        return new Backoff(count, failure);
    }

    private static Instant later(@Nullable Instant one, Instant other) {
        return one == null || other.isAfter(one) ? other : one;
    }

    /** How much of the wait is left; zero if none. */
    Duration remaining(Instant now) {
        if (failures <= 0 || last == null) {
            return Duration.ZERO;
        }
        // Ten seconds times two to the sixth is more than the longest.
        Duration whole = failures > 6 ? LONGEST : FIRST.multipliedBy(1L << (failures - 1));
        Duration left = Duration.between(now, last.plus(whole));
        return left.isNegative() ? Duration.ZERO : left.compareTo(whole) > 0 ? whole : left;
    }

    /** The wait of an index whose last pod failed; none if no pod of it did. */
    static Backoff ofIndex(@Nullable Pod failed) {
        return failed == null
                ? NONE
                : new Backoff(
                        JobPod.failuresBefore(failed) + JobPod.ignoredFailuresBefore(failed) + 1,
                        JobPod.finishedAt(failed));
    }
}
