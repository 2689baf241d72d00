package io.keelson.controllers.cronjob;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.keelson.controllers.objects.Jobs;
import io.keelson.controllers.objects.Pods;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which Jobs that have ended are too old to be kept. */
final class JobHistory {
    private static final Comparator<Job> OLDEST_FIRST = Comparator.comparing(JobHistory::started)
            .thenComparing(job -> job.getMetadata().getName());

    private JobHistory() {}

    /**
     * Those that are to go. One that is on its way already does not count.
     *
     * @param successes how many that ended well are kept; null for all
     * @param failures how many that failed are kept; null for all
     */
    static List<Job> surplus(List<Job> jobs, @Nullable Integer successes, @Nullable Integer failures) {
        List<Job> surplus = new ArrayList<>();
        surplus.addAll(oldest(jobs, "Failed", failures));
        surplus.addAll(oldest(jobs, "Complete", successes));
        return surplus;
    }

    private static List<Job> oldest(List<Job> jobs, String how, @Nullable Integer kept) {
        if (kept == null) {
            return List.of();
        }
        List<Job> ended = jobs.stream()
                .filter(job -> job.getMetadata().getDeletionTimestamp() == null)
                .filter(job -> {
                    JobCondition end = Jobs.finished(job);
                    return end != null && how.equals(end.getType());
                })
                .sorted(OLDEST_FIRST)
                .toList();
        return ended.subList(0, Math.clamp(ended.size() - (long) kept, 0, ended.size()));
    }

    /** One that never started is the youngest. */
    private static Instant started(Job job) {
        Instant started =
                job.getStatus() == null ? null : Pods.time(job.getStatus().getStartTime());
        return started == null ? Instant.MAX : started;
    }
}
