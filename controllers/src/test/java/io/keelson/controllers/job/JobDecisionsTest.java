package io.keelson.controllers.job;

import static io.keelson.controllers.job.TestPods.NOW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JobDecisionsTest {
    private static JobPicture picture(Job job, Pod... pods) {
        return new JobPicture(job, List.of(pods), Set.of());
    }

    private static @Nullable String end(Job job, Pod... pods) {
        JobEnd end = JobEnd.of(picture(job, pods), true, NOW);
        return end == null ? null : end.firstCondition() + ' ' + end.reason() + ": " + end.message();
    }

    private static PodDemand demand(Job job, Pod... pods) {
        JobPicture picture = picture(job, pods);
        return PodDemand.of(picture, Backoff.NONE.after(picture.newSucceeded(), picture.newFailed()), NOW);
    }

    private static List<String> names(List<Pod> pods) {
        return pods.stream().map(JobPod::uid).toList();
    }

    private static Pod failed(String name, int code) {
        return TestPods.exited(TestPods.pod(name, "Failed"), code, NOW.minusSeconds(1000));
    }

    private static Job withRule(String action, String operator, Integer... codes) {
        return new JobBuilder(TestPods.job(1, 1))
                .editSpec()
                .withNewPodFailurePolicy()
                .addNewRule()
                .withAction(action)
                .withNewOnExitCodes()
                .withOperator(operator)
                .withValues(codes)
                .endOnExitCodes()
                .endRule()
                .endPodFailurePolicy()
                .endSpec()
                .build();
    }

    private static Job perIndex(int limit, @Nullable Integer maxFailed) {
        return new JobBuilder(TestPods.indexed(TestPods.job(3, 3)))
                .editSpec()
                .withBackoffLimit(Integer.MAX_VALUE)
                .withBackoffLimitPerIndex(limit)
                .withMaxFailedIndexes(maxFailed)
                .endSpec()
                .build();
    }

    @Test
    void asManyPodsAreMadeAsAreLeftToDoAndAllowedAtOnce() {
        assertEquals(2, demand(TestPods.job(2, 3)).create().size());
        assertEquals(
                1,
                demand(TestPods.job(3, 3), TestPods.pod("a", "Succeeded"), TestPods.pod("b", "Running"))
                        .create()
                        .size());
        assertEquals(
                List.of("a"),
                names(demand(TestPods.job(1, 3), TestPods.pod("a", "Pending"), TestPods.pod("b", "Running"))
                        .delete()));
        assertEquals(500, demand(TestPods.job(2000, 2000)).create().size());
    }

    @Test
    void withoutCompletionsOneSuccessIsEnoughButTheRestMayEnd() {
        Job job = new JobBuilder(TestPods.job(2, 1))
                .editSpec()
                .withCompletions(null)
                .endSpec()
                .build();
        assertEquals(2, demand(job).create().size());
        assertEquals(List.of(), demand(job, TestPods.pod("a", "Succeeded")).create());
        assertNull(end(job, TestPods.pod("a", "Succeeded"), TestPods.pod("b", "Running")));
        assertEquals(
                "SuccessCriteriaMet CompletionsReached: Reached expected number of succeeded pods",
                end(job, TestPods.pod("a", "Succeeded")));
    }

    @Test
    void aSuspendedJobHasNoPods() {
        Job job = new JobBuilder(TestPods.job(2, 2))
                .editSpec()
                .withSuspend(true)
                .endSpec()
                .build();
        assertEquals(
                List.of("a"), names(demand(job, TestPods.pod("a", "Running")).delete()));
        assertEquals(List.of(), demand(job).create());
    }

    @Test
    void indexesWithoutPodGetOneAndNoneHasTwo() {
        Job job = TestPods.indexed(TestPods.job(3, 5));
        assertEquals(List.of(0, 1, 2), demand(job).create());
        assertEquals(
                List.of(1, 3),
                demand(job, TestPods.pod("a", "Succeeded", 0), TestPods.pod("b", "Running", 2))
                        .create());
        assertEquals(
                List.of("beyond", "twice"),
                names(demand(
                                        job,
                                        TestPods.pod("one", "Running", 1),
                                        TestPods.pod("twice", "Pending", 1),
                                        TestPods.pod("beyond", "Pending", 5))
                                .delete())
                        .stream()
                        .sorted()
                        .toList());
    }

    @Test
    void aPodThatIsBeingDeletedIsReplacedAtOnceUnlessThePolicySaysOtherwise() {
        Job job = TestPods.job(1, 1);
        Pod leaving = TestPods.terminating(TestPods.pod("a", "Running"));
        JobPicture picture = picture(job, leaving);
        assertEquals(1, picture.failed());
        assertEquals(1, picture.terminating());
        assertEquals(1, PodDemand.of(picture, Backoff.NONE, NOW).create().size());
        Job patient = new JobBuilder(job)
                .editSpec()
                .withPodReplacementPolicy("Failed")
                .endSpec()
                .build();
        assertEquals(0, picture(patient, leaving).failed());
        assertEquals(List.of(), demand(patient, leaving).create());
    }

    @Test
    void afterFailuresTheNextPodWaits() {
        Job job = TestPods.job(1, 1);
        Pod failed = TestPods.exited(TestPods.pod("a", "Failed"), 1, NOW.minusSeconds(4));
        assertEquals(new PodDemand(List.of(), List.of(), Duration.ofSeconds(6)), demand(job, failed));
        List<Duration> waits = new ArrayList<>();
        for (int failures = 0; failures < 9; failures++) {
            waits.add(new Backoff(failures, NOW).remaining(NOW));
        }
        assertEquals(
                List.of(0L, 10L, 20L, 40L, 80L, 160L, 320L, 600L, 600L),
                waits.stream().map(Duration::toSeconds).toList());
        Pod succeeded = TestPods.exited(TestPods.pod("b", "Succeeded"), 0, NOW.minusSeconds(5));
        assertEquals(
                new Backoff(1, NOW.minusSeconds(4)),
                new Backoff(3, NOW.minusSeconds(50)).after(List.of(succeeded), List.of(failed)));
        assertEquals(Backoff.NONE, new Backoff(3, NOW).after(List.of(succeeded), List.of()));
    }

    @Test
    void moreFailuresThanTheLimitEndIt() {
        Job job = new JobBuilder(TestPods.job(2, 2))
                .editSpec()
                .withBackoffLimit(1)
                .endSpec()
                .build();
        assertNull(end(job, failed("a", 1)));
        assertEquals(
                "FailureTarget BackoffLimitExceeded: Job has reached the specified backoff limit",
                end(job, failed("a", 1), failed("b", 1)));
    }

    @Test
    void restartsCountWherePodsRestart() {
        Job job = new JobBuilder(TestPods.job(1, 1))
                .editSpec()
                .withBackoffLimit(3)
                .editTemplate()
                .editSpec()
                .withRestartPolicy("OnFailure")
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
        Pod restarted = new PodBuilder(TestPods.pod("a", "Running"))
                .editStatus()
                .addNewContainerStatus()
                .withName("main")
                .withRestartCount(3)
                .endContainerStatus()
                .endStatus()
                .build();
        assertEquals(
                "FailureTarget BackoffLimitExceeded: Job has reached the specified backoff limit", end(job, restarted));
        assertNull(end(job, TestPods.pod("a", "Running")));
    }

    @Test
    void failuresThatRulesDecideOnAreCountedByWhatTheyDo() {
        for (FailureVerdict.Action action : FailureVerdict.Action.values()) {
            Job job = withRule(action.word(), "In", 42);
            assertEquals(
                    Map.of(action, 2),
                    new JobLedger(picture(job, failed("a", 42), failed("b", 42), failed("c", 1)), null).byRule());
        }
    }

    @Test
    void theFirstRuleThatMatchesDecidesWhatAFailureMeans() {
        assertEquals(
                "FailureTarget PodFailurePolicy: Container main for pod here/a failed with exit code 42 matching "
                        + "FailJob rule at index 0",
                end(withRule("FailJob", "In", 42), failed("a", 42)));
        assertNull(end(withRule("FailJob", "In", 42), failed("a", 41)));
        assertNull(end(withRule("FailJob", "NotIn", 42), failed("a", 42)));
        assertEquals(0, picture(withRule("Ignore", "In", 42), failed("a", 42)).failed());
        assertEquals(1, picture(withRule("Count", "In", 42), failed("a", 42)).failed());
        assertEquals(1, picture(withRule("Later", "In", 42), failed("a", 42)).failed());
        Job job = new JobBuilder(TestPods.job(1, 1))
                .editSpec()
                .withNewPodFailurePolicy()
                .addNewRule()
                .withAction("FailJob")
                .addNewOnPodCondition()
                .withType("DisruptionTarget")
                .withStatus("True")
                .endOnPodCondition()
                .endRule()
                .endPodFailurePolicy()
                .endSpec()
                .build();
        Pod disrupted = new PodBuilder(TestPods.pod("a", "Failed"))
                .editStatus()
                .addNewCondition()
                .withType("DisruptionTarget")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build();
        assertEquals(
                "FailureTarget PodFailurePolicy: Pod here/a has condition DisruptionTarget matching FailJob rule at "
                        + "index 0",
                end(job, disrupted));
    }

    @Test
    void anIndexThatFailedTooOftenFailsAndTheOthersGoOn() {
        Job job = perIndex(0, null);
        Pod failed = TestPods.exited(TestPods.pod("a", "Failed", 1), 1, NOW);
        JobPicture picture = picture(job, failed);
        assertEquals("1", String.valueOf(picture.failedIndexes()));
        assertEquals(List.of(0, 2), demand(job, failed).create());
        assertNull(end(job, failed));
        assertEquals(
                "FailureTarget FailedIndexes: Job has failed indexes",
                end(job, failed, TestPods.pod("b", "Succeeded", 0), TestPods.pod("c", "Succeeded", 2)));
        assertEquals(
                "FailureTarget MaxFailedIndexesExceeded: Job has exceeded the specified maximal number of failed "
                        + "indexes",
                end(perIndex(0, 0), failed));
    }

    @Test
    void aFailedPodStaysUntilTheNextOneOfItsIndexKnowsOfIt() {
        Job job = perIndex(2, null);
        Pod failed = TestPods.annotated(
                TestPods.exited(TestPods.pod("a", "Failed", 1), 1, NOW.minusSeconds(5)), JobPod.INDEX_FAILURES, "1");
        JobPicture alone = picture(job, failed);
        assertEquals(List.of(), new JobLedger(alone, null).released());
        assertEquals(Map.of(JobPod.INDEX_FAILURES, "2"), PodDemand.failureAnnotations(alone, 1));
        PodDemand waiting = PodDemand.of(alone, Backoff.NONE, NOW);
        assertEquals(List.of(0, 2), waiting.create());
        assertEquals(Duration.ofSeconds(15), waiting.again());
        JobPicture replaced = picture(job, failed, TestPods.pod("b", "Running", 1));
        assertEquals(List.of("a"), names(new JobLedger(replaced, null).released()));
    }

    @Test
    void someIndexesAreEnoughIfThePolicySaysSo() {
        Job job = new JobBuilder(TestPods.indexed(TestPods.job(5, 5)))
                .editSpec()
                .withNewSuccessPolicy()
                .addNewRule()
                .withSucceededIndexes("0,3-4")
                .withSucceededCount(2)
                .endRule()
                .addNewRule()
                .withSucceededCount(3)
                .endRule()
                .endSuccessPolicy()
                .endSpec()
                .build();
        Pod zero = TestPods.pod("zero", "Succeeded", 0);
        Pod one = TestPods.pod("one", "Succeeded", 1);
        Pod two = TestPods.pod("two", "Succeeded", 2);
        Pod four = TestPods.pod("four", "Succeeded", 4);
        assertNull(end(job, zero, one));
        assertEquals("SuccessCriteriaMet SuccessPolicy: Matched rules at index 0", end(job, zero, four));
        assertEquals("SuccessCriteriaMet SuccessPolicy: Matched rules at index 1", end(job, zero, one, two));
    }

    @Test
    void aJobIsNotActiveLongerThanItsDeadline() {
        Job job = new JobBuilder(TestPods.job(1, 1))
                .editSpec()
                .withActiveDeadlineSeconds(30L)
                .endSpec()
                .withNewStatus()
                .withStartTime(NOW.minusSeconds(20).toString())
                .endStatus()
                .build();
        assertEquals(Duration.ofSeconds(10), JobEnd.untilDeadline(picture(job), NOW));
        assertEquals(Duration.ZERO, JobEnd.untilDeadline(picture(job), NOW.plusSeconds(11)));
        JobEnd end = JobEnd.of(picture(job), true, NOW.plusSeconds(10));
        assertEquals(new JobEnd(false, "DeadlineExceeded", "Job was active longer than specified deadline"), end);
    }

    @Test
    void itHasEndedOnlyWhenNothingIsOpen() {
        Job job = TestPods.job(1, 1);
        JobPicture picture = picture(job, TestPods.pod("a", "Succeeded"));
        JobEnd end = JobEnd.of(picture, true, NOW);
        JobLedger ledger = new JobLedger(picture, end);
        JobStatus opened = ledger.opened(new JobLedger.Present(0, 0, 0), false, NOW);
        assertEquals(List.of("a"), opened.getUncountedTerminatedPods().getSucceeded());
        assertNull(opened.getSucceeded());
        assertNull(ledger.finished(opened, NOW));
        JobStatus counted = ledger.settled(opened, Set.of());
        assertEquals(1, counted.getSucceeded());
        assertNull(ledger.finished(JobLedger.present(counted, new JobLedger.Present(0, 0, 1)), NOW));
        JobStatus finished = ledger.finished(counted, NOW);
        assertNotNull(finished);
        assertEquals(NOW.toString(), finished.getCompletionTime());
        assertEquals(
                List.of("SuccessCriteriaMet", "Complete"),
                finished.getConditions().stream()
                        .map(condition -> condition.getType())
                        .toList());
    }

    @Test
    void aJobThatFailsCountsThePodsItStops() {
        Job job = new JobBuilder(TestPods.job(2, 2))
                .editSpec()
                .withBackoffLimit(0)
                .endSpec()
                .build();
        JobPicture picture = picture(job, failed("a", 1), TestPods.pod("b", "Running"));
        JobLedger failing = new JobLedger(picture, JobEnd.of(picture, true, NOW));
        JobStatus opened = failing.opened(new JobLedger.Present(1, 0, 0), null, NOW);
        assertEquals(List.of("a", "b"), opened.getUncountedTerminatedPods().getFailed());
        JobLedger succeeding = new JobLedger(picture, new JobEnd(true, "SuccessPolicy", "enough"));
        assertEquals(
                List.of("a"),
                succeeding
                        .opened(new JobLedger.Present(1, 0, 0), null, NOW)
                        .getUncountedTerminatedPods()
                        .getFailed());
        assertEquals(2, succeeding.released().size());
    }

    @Test
    void aStatusNamesAtMostFiveHundredPods() {
        List<Pod> pods = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            pods.add(TestPods.pod("pod-" + i, "Succeeded"));
        }
        JobLedger ledger = new JobLedger(new JobPicture(TestPods.job(1000, 1000), pods, Set.of()), null);
        assertEquals(500, ledger.released().size());
        assertTrue(ledger.full());
    }

    @Test
    void aPodOfAnIndexKnowsItsNumber() {
        Job job = TestPods.indexed(TestPods.job(1, 12));
        Pod pod = JobPodTemplate.pod(job, 11, Map.of());
        assertEquals("work-11-", pod.getMetadata().getGenerateName());
        assertEquals("work-11", pod.getSpec().getHostname());
        assertEquals("11", pod.getMetadata().getLabels().get(JobPod.INDEX));
        assertEquals(11, JobPod.index(pod));
        assertTrue(JobPod.isTracked(pod));
        assertEquals(
                "metadata.labels['batch.kubernetes.io/job-completion-index']",
                pod.getSpec()
                        .getContainers()
                        .getFirst()
                        .getEnv()
                        .getFirst()
                        .getValueFrom()
                        .getFieldRef()
                        .getFieldPath());
        assertEquals(58, JobPodTemplate.generateName("x".repeat(63), 123).length());
        assertFalse(job.getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv().stream()
                .anyMatch(variable -> variable.getName().equals("JOB_COMPLETION_INDEX")));
    }
}
