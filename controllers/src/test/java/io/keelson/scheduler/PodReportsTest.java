package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.PodBuilder;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.ResourceTable;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PodReportsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final TestApi api = new TestApi();
    private final PodInfo pod = PodInfo.of(
            new PodBuilder()
                    .withNewMetadata()
                    .withName("pod")
                    .withNamespace("default")
                    .withUid("uid")
                    .endMetadata()
                    .withNewSpec()
                    .endSpec()
                    .build(),
            new ResourceTable());
    private final PodReports reports = new PodReports(api.client, () -> NOW);

    @AfterEach
    void close() {
        api.answer(100);
        reports.close();
        api.close();
    }

    @Test
    void aReportIsOneCallToTheApi() throws InterruptedException {
        api.answer(2);
        reports.tell(pod, "Unschedulable", "first", "");
        TestCluster.await("it is written", () -> !api.asked.isEmpty() && !reports.isBeingWritten("uid"));
        reports.tell(pod, "Unschedulable", "first", "");
        reports.tell(pod, "Unschedulable", "second", "a");
        TestCluster.await("it is written", () -> reports.waiting("uid") == null && !reports.isBeingWritten("uid"));
        assertEquals(2, api.asked.size(), "what the pod says already is not written: " + api.asked);
        String call = "PATCH /api/v1/namespaces/default/pods/pod/status ";
        assertTrue(api.asked.stream().allMatch(each -> each.startsWith(call)), api.asked::toString);
    }

    @Test
    void whereAPodIsToBeIsSaidUntilTheNextReport() throws InterruptedException {
        api.answer(3);
        reports.tell(pod, "Unschedulable", "first", "");
        TestCluster.await("it is written", () -> !api.asked.isEmpty() && !reports.isBeingWritten("uid"));
        reports.nominate(pod, "a");
        assertEquals(2, api.asked.size());
        assertTrue(api.asked.get(1).contains("\"nominatedNodeName\":\"a\""), api.asked::toString);
        assertFalse(api.asked.get(1).contains("conditions"), api.asked::toString);
        reports.tell(pod, "Unschedulable", "first", "");
        TestCluster.await("though it said that before, it is written again", () -> api.asked.size() == 3);
        assertTrue(api.asked.get(2).contains("\"nominatedNodeName\":\"\""), api.asked::toString);
    }

    @Test
    void whatIsBeingWrittenIsWaitedForBeforeThePodIsBound() throws InterruptedException {
        reports.tell(pod, "Unschedulable", "first", "");
        TestCluster.await("it is being written", () -> api.asked.size() == 1);
        reports.tell(pod, "Unschedulable", "second", "");
        AtomicBoolean free = new AtomicBoolean();
        Thread binding = Thread.startVirtualThread(() -> {
            try {
                reports.takeBack("uid");
                free.set(true);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        TestCluster.await("it waits", () -> binding.getState() == Thread.State.WAITING);
        assertFalse(free.get());
        api.answer(1);
        binding.join();
        assertTrue(free.get());
        // Whoever writes reports would take what waits at once.
        PodInfo other = PodInfo.of(
                new PodBuilder(pod.pod())
                        .editMetadata()
                        .withName("other")
                        .withUid("other")
                        .endMetadata()
                        .build(),
                new ResourceTable());
        api.answer(1);
        reports.tell(other, "Unschedulable", "third", "");
        TestCluster.await("another is told", () -> api.asked.size() == 2);
        assertEquals(
                List.of(true, true),
                List.of(api.asked.get(0).contains("first"), api.asked.get(1).contains("third")));
    }

    @Test
    void nobodyWaitsForAPodThatIsGone() throws InterruptedException {
        reports.tell(pod, "Unschedulable", "first", "");
        TestCluster.await("it is being written", () -> api.asked.size() == 1);
        Thread binding = Thread.startVirtualThread(() -> {
            try {
                reports.takeBack("uid");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        TestCluster.await("it waits", () -> binding.getState() == Thread.State.WAITING);
        reports.forget("uid");
        binding.join();
    }
}
