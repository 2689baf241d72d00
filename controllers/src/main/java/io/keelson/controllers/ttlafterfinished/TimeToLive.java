package io.keelson.controllers.ttlafterfinished;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.keelson.controllers.objects.Jobs;
import io.keelson.controllers.objects.Pods;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How long a Job has yet to live. */
final class TimeToLive {
    /** Longer than anybody waits, and short enough to be added to any time. */
    private static final long SECONDS_MAX = Duration.ofDays(366_000).toSeconds();

    private TimeToLive() {}

    /**
     * When its time is over.
     *
     * @return null if it is not to go by itself: it has not ended, nobody said when, or it is on its way already
     */
    static @Nullable Instant due(Job job) {
        Integer seconds = job.getSpec().getTtlSecondsAfterFinished();
        JobCondition end = Jobs.finished(job);
        if (seconds == null || end == null || job.getMetadata().getDeletionTimestamp() != null) {
            return null;
        }
        Instant ended = Pods.time(end.getLastTransitionTime());
        if (ended == null) {
            // Without a time it can never be said to be over.
            return null;
        }
        return ended.plusSeconds(Math.clamp(seconds, 0, SECONDS_MAX));
    }

    /** How long it stays; zero if it is to go now, null if it is not to go by itself. */
    static @Nullable Duration left(Job job, Instant now) {
        Instant due = due(job);
        if (due == null) {
            return null;
        }
        return due.isAfter(now) ? Duration.between(now, due) : Duration.ZERO;
    }
}
