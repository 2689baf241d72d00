package io.keelson.controllers.ttlafterfinished;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.keelson.controllers.runtime.Manager;
import io.keelson.controllers.testing.ManualTime;
import io.keelson.controllers.testing.TestCluster;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TtlAfterFinishedControllerTest {
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();

    @AfterEach
    void close() {
        cluster.close();
    }

    private void create(String name, @Nullable Integer seconds) {
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
                """.formatted(
                        name, seconds == null ? "parallelism: 1" : "ttlSecondsAfterFinished: " + seconds));
    }

    private @Nullable Job job(String name) {
        return cluster.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    private Job failed(Job job) {
        return new JobBuilder(job)
                .editOrNewStatus()
                .withStartTime(now.toString())
                .addNewCondition()
                .withType("FailureTarget")
                .withStatus("True")
                .endCondition()
                .addNewCondition()
                .withType("Failed")
                .withStatus("True")
                .withLastTransitionTime(now.toString())
                .endCondition()
                .endStatus()
                .build();
    }

    private void fail(String name) {
        cluster.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(name)
                .editStatus(this::failed);
    }

    private boolean isOnItsWay(String name) {
        Job job = job(name);
        return job == null || job.getMetadata().getDeletionTimestamp() != null;
    }

    @Test
    void aJobGoesSoLongAfterItHasEnded() throws InterruptedException {
        ManualTime time = new ManualTime(now.plusSeconds(1));
        create("later", 100);
        create("at-once", 0);
        create("never", null);
        create("not-ended", 0);
        fail("later");
        fail("at-once");
        fail("never");
        Manager manager = cluster.run(time, TtlAfterFinishedController.descriptor());
        TestCluster.await("the one is on its way", () -> isOnItsWay("at-once"));
        time.advance(Duration.ofSeconds(98));
        TestCluster.await("nothing is left to do", manager::idle);
        Job later = job("later");
        assertNotNull(later);
        assertNull(later.getMetadata().getDeletionTimestamp());
        time.advance(Duration.ofSeconds(2));
        TestCluster.await("the other is on its way", () -> isOnItsWay("later"));
        TestCluster.await("nothing is left to do", manager::idle);
        assertNotNull(job("never"));
        assertNotNull(job("not-ended"));
    }

    @Test
    void theTimeThatIsLeftIsCountedFromTheEnd() {
        Job job = failed(new JobBuilder()
                .withNewMetadata()
                .endMetadata()
                .withNewSpec()
                .withTtlSecondsAfterFinished(60)
                .endSpec()
                .build());
        assertEquals(Duration.ofMinutes(1), TimeToLive.left(job, now));
        assertEquals(Duration.ofSeconds(90), TimeToLive.left(job, now.minusSeconds(30)));
        assertEquals(Duration.ZERO, TimeToLive.left(job, now.plusSeconds(61)));
        assertNull(TimeToLive.left(
                new JobBuilder(job)
                        .editMetadata()
                        .withDeletionTimestamp(now.toString())
                        .endMetadata()
                        .build(),
                now));
        assertNull(
                TimeToLive.left(new JobBuilder(job).withNewStatus().endStatus().build(), now));
        Job untimed = new JobBuilder(job)
                .editStatus()
                .editCondition(1)
                .withLastTransitionTime("yesterday")
                .endCondition()
                .endStatus()
                .build();
        assertNull(TimeToLive.left(untimed, now));
    }
}
