package io.keelson.controllers.job;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.controllers.objects.Jobs;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.PodCreation;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Cache;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.Controller;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Expectations;
import io.keelson.controllers.runtime.Key;
import io.keelson.controllers.runtime.Outcome;
import io.keelson.controllers.runtime.Setup;
import io.keelson.controllers.runtime.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Brings Jobs to their end: makes their pods, counts those that have ended, and says when it is enough. */
public final class JobController implements Controller {
    private static final String NAME = "job-controller";
    private static final String OURS = "kubernetes.io/job-controller";
    /** Changes of pods of one Job within this time are looked at together. */
    private static final Duration TOGETHER = Duration.ofSeconds(1);
    /** After this, what was expected is given up. */
    private static final Duration EXPECTED_AT_MOST = Duration.ofMinutes(5).plusSeconds(1);

    private final KubernetesClient client;
    private final Events events;
    private final Time time;
    private final Cache<Job> jobs;
    private final JobPods jobPods;
    private final OrphanedPods orphans;
    private final PodWork work;
    private final JobMetrics metrics;
    private final Expectations expectations;
    private final FinalizerRemovals removals = new FinalizerRemovals();
    private final Backoffs backoffs = new Backoffs();

    private JobController(Context context, Setup setup, Duration together) {
        client = context.client();
        events = context.events().from(NAME);
        time = context.time();
        expectations = new Expectations(time);
        metrics = new JobMetrics(setup.metrics());
        JobChanges changes = new JobChanges(setup.queue(), together, expectations, removals, backoffs);
        Cache<Pod> pods = setup.watch(Pod.class, change -> {
            metrics.pod(change);
            return changes.ofPod(change);
        });
        jobs = setup.watch(Job.class, change -> {
            Job now = change.now();
            if (change.added() && now != null && !isOurs(now)) {
                metrics.managedElsewhere(OrEmpty.of(now.getSpec().getManagedBy()));
            }
            return changes.ofJob(change);
        });
        changes.look(jobs, pods);
        jobPods = new JobPods(client, pods);
        orphans = new OrphanedPods(jobs, pods, jobPods);
        work = new PodWork(jobPods, new PodCreation(client, events), expectations, removals, metrics);
    }

    /** The controller. */
    public static ControllerDescriptor descriptor() {
        return descriptor(TOGETHER);
    }

    static ControllerDescriptor descriptor(Duration together) {
        return new ControllerDescriptor(NAME, 5, (context, setup) -> new JobController(context, setup, together));
    }

    /** Whether a Job is for this controller and no other. */
    static boolean isOurs(Job job) {
        String managedBy = job.getSpec().getManagedBy();
        return managedBy == null || managedBy.equals(OURS);
    }

    @Override
    public Outcome reconcile(Key key) throws InterruptedException {
        if (OrphanedPods.isOne(key)) {
            orphans.release(key);
            return Outcome.done();
        }
        Job job = jobs.get(key);
        if (job == null) {
            expectations.forget(key);
            removals.forget(key);
            backoffs.forget(key);
            return Outcome.done();
        }
        if (!isOurs(job)) {
            return Outcome.done();
        }
        if (Jobs.finished(job) != null) {
            backoffs.forget(key);
            return Outcome.done();
        }
        String mode = job.getSpec().getCompletionMode();
        if (mode != null && !mode.equals("NonIndexed") && !mode.equals("Indexed")) {
            events.warning(job, "UnknownCompletionMode", "Skipped Job sync because completion mode is unknown");
            return Outcome.done();
        }
        // Before the pods are read: one that comes between would be seen as expected and not be counted.
        boolean settled = expectations.met(key);
        List<Pod> pods;
        try {
            pods = jobPods.of(job);
        } catch (IllegalArgumentException e) {
            // A selector that is none selects nothing, and stays so until somebody changes it.
            return Outcome.done();
        }
        Course course = new Course();
        long begin = System.nanoTime();
        boolean well = false;
        try {
            Outcome outcome = sync(new JobPicture(job, pods, removals.awaited(key)), settled, course);
            well = true;
            return outcome;
        } finally {
            metrics.synced(job, well, course.action, Duration.ofNanos(System.nanoTime() - begin));
        }
    }

    /** What a look at a Job has done so far. */
    private static final class Course {
        private JobMetrics.Action action = JobMetrics.Action.RECONCILING;

