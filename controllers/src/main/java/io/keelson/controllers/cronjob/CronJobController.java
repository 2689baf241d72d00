package io.keelson.controllers.cronjob;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobStatus;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.objects.Deletion;
import io.keelson.controllers.objects.Jobs;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.objects.PodCreation;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Change;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.ControllerMetrics;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.core.metrics.Histogram;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes Jobs when it is time, and deletes old ones. */
public final class CronJobController implements Controller {
    private static final String NAME = "cronjob-controller";
    /** A little late is surely not too early. */
    private static final Duration LATE = Duration.ofMillis(100);
    /** The cache has what the API has by then. */
    private static final Duration SOON = Duration.ofSeconds(1);

    private final KubernetesClient client;
    private final Events events;
    private final Time time;
    private final Cache<CronJob> cronJobs;
    private final Cache<Job> jobs;
    private final Histogram skew;

    private CronJobController(Context context, Setup setup) {
        client = context.client();
        events = context.events().from(NAME);
        time = context.time();
        cronJobs = setup.watch(CronJob.class);
        jobs = setup.watch(Job.class, CronJobController::owners);
        skew = setup.metrics()
                .histogram(
                        "cronjob_controller_job_creation_skew_duration_seconds",
                        "How long after their scheduled time Jobs were created",
                        1,
                        2,
                        10);
    }

    /** The controller. */
    public static ControllerDescriptor descriptor() {
        return new ControllerDescriptor(NAME, 5, CronJobController::new);
    }

    private static Collection<Key> owners(Change<Job> change) {
        return Stream.of(change.before(), change.now())
                .filter(Objects::nonNull)
                .map(CronJobController::owner)
                .filter(Objects::nonNull)
                .distinct()
                .toList();
    }

    private static @Nullable Key owner(Job job) {
        OwnerReference owner = Owners.controllerOf(job);
        return owner == null || !"CronJob".equals(owner.getKind())
                ? null
                : Key.of(job.getMetadata().getNamespace(), owner.getName());
    }

    @Override
    public Outcome reconcile(Key key) {
        CronJob cronJob = cronJobs.get(key);
        if (cronJob == null) {
            return Outcome.done();
        }
        List<Job> owned = jobs.ownedBy(cronJob.getMetadata().getUid()).stream()
                .filter(job -> Owners.isControlledBy(job, cronJob))
                .sorted(Comparator.comparing(job -> job.getMetadata().getName()))
                .toList();
        CronJobLedger ledger = new CronJobLedger(cronJob);
        boolean forgotten = owned.stream().anyMatch(job -> Jobs.finished(job) == null && !ledger.isActive(job));
        if (forgotten && !isCurrent(cronJob)) {
            return Outcome.after(SOON);
        }
        observe(cronJob, owned, ledger);
        Outcome outcome = Outcome.done();
        RuntimeException failure = null;
        try {
            outcome = schedule(cronJob, ledger);
        } catch (RuntimeException e) {
            failure = e;
        }
        cleanUp(cronJob, owned, ledger);
        write(cronJob, ledger.status());
        if (failure != null) {
            throw failure;
        }
        return outcome;
    }

    /** Whether the cache has the CronJob as the API has it. */
    private boolean isCurrent(CronJob cronJob) {
        CronJob fresh = client.resource(cronJob).get();
        return fresh != null
                && fresh.getMetadata()
                        .getResourceVersion()
                        .equals(cronJob.getMetadata().getResourceVersion());
    }

    /** Notes which Jobs have ended or vanished. */
    private void observe(CronJob cronJob, List<Job> owned, CronJobLedger ledger) {
        for (Job job : owned) {
            String name = job.getMetadata().getName();
            JobCondition end = Jobs.finished(job);
            if (end == null) {
                if (!ledger.isActive(job)) {
                    events.warning(
                            cronJob,
                            "UnexpectedJob",
                            "Saw a job that the controller did not create or forgot: " + name);
                }
                continue;
            }
            if (ledger.isActive(job)) {
                ledger.ended(job.getMetadata().getUid());
                events.normal(
                        cronJob, "SawCompletedJob", "Saw completed job: " + name + ", condition: " + end.getType());
            }
            if ("Complete".equals(end.getType())) {
                ledger.succeeded(job.getStatus().getCompletionTime());
            }
        }
        for (ObjectReference active : ledger.active()) {
            boolean known =
                    owned.stream().anyMatch(job -> job.getMetadata().getUid().equals(active.getUid()));
            if (!known && fresh(cronJob, active) == null) {
                ledger.ended(active.getUid());
                events.normal(cronJob, "MissingJob", "Active job went missing: " + active.getName());
            }
        }
    }

    /** The very Job that was active, past the cache; null if it is gone. */
    private @Nullable Job fresh(CronJob cronJob, ObjectReference active) {
        if (active.getName() == null || active.getName().isEmpty()) {
            return null;
        }
        Job job = job(cronJob, active.getName());
        return job == null || !job.getMetadata().getUid().equals(active.getUid()) ? null : job;
    }

    private @Nullable Job job(CronJob cronJob, String name) {
        return client.batch()
                .v1()
                .jobs()
                .inNamespace(cronJob.getMetadata().getNamespace())
                .withName(name)
                .get();
    }

