package io.keelson.controllers.cronjob;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobStatusBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the status of a CronJob is to say: which Jobs are active, when it ran last, and when that went well. */
final class CronJobLedger {
    private final CronJobStatus before;
    private final List<ObjectReference> active;
    private @Nullable String lastSchedule;
    private @Nullable String lastSuccess;

    CronJobLedger(CronJob cronJob) {
        before = cronJob.getStatus() == null ? new CronJobStatus() : cronJob.getStatus();
        active = new ArrayList<>(OrEmpty.of(before.getActive()));
        lastSchedule = before.getLastScheduleTime();
        lastSuccess = before.getLastSuccessfulTime();
    }

    /** The Jobs that it says are active. */
    List<ObjectReference> active() {
        return List.copyOf(active);
    }

    boolean isActive(Job job) {
        return active.stream().anyMatch(reference -> job.getMetadata().getUid().equals(reference.getUid()));
    }

    boolean isActiveByName(String name) {
        return active.stream().anyMatch(reference -> name.equals(reference.getName()));
    }

    /** A Job is not active any more. */
    void ended(@Nullable String uid) {
        active.removeIf(reference -> uid == null ? reference.getUid() == null : uid.equals(reference.getUid()));
    }

    /** A Job was started for a time. */
    void started(Job job, Instant at) {
        active.add(new ObjectReferenceBuilder()
                .withApiVersion("batch/v1")
                .withKind("Job")
                .withNamespace(job.getMetadata().getNamespace())
                .withName(job.getMetadata().getName())
                .withUid(job.getMetadata().getUid())
                .withResourceVersion(job.getMetadata().getResourceVersion())
                .build());
        lastSchedule = at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** A Job ended well at a time; the latest counts. */
    void succeeded(@Nullable String at) {
        Instant time = Pods.time(at);
        Instant last = Pods.time(lastSuccess);
        if (time != null && (last == null || time.isAfter(last))) {
            lastSuccess = at;
        }
    }

    /** The time of the last run that was started; null if there was none. */
    @Nullable
    Instant lastSchedule() {
        return Pods.time(lastSchedule);
    }

    /** The status; equal to the one before if nothing has changed. */
    CronJobStatus status() {
        return new CronJobStatusBuilder(before)
                .withActive(active)
                .withLastScheduleTime(lastSchedule)
                .withLastSuccessfulTime(lastSuccess)
                .build();
    }
}
