package io.keelson.controllers.cronjob;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.keelson.controllers.objects.Owners;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CronJobControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();
    /** A second after a whole minute that does not come while a test makes its objects: they are made before it. */
    private final ManualTime time =
            new ManualTime(Instant.now().truncatedTo(ChronoUnit.MINUTES).plusSeconds(121));

    @AfterEach
    void close() {
        cluster.close();
    }

    private Manager run() throws InterruptedException {
        return cluster.run(time, CronJobController.descriptor());
    }

    private void create(String spec) {
        cluster.create(namespace, """
                apiVersion: batch/v1
                kind: CronJob
                metadata: {name: tick}
                spec:
                  %s
                  jobTemplate:
                    metadata: {labels: {made: by-tick}, annotations: {note: hello}}
                    spec:
                      template:
                        spec:
                          restartPolicy: Never
                          containers: [{name: main, image: tick}]
                """.formatted(spec));
    }

    private CronJob cronJob() {
        return cluster.client()
                .batch()
                .v1()
                .cronjobs()
                .inNamespace(namespace)
                .withName("tick")
                .get();
    }

    private List<Job> jobs() {
        return cluster.client().batch().v1().jobs().inNamespace(namespace).list().getItems().stream()
                .filter(job -> job.getMetadata().getDeletionTimestamp() == null)
                .sorted(Comparator.comparing(job -> job.getMetadata().getName()))
                .toList();
    }

    private void awaitJobs(int count) throws InterruptedException {
        TestCluster.await(count + " jobs are there", () -> jobs().size() == count);
    }

    private void awaitStatus(String what, Predicate<CronJob> condition) throws InterruptedException {
        TestCluster.await(what, () -> condition.test(cronJob()));
    }

    private void awaitActive(int count) throws InterruptedException {
        awaitStatus(
                count + " are active",
                cronJob -> cronJob.getStatus() != null
                        && cronJob.getStatus().getActive().size() == count);
    }

    private boolean told(String reason, String message) {
        return cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                .anyMatch(event -> reason.equals(event.getReason())
                        && event.getMessage().startsWith(message)
                        && "cronjob-controller".equals(event.getSource().getComponent()));
    }

    private String minute() {
        return "tick-" + time.instant().getEpochSecond() / 60;
    }

    private void end(Job job, String type, String before) {
        String now = time.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        cluster.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(job.getMetadata().getName())
                .editStatus(old -> {
                    JobBuilder ended = new JobBuilder(old)
                            .editOrNewStatus()
                            .withStartTime(now)
                            .addNewCondition()
                            .withType(before)
                            .withStatus("True")
                            .endCondition()
                            .addNewCondition()
                            .withType(type)
                            .withStatus("True")
                            .withLastTransitionTime(now)
                            .endCondition()
                            .endStatus();
                    return (type.equals("Complete")
                                    ? ended.editStatus().withCompletionTime(now).endStatus()
                                    : ended)
                            .build();
                });
    }

    @Test
    void eachMinuteHasItsJob() throws InterruptedException {
        Manager manager = run();
        create("schedule: '* * * * *'\n  timeZone: Asia/Kathmandu");
        awaitActive(1);
        Job job = jobs().getFirst();
        assertEquals(minute(), job.getMetadata().getName());
        assertEquals("by-tick", job.getMetadata().getLabels().get("made"));
        assertEquals("hello", job.getMetadata().getAnnotations().get("note"));
        String scheduled = String.valueOf(
                job.getMetadata().getAnnotations().get("batch.kubernetes.io/cronjob-scheduled-timestamp"));
        assertTrue(scheduled.endsWith("+05:45"), scheduled);
        assertTrue(Owners.isControlledBy(job, cronJob()));
        TestCluster.await("it is told", () -> told("SuccessfulCreate", "Created job " + minute()));
        TestCluster.await("nothing is left to do", manager::idle);
        time.advance(Duration.ofMinutes(1));
        awaitActive(2);
        assertEquals(
                List.of(job.getMetadata().getName(), minute()),
                jobs().stream().map(made -> made.getMetadata().getName()).toList());
        assertEquals(
                time.instant().truncatedTo(ChronoUnit.MINUTES).toString(),
                cronJob().getStatus().getLastScheduleTime());
    }

    @Test
    void aRunThatIsStillGoingForbidsTheNext() throws InterruptedException {
        run();
        create("schedule: '* * * * *'\n  concurrencyPolicy: Forbid");
        awaitActive(1);
        time.advance(Duration.ofMinutes(1));
        TestCluster.await("it is told", () -> told("JobAlreadyActive", "Not starting job because prior execution"));
        assertEquals(1, jobs().size());
        // Two events of one instant would have one name.
        time.advance(Duration.ofSeconds(1));
        end(jobs().getFirst(), "Complete", "SuccessCriteriaMet");
        awaitStatus(
                "the end is noted and the next runs",
                cronJob -> jobs().size() == 2
                        && cronJob.getStatus().getActive().size() == 1
                        && cronJob.getStatus().getLastSuccessfulTime() != null);
        assertEquals(minute(), cronJob().getStatus().getActive().getFirst().getName());
        TestCluster.await("it is told", () -> told("SawCompletedJob", "Saw completed job: tick-"));
    }

    @Test
    void aRunThatIsStillGoingIsReplacedByTheNext() throws InterruptedException {
        run();
        create("schedule: '* * * * *'\n  concurrencyPolicy: Replace");
        awaitActive(1);
        String first = minute();
        time.advance(Duration.ofMinutes(1));
        TestCluster.await(
                "the next has taken its place",
                () -> jobs().stream()
                        .map(job -> job.getMetadata().getName())
                        .toList()
                        .equals(List.of(minute())));
        awaitStatus(
                "the status says so",
                cronJob -> cronJob.getStatus().getActive().size() == 1
                        && cronJob.getStatus().getActive().getFirst().getName().equals(minute()));
        TestCluster.await("it is told", () -> told("SuccessfulDelete", "Deleted job " + first));
    }

    @Test
    void onlyTheLatestJobsAreKept() throws InterruptedException {
        run();
        create("schedule: '* * * * *'\n  successfulJobsHistoryLimit: 1\n  failedJobsHistoryLimit: 0");
        awaitActive(1);
        end(jobs().getFirst(), "Complete", "SuccessCriteriaMet");
        awaitActive(0);
        time.advance(Duration.ofMinutes(1));
        awaitActive(1);
        String second = minute();
        end(jobs().getLast(), "Complete", "SuccessCriteriaMet");
        awaitActive(0);
        TestCluster.await(
                "the first is gone",
                () -> jobs().size() == 1
                        && jobs().getFirst().getMetadata().getName().equals(second));
        time.advance(Duration.ofMinutes(1));
        awaitActive(1);
        end(jobs().getLast(), "Failed", "FailureTarget");
        awaitActive(0);
        awaitJobs(1);
        assertEquals(second, jobs().getFirst().getMetadata().getName());
    }

    @Test
    void aSuspendedCronJobRunsNothingAndThenOnlyTheLatestThatWasMissed() throws InterruptedException {
        Manager manager = run();
        create("schedule: '* * * * *'\n  suspend: true");
        TestCluster.await("nothing is left to do", manager::idle);
        time.advance(Duration.ofMinutes(150));
        TestCluster.await("nothing is left to do", manager::idle);
        assertTrue(jobs().isEmpty());
        cluster.client()
                .batch()
                .v1()
                .cronjobs()
                .inNamespace(namespace)
                .withName("tick")
                .edit(now -> new CronJobBuilder(now)
                        .editSpec()
                        .withSuspend(false)
                        .endSpec()
                        .build());
        awaitActive(1);
        assertEquals(
                List.of(minute()),
                jobs().stream().map(job -> job.getMetadata().getName()).toList());
        TestCluster.await(
                "it is told", () -> told("TooManyMissedTimes", "too many missed start times. Set or decrease"));
    }

    @Test
    void aJobThatWasMadeBeforeACrashIsFoundAgain() throws InterruptedException {
        create("schedule: '* * * * *'");
        CronJob cronJob = cronJob();
        cluster.client()
                .resource(
                        ScheduledJob.of(cronJob, time.instant().truncatedTo(ChronoUnit.MINUTES), CronText.zone("UTC")))
                .create();
        run();
        awaitActive(1);
        assertEquals(1, jobs().size());
        assertEquals(minute(), cronJob().getStatus().getActive().getFirst().getName());
        TestCluster.await("it is told", () -> told("UnexpectedJob", "Saw a job that the controller did not create"));
    }

    @Test
    void aJobThatVanishedIsNotActive() throws InterruptedException {
        run();
        create("schedule: '* * * * *'");
        awaitActive(1);
        // Two events of one instant would have one name.
        time.advance(Duration.ofSeconds(1));
        cluster.client().resource(jobs().getFirst()).delete();
        awaitActive(0);
        TestCluster.await("it is told", () -> told("MissingJob", "Active job went missing: tick-"));
        assertTrue(jobs().isEmpty());
    }

    @Test
    void aRunIsNotStartedLaterThanItsDeadline() throws InterruptedException {
        create("schedule: '0 0 1 1 *'\n  startingDeadlineSeconds: 100");
        Manager manager = run();
        TestCluster.await("nothing is left to do", manager::idle);
        assertFalse(told("SuccessfulCreate", ""));
        assertTrue(jobs().isEmpty());
    }
}
