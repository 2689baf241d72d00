package io.keelson.controllers.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.keelson.controllers.objects.Jobs;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobControllerTest {
    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();

    @AfterEach
    void close() {
        cluster.close();
    }

    private Manager run(Time time) throws InterruptedException {
        return cluster.run(time, JobController.descriptor(Duration.ZERO));
    }

    private void create(String spec) {
        create("work", spec);
    }

    private void create(String name, String spec) {
        cluster.create(namespace, """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: %s}
                spec:
                  %s
                  template:
                    spec:
                      restartPolicy: Never
                      containers: [{name: main, image: work}]
                """.formatted(name, spec));
    }

    private Job job() {
        return cluster.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName("work")
                .get();
    }

    private void awaitJob(String what, Predicate<Job> condition) throws InterruptedException {
        try {
            TestCluster.await(what, () -> condition.test(job()));
        } catch (AssertionError e) {
            throw new AssertionError(what + ": " + job().getStatus() + " with " + cluster.pods(namespace), e);
        }
    }

    private List<Pod> active() {
        return cluster.pods(namespace).stream().filter(Pods::isActive).toList();
    }

    private List<Pod> awaitActive(int count) throws InterruptedException {
        TestCluster.await(count + " pods are active", () -> active().size() == count);
        return active();
    }

    private Pod awaitActiveOfIndex(int index) throws InterruptedException {
        TestCluster.await(
                "index " + index + " has a pod", () -> active().stream().anyMatch(pod -> JobPod.index(pod) == index));
        return active().stream()
                .filter(pod -> JobPod.index(pod) == index)
                .findFirst()
                .orElseThrow();
    }

    private void fail(Pod pod, int code, Instant at) {
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName(pod.getMetadata().getName())
                .editStatus(now -> TestPods.exited(
                        new PodBuilder(now)
                                .editOrNewStatus()
                                .withPhase("Failed")
                                .endStatus()
                                .build(),
                        code,
                        at));
    }

    private void change(String spec) {
        cluster.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName("work")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{" + spec + "}}");
    }

    private boolean told(String reason, String message) {
        return cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                .anyMatch(event -> reason.equals(event.getReason())
                        && message.equals(event.getMessage())
                        && "job-controller".equals(event.getSource().getComponent()));
    }

    private static boolean is(Job job, String type, String reason) {
        JobCondition condition = Jobs.holding(job, type);
        return condition != null && reason.equals(condition.getReason());
    }

    @Test
    void aJobMakesPodsUntilEnoughHaveSucceeded() throws InterruptedException {
        Manager manager = run(Time.system());
        create("parallelism: 2\n  completions: 3");
        List<Pod> first = awaitActive(2);
        assertTrue(first.stream().allMatch(JobPod::isTracked));
        assertEquals("work", first.getFirst().getMetadata().getLabels().get("batch.kubernetes.io/job-name"));
        cluster.ready(first.getFirst(), Instant.now());
        awaitJob(
                "one is ready",
                job -> Integer.valueOf(1).equals(job.getStatus().getReady())
                        && Integer.valueOf(2).equals(job.getStatus().getActive()));
        first.forEach(pod -> cluster.ended(pod, "Succeeded"));
        Pod last = awaitActive(1).getFirst();
        awaitJob(
                "two are counted",
                job -> Integer.valueOf(2).equals(job.getStatus().getSucceeded()));
        cluster.ended(last, "Succeeded");
        awaitJob("it is complete", job -> is(job, "Complete", "CompletionsReached"));
        Job job = job();
        assertEquals(3, job.getStatus().getSucceeded());
        assertEquals(0, OrEmpty.of(job.getStatus().getActive()));
        assertNotNull(job.getStatus().getCompletionTime());
        assertTrue(is(job, "SuccessCriteriaMet", "CompletionsReached"));
        assertTrue(cluster.pods(namespace).stream().noneMatch(JobPod::isTracked));
        assertEquals(3, cluster.pods(namespace).size());
        TestCluster.await("it is told", () -> told("Completed", "Job completed"));
        TestCluster.await("nothing is left to do", manager::idle);
        String version = job().getMetadata().getResourceVersion();
        cluster.client().pods().inNamespace(namespace).delete();
        TestCluster.await("the pods are gone", () -> cluster.pods(namespace).isEmpty());
        TestCluster.await("nothing is left to do", manager::idle);
        assertEquals(version, job().getMetadata().getResourceVersion());
    }

    @Test
    void failedIndexesEndAnIndexedJobWhenTheOthersAreDone() throws InterruptedException {
        run(Time.system());
        create("completionMode: Indexed\n  parallelism: 3\n  completions: 3\n  backoffLimitPerIndex: 0");
        awaitActive(3);
        Pod second = awaitActiveOfIndex(1);
        assertEquals("work-1", second.getSpec().getHostname());
        assertEquals("0", second.getMetadata().getAnnotations().get(JobPod.INDEX_FAILURES));
        fail(second, 1, Instant.now());
        awaitJob("the index has failed", job -> "1".equals(job.getStatus().getFailedIndexes()));
        cluster.ended(awaitActiveOfIndex(0), "Succeeded");
        cluster.ended(awaitActiveOfIndex(2), "Succeeded");
        awaitJob("it has failed", job -> is(job, "Failed", "FailedIndexes"));
        Job job = job();
        assertEquals("0,2", job.getStatus().getCompletedIndexes());
        assertEquals(2, job.getStatus().getSucceeded());
        assertEquals(1, job.getStatus().getFailed());
        TestCluster.await("it is told", () -> told("FailedIndexes", "Job has failed indexes"));
    }

    @Test
    void anIndexThatFailedIsTriedAgainLater() throws InterruptedException {
        ManualTime time = new ManualTime(Instant.now());
        Manager manager = run(time);
        create("completionMode: Indexed\n  parallelism: 1\n  completions: 1\n  backoffLimitPerIndex: 3");
        Pod first = awaitActiveOfIndex(0);
        fail(first, 1, time.instant());
        awaitJob("none is active", job -> OrEmpty.of(job.getStatus().getActive()) == 0);
        TestCluster.await("nothing is left to do", manager::idle);
        assertTrue(active().isEmpty());
        time.advance(Duration.ofSeconds(11));
        Pod second = awaitActiveOfIndex(0);
        assertEquals("1", second.getMetadata().getAnnotations().get(JobPod.INDEX_FAILURES));
        awaitJob(
                "the failure is counted",
                job -> Integer.valueOf(1).equals(job.getStatus().getFailed()));
    }

    @Test
    void podsThatFailAreReplacedLaterAndLaterUntilItIsTooMuch() throws InterruptedException {
        ManualTime time = new ManualTime(Instant.now());
        Manager manager = run(time);
        create("backoffLimit: 1");
        fail(awaitActive(1).getFirst(), 1, time.instant());
        awaitJob(
                "the failure is counted",
                job -> Integer.valueOf(1).equals(job.getStatus().getFailed())
                        && job.getStatus()
                                .getUncountedTerminatedPods()
                                .getFailed()
                                .isEmpty());
        time.advance(Duration.ofSeconds(5));
        TestCluster.await("nothing is left to do", manager::idle);
        assertTrue(active().isEmpty());
        time.advance(Duration.ofSeconds(6));
        fail(awaitActive(1).getFirst(), 1, time.instant());
        awaitJob("it has failed", job -> is(job, "Failed", "BackoffLimitExceeded"));
        assertTrue(is(job(), "FailureTarget", "BackoffLimitExceeded"));
        assertEquals(2, job().getStatus().getFailed());
        assertNull(job().getStatus().getCompletionTime());
    }

    @Test
    void anExitCodeOfThePolicyFailsTheJobAndStopsItsPods() throws InterruptedException {
        run(Time.system());
        create("""
                parallelism: 2
                  completions: 2
                  podFailurePolicy:
                    rules:
                    - action: FailJob
                      onExitCodes: {operator: In, values: [42]}""");
        Pod failing = awaitActive(2).getFirst();
        fail(failing, 42, Instant.now());
        awaitJob("it has failed", job -> is(job, "Failed", "PodFailurePolicy"));
        assertEquals(2, job().getStatus().getFailed());
        String message = "Container main for pod " + namespace + '/'
                + failing.getMetadata().getName()
                + " failed with exit code 42 matching FailJob rule at index 0";
        assertTrue(job().getStatus().getConditions().stream()
                .anyMatch(condition -> condition.getType().equals("Failed") && message.equals(condition.getMessage())));
        assertTrue(active().isEmpty());
    }

    @Test
    void enoughIndexesByThePolicyAreASuccess() throws InterruptedException {
        run(Time.system());
        create("""
                completionMode: Indexed
                  parallelism: 3
                  completions: 3
                  successPolicy:
                    rules:
                    - succeededIndexes: "1"
                """);
        awaitActive(3);
        cluster.ended(awaitActiveOfIndex(1), "Succeeded");
        awaitJob("it is complete", job -> is(job, "Complete", "SuccessPolicy"));
        assertEquals("1", job().getStatus().getCompletedIndexes());
        assertEquals(1, job().getStatus().getSucceeded());
        assertEquals(0, OrEmpty.of(job().getStatus().getFailed()));
        TestCluster.await("the others are gone", () -> active().isEmpty());
    }

    @Test
    void aSuspendedJobHasNoPodsAndBeginsAnewWhenItIsResumed() throws InterruptedException {
        run(Time.system());
        create("parallelism: 2\n  completions: 2\n  activeDeadlineSeconds: 1000");
        awaitActive(2);
        awaitJob(
                "it has started",
                job -> job.getStatus() != null && job.getStatus().getStartTime() != null);
        change("\"suspend\":true");
        awaitJob("it is suspended", job -> is(job, "Suspended", "JobSuspended"));
        TestCluster.await("no pods are left", () -> cluster.pods(namespace).isEmpty());
        awaitJob("its time does not run", job -> job.getStatus().getStartTime() == null);
        change("\"suspend\":false");
        awaitActive(2);
        awaitJob("it has started", job -> job.getStatus().getStartTime() != null);
        assertEquals(0, OrEmpty.of(job().getStatus().getFailed()));
        TestCluster.await("it is told", () -> told("Suspended", "Job suspended") && told("Resumed", "Job resumed"));
    }

    @Test
    void aJobThatIsActiveForTooLongFails() throws InterruptedException {
        ManualTime time = new ManualTime(Instant.now());
        run(time);
        create("activeDeadlineSeconds: 60");
        awaitActive(1);
        awaitJob(
                "it has started",
                job -> job.getStatus() != null
                        && Integer.valueOf(1).equals(job.getStatus().getActive()));
        TestCluster.await("it has failed", () -> {
            time.advance(Duration.ofSeconds(30));
            return is(job(), "Failed", "DeadlineExceeded");
        });
        assertTrue(active().isEmpty());
        assertEquals(1, job().getStatus().getFailed());
    }

    @Test
    void fewerPodsAtATimeDeletesSomeWithoutCountingThem() throws InterruptedException {
        run(Time.system());
        create("parallelism: 4\n  completions: 4\n  backoffLimit: 0");
        awaitActive(4);
        change("\"parallelism\":1");
        awaitActive(1);
        awaitJob(
                "the status says so",
                job -> Integer.valueOf(1).equals(job.getStatus().getActive())
                        && Integer.valueOf(0).equals(job.getStatus().getTerminating()));
        assertEquals(0, OrEmpty.of(job().getStatus().getFailed()));
    }

    @Test
    void podsOfAJobThatIsGoneAreNotHeldBack() throws InterruptedException {
        run(Time.system());
        create("parallelism: 2\n  completions: 2");
        awaitActive(2);
        cluster.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName("work")
                .delete();
        TestCluster.await(
                "no pod is held back", () -> cluster.pods(namespace).stream().noneMatch(JobPod::isTracked));
    }

    @Test
    void aPodThatTheJobSelectsIsAdoptedAndCounted() throws InterruptedException {
        run(Time.system());
        cluster.create(namespace, """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: work}
                spec:
                  completions: 1
                  manualSelector: true
                  selector: {matchLabels: {task: mine}}
                  template:
                    metadata: {labels: {task: mine}}
                    spec:
                      restartPolicy: Never
                      containers: [{name: main, image: work}]
                """);
        Pod own = awaitActive(1).getFirst();
        cluster.create(namespace, """
                apiVersion: v1
                kind: Pod
                metadata: {name: found, labels: {task: mine}}
                spec:
                  containers: [{name: main, image: work}]
                """);
        TestCluster.await("one of the two is too many", () -> active().size() == 1);
        cluster.ended(active().getFirst(), "Succeeded");
        awaitJob("it is complete", job -> is(job, "Complete", "CompletionsReached"));
        assertEquals(1, job().getStatus().getSucceeded());
        assertNotNull(own);
    }

    @Test
    void aJobOfAnotherControllerIsLeftAlone() throws InterruptedException {
        Manager manager = run(Time.system());
        create("managedBy: example.com/other");
        create("ours", "managedBy: kubernetes.io/job-controller");
        awaitActive(1);
        TestCluster.await("nothing is left to do", manager::idle);
        assertTrue(active().getFirst().getMetadata().getName().startsWith("ours-"));
    }
}