        /** The first thing that was done counts. */
        void took(JobMetrics.Action done) {
            if (action == JobMetrics.Action.RECONCILING) {
                action = done;
            }
        }
    }

    private Outcome sync(JobPicture picture, boolean settled, Course course) throws InterruptedException {
        Job job = picture.job();
        Key key = Key.of(job);
        Instant now = time.instant();
        Backoff backoff = backoffs.of(job).after(picture.newSucceeded(), picture.newFailed());
        JobEnd end = JobEnd.of(picture, settled, now);
        JobLedger ledger = new JobLedger(picture, end);
        PodWork.Done done = PodWork.Done.NOTHING;
        Duration again = JobEnd.untilDeadline(picture, now);
        Boolean suspended = null;
        if (end == null && settled && job.getMetadata().getDeletionTimestamp() == null) {
            PodDemand demand = PodDemand.of(picture, backoff, now);
            done = work.carryOut(demand, picture);
            if (done.created() > 0) {
                course.took(JobMetrics.Action.PODS_CREATED);
            } else if (!done.uids().isEmpty()) {
                course.took(JobMetrics.Action.PODS_DELETED);
            }
            again = earlier(again, demand.again());
            suspended = picture.terms().suspended();
        }
        JobStatus opened = ledger.opened(present(picture, done), suspended, now);
        Job written = write(job, opened);
        metrics.byRule(ledger.byRule());
        tellIfSuspended(job, written);
        backoffs.remember(job, backoff);
        RuntimeException failure = done.failure();
        if (end != null) {
            done = work.delete(job, picture.active());
            failure = done.failure();
        }
        PodWork.Done released = work.release(job, ledger.released());
        if (!released.uids().isEmpty()) {
            course.took(JobMetrics.Action.TRACKING);
        }
        if (failure == null) {
            failure = released.failure();
        }
        Set<String> tracked = new HashSet<>(picture.tracked());
        tracked.removeAll(released.uids());
        JobStatus counted = JobLedger.present(ledger.settled(opened, tracked), present(picture, done));
        JobStatus finished = settled && failure == null ? ledger.finished(counted, now) : null;
        written = write(written, finished != null ? finished : counted);
        metrics.counted(job, finished != null ? finished : counted);
        if (finished != null) {
            tellFinished(written, picture.terms());
            metrics.finished(written);
            backoffs.forget(key);
        }
        if (failure != null) {
            throw failure;
        }
        if (finished != null) {
            return Outcome.done();
        }
        again = earlier(again, settled ? null : EXPECTED_AT_MOST);
        return again == null ? Outcome.done() : Outcome.after(again);
    }

    private static @Nullable Duration earlier(@Nullable Duration one, @Nullable Duration other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.compareTo(other) <= 0 ? one : other;
    }

    /** The pods that are there once those are made and deleted that were. */
    private static JobLedger.Present present(JobPicture picture, PodWork.Done done) {
        int active = done.created();
        int ready = 0;
        for (Pod pod : picture.active()) {
            if (!done.uids().contains(JobPod.uid(pod))) {
                active++;
                ready += Pods.isReady(pod) ? 1 : 0;
            }
        }
        return new JobLedger.Present(
                active, ready, picture.terminating() + done.uids().size());
    }

    /** Writes a status if it says something new. */
    private Job write(Job job, JobStatus status) {
        if (status.equals(job.getStatus())) {
            return job;
        }
        return client.resource(new JobBuilder(job).withStatus(status).build()).updateStatus();
    }

    private void tellIfSuspended(Job before, Job now) {
        boolean was = Jobs.holding(before, "Suspended") != null;
        boolean is = Jobs.holding(now, "Suspended") != null;
        if (is && !was) {
            events.normal(now, "Suspended", "Job suspended");
        } else if (was && !is) {
            events.normal(now, "Resumed", "Job resumed");
        }
    }

    private void tellFinished(Job job, JobTerms terms) {
        JobCondition condition = Jobs.finished(job);
        if (condition == null) {
            return;
        }
        if (!condition.getType().equals("Complete")) {
            events.warning(job, condition.getReason(), condition.getMessage());
            return;
        }
        if (terms.completions() != null && OrEmpty.of(job.getStatus().getSucceeded()) > terms.completions()) {
            events.warning(job, "TooManySucceededPods", "Too many succeeded pods");
        }
        events.normal(job, "Completed", "Job completed");
    }
}
