package io.keelson.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.keelson.agent.TestNode.Life;
import io.keelson.agent.pods.PodAdmission.Refusal;
import io.keelson.agent.pods.PodPlacement;
import io.keelson.controllers.objects.Pods;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.testing.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How pods come in: all that ask for something of a node at once. */
class AdmissionTest {
    private static final String ASKS =
            "containers: [{name: a, image: docker.io/library/x:1, resources: {requests: {cpu: %s}}}]";

    private final Time time = Time.system();
    private TestNode node;
    private Life agent;

    @BeforeEach
    void begin(@TempDir Path folder) throws InterruptedException, TimeoutException {
        node = new TestNode(folder, time);
        agent = node.agent(time);
    }

    @AfterEach
    void end() {
        agent.close();
        node.close();
        time.close();
    }

    /** Asks somebody about pods named so, who answers when the test has it do so. */
    private static final class Slow implements PodPlacement {
        final CountDownLatch asked = new CountDownLatch(1);
        final CountDownLatch answer = new CountDownLatch(1);

        @Override
        public Optional<Refusal> take(Pod pod) {
            return Optional.empty();
        }

        @Override
        public Optional<Refusal> complete(Pod pod) throws InterruptedException {
            if (!pod.getMetadata().getName().equals("slow")) {
                return Optional.empty();
            }
            asked.countDown();
            answer.await();
            return Optional.of(new Refusal("UnexpectedAdmissionError", "nobody answers"));
        }
    }

    @Test
    void othersComeInWhileOneWaitsForAnAnswer() throws InterruptedException {
        Slow slow = new Slow();
        node.placement = slow;
        node.create("slow", ASKS.formatted("1500m"));
        slow.asked.await();
        node.create("quick", ASKS.formatted("500m"));
        node.awaitReady("quick");
        node.create("more", ASKS.formatted("500m"));
        Pod more = node.awaitPhase("more", "Failed");
        assertEquals("OutOfcpu", more.getStatus().getReason(), "the rest is for the one that waits");
        slow.answer.countDown();
        Pod refused = node.awaitPhase("slow", "Failed");
        assertEquals("UnexpectedAdmissionError", refused.getStatus().getReason());
        assertEquals("Pod was rejected: nobody answers", refused.getStatus().getMessage());
        node.create("later", ASKS.formatted("1500m"));
        node.awaitReady("later");
    }

    @Test
    void whoIsDeletedDoesNotWaitForTheAnswer() throws InterruptedException {
        Slow slow = new Slow();
        node.placement = slow;
        node.create("slow", ASKS.formatted("1500m"));
        slow.asked.await();
        node.delete("slow");
        node.awaitGone("slow");
        TestCluster.await(
                "the agent knows nothing of it", () -> agent.pods().pods().isEmpty());
        node.create("later", ASKS.formatted("2"));
        node.awaitReady("later");
    }

    /** There is a static pod that asks for so many processors when the next agent starts. */
    private void wantVital(String cpus) throws InterruptedException, IOException, TimeoutException {
        agent.close();
        Path file = Files.createDirectories(node.manifests()).resolve("vital.yaml");
        Files.writeString(file, """
                apiVersion: v1
                kind: Pod
                metadata: {name: vital, namespace: %s}
                spec:
                  %s
                """.formatted(node.namespace, ASKS.formatted(cpus)));
        agent = node.agent(time);
    }

    @Test
    void forACriticalPodAsFewOthersAsCanBeMakeRoom() throws InterruptedException, IOException, TimeoutException {
        node.create("small", ASKS.formatted("400m"));
        node.create("large", ASKS.formatted("1500m"));
        node.awaitReady("small");
        node.awaitReady("large");
        wantVital("1");
        Pod ended = node.awaitPhase("large", "Failed");
        assertEquals("Preempting", ended.getStatus().getReason());
        assertEquals(
                "Preempted in order to admit critical pod", ended.getStatus().getMessage());
        PodCondition disruption = Pods.condition(ended, "DisruptionTarget");
        assertNotNull(disruption);
        assertEquals("TerminationByKubelet", disruption.getReason());
        assertEquals("Pod was preempted by Kubelet to accommodate a critical pod.", disruption.getMessage());
        TestCluster.await(
                "it is told", () -> node.wasTold("large", "Preempting", "Preempted in order to admit critical pod"));
        node.awaitReady("vital-" + node.name);
        assertTrue(node.isReady("small"));
    }

    @Test
    void noPodEndsForACriticalOneThatWouldNotFitThen() throws InterruptedException, IOException, TimeoutException {
        node.create("small", ASKS.formatted("400m"));
        node.awaitReady("small");
        wantVital("3");
        Pod refused = node.awaitPhase("vital-" + node.name, "Failed");
        assertEquals("UnexpectedAdmissionError", refused.getStatus().getReason());
        assertEquals(
                "Pod was rejected: Unexpected error while attempting to recover from admission failure: preemption: error"
                        + " finding a set of pods to preempt: no set of running pods found to reclaim resources:"
                        + " [(res: cpu, q: 1000), ]",
                refused.getStatus().getMessage());
        assertTrue(node.isReady("small"));
    }
}
