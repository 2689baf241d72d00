package io.keelson.controllers.cronjob;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobTemplateSpec;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** The Job of a run. */
final class ScheduledJob {
    private static final String SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp";

    private ScheduledJob() {}

    /** Its name, which is the same whoever makes it: that of the CronJob and the minute, counted from 1970. */
    static String name(CronJob cronJob, Instant at) {
        return cronJob.getMetadata().getName() + '-' + at.getEpochSecond() / 60;
    }

    /**
     * The Job itself.
     *
     * @param zone how its time is written
     */
    static Job of(CronJob cronJob, Instant at, ZoneId zone) {
        JobTemplateSpec template = cronJob.getSpec().getJobTemplate();
        ObjectMeta described = template.getMetadata() == null ? new ObjectMeta() : template.getMetadata();
        return new JobBuilder()
                .withNewMetadata()
                .withName(name(cronJob, at))
                .withNamespace(cronJob.getMetadata().getNamespace())
                .withLabels(OrEmpty.of(described.getLabels()))
                .withAnnotations(OrEmpty.of(described.getAnnotations()))
                .addToAnnotations(SCHEDULED, DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(at.atZone(zone)))
                .withOwnerReferences(Owners.controllerReference(cronJob))
                .endMetadata()
                .withSpec(template.getSpec())
                .build();
    }
}