    private Outcome schedule(CronJob cronJob, CronJobLedger ledger) {
        if (cronJob.getMetadata().getDeletionTimestamp() != null) {
            return Outcome.done();
        }
        String zoneName = cronJob.getSpec().getTimeZone();
        ZoneId zone = ZoneId.systemDefault();
        try {
            if (zoneName != null) {
                zone = CronText.zone(zoneName);
            }
        } catch (IllegalArgumentException e) {
            events.warning(cronJob, "UnknownTimeZone", "invalid timeZone: \"" + zoneName + "\": " + e.getMessage());
            return Outcome.done();
        }
        if (OrEmpty.of(cronJob.getSpec().getSuspend())) {
            return Outcome.done();
        }
        String text = OrEmpty.of(cronJob.getSpec().getSchedule());
        if (text.contains("TZ")) {
            events.warning(
                    cronJob,
                    "UnsupportedSchedule",
                    "CRON_TZ or TZ used in schedule \"" + text + "\" is not officially supported, see "
                            + "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details");
        }
        CronSchedule schedule;
        try {
            schedule = CronText.parse(text, zone);
        } catch (IllegalArgumentException e) {
            events.warning(
                    cronJob, "UnparseableSchedule", "unparseable schedule: \"" + text + "\" : " + e.getMessage());
            return Outcome.done();
        }
        return start(cronJob, schedule, ledger);
    }

    private Outcome start(CronJob cronJob, CronSchedule schedule, CronJobLedger ledger) {
        Instant now = time.instant();
        Instant last = ledger.lastSchedule();
        Instant created = Pods.time(cronJob.getMetadata().getCreationTimestamp());
        Instant anchor = last != null ? last : created != null ? created : now;
        Instant next = schedule.next(anchor, now.isAfter(anchor) ? now : anchor);
        if (next == null) {
            events.warning(
                    cronJob,
                    "InvalidSchedule",
                    "invalid schedule: " + cronJob.getSpec().getSchedule()
                            + " : time difference between two schedules is less than 1 second");
            return Outcome.done();
        }
        Outcome later = Outcome.after(Duration.between(now, next).plus(LATE));
        DueRun due = DueRun.of(schedule, anchor, cronJob.getSpec().getStartingDeadlineSeconds(), now);
        if (due == null) {
            return later;
        }
        if (due.tooManyMissed()) {
            events.warning(
                    cronJob,
                    "TooManyMissedTimes",
                    "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew");
        }
        if (ledger.isActiveByName(ScheduledJob.name(cronJob, due.at()))) {
            return later;
        }
        String policy = OrEmpty.of(cronJob.getSpec().getConcurrencyPolicy());
        if (policy.equals("Forbid") && !ledger.active().isEmpty()) {
            events.normal(
                    cronJob,
                    "JobAlreadyActive",
                    "Not starting job because prior execution is running and concurrency policy is Forbid");
            return later;
        }
        // On an old picture, a run whose Job is gone again would be started once more.
        if (!isCurrent(cronJob)) {
            return Outcome.after(SOON);
        }
        if (policy.equals("Replace")) {
            replace(cronJob, ledger);
        }
        create(cronJob, due.at(), ledger);
        return later;
    }

    private void replace(CronJob cronJob, CronJobLedger ledger) {
        for (ObjectReference active : ledger.active()) {
            Job job;
            try {
                job = fresh(cronJob, active);
            } catch (KubernetesClientException e) {
                events.warning(cronJob, "FailedGet", "Get job: " + e.getMessage());
                throw e;
            }
            if (job != null) {
                delete(cronJob, job, ledger);
            } else {
                ledger.ended(active.getUid());
            }
        }
    }

    private void delete(CronJob cronJob, Job job, CronJobLedger ledger) {
        try {
            if (Deletion.of(client, job, null, "Background")) {
                events.normal(
                        cronJob,
                        "SuccessfulDelete",
                        "Deleted job " + job.getMetadata().getName());
            }
        } catch (KubernetesClientException e) {
            events.warning(cronJob, "FailedDelete", "Deleted job: " + e.getMessage());
            throw e;
        }
        ledger.ended(job.getMetadata().getUid());
    }

    private void create(CronJob cronJob, Instant at, CronJobLedger ledger) {
        String zoneName = OrEmpty.of(cronJob.getSpec().getTimeZone());
        Job wanted = ScheduledJob.of(cronJob, at, CronText.zone(zoneName));
        Job job;
        try {
            job = client.resource(wanted).create();
            skew.observe(ControllerMetrics.seconds(Duration.between(at, time.instant())));
            events.normal(
                    cronJob,
                    "SuccessfulCreate",
                    "Created job " + job.getMetadata().getName());
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                if (!PodCreation.namespaceEnds(e)) {
                    events.warning(cronJob, "FailedCreate", "Error creating job: " + e.getMessage());
                    throw e;
                }
                return;
            }
            // Made by one of us that did not get to say so; or by somebody else, who is to look after it.
            job = job(cronJob, wanted.getMetadata().getName());
            if (job == null) {
                throw e;
            }
            if (!Owners.isControlledBy(job, cronJob)) {
                return;
            }
        }
        if (!ledger.isActive(job)) {
            ledger.started(job, at);
        }
    }

    private void cleanUp(CronJob cronJob, List<Job> owned, CronJobLedger ledger) {
        List<Job> surplus = JobHistory.surplus(
                owned,
                cronJob.getSpec().getSuccessfulJobsHistoryLimit(),
                cronJob.getSpec().getFailedJobsHistoryLimit());
        for (Job job : surplus) {
            try {
                delete(cronJob, job, ledger);
            } catch (KubernetesClientException e) {
                // The owner is told; the next look finds it again, and what was started must be written down first.
            }
        }
    }

    private void write(CronJob cronJob, CronJobStatus status) {
        CronJobStatus before = cronJob.getStatus() == null ? new CronJobStatus() : cronJob.getStatus();
        if (!status.equals(before)) {
            client.resource(new CronJobBuilder(cronJob).withStatus(status).build())
                    .updateStatus();
        }
    }
}
