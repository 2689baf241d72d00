package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.keelson.controllers.testing.TestCluster;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PreemptionTest {
    private final TestScheduler test = new TestScheduler();
    private int classes;

    @AfterEach
    void close() {
        test.close();
    }

    private String priorityClass(int value, String policy) {
        String name = test.name + "-priority-" + classes++;
        test.client
                .resource(new PriorityClassBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withValue(value)
                        .withPreemptionPolicy(policy)
                        .build())
                .create();
        return name;
    }

    private Pod pod(String name, String cpu, String priorityClass, long graceSeconds) {
        return test.create(test.build(name, cpu)
                .editSpec()
                .withPriorityClassName(priorityClass)
                .withTerminationGracePeriodSeconds(graceSeconds)
                .endSpec()
                .build());
    }

    @Test
    void aMoreImportantPodTakesTheRoomOfTheLeastImportant() throws InterruptedException {
        String node = test.node("2", Map.of());
        String low = priorityClass(1, "PreemptLowerPriority");
        String middle = priorityClass(10, "PreemptLowerPriority");
        String high = priorityClass(100, "PreemptLowerPriority");
        test.start();
        pod("low", "1", low, 0);
        pod("middle", "1", middle, 0);
        test.awaitBound("low", "middle");
        Pod important = pod("high", "1", high, 0);
        test.awaitBound("high");
        assertEquals("", test.nodeOf("low"));
        assertEquals(node, test.nodeOf("middle"));
        test.awaitEvent(
                "low",
                "Preempted",
                "Preempted by pod " + important.getMetadata().getUid() + " on node " + node);
        test.awaitEvent("high", "FailedScheduling", "0/1 nodes are available: 1 Insufficient cpu.");
    }

    @Test
    void theRoomIsKeptWhileTheVictimTakesItsTime() throws InterruptedException {
        String node = test.node("1", Map.of());
        String low = priorityClass(1, "PreemptLowerPriority");
        String high = priorityClass(100, "PreemptLowerPriority");
        test.start();
        pod("low", "1", low, 3600);
        test.awaitBound("low");
        pod("high", "1", high, 0);
        TestCluster.await("it is nominated", () -> node.equals(nominated("high")));
        test.awaitEvent("high", "FailedScheduling", "0/1 nodes are available: 1 Insufficient cpu.");
        pod("other", "1", low, 0);
        TestCluster.await("both wait", () -> test.metrics.pending().unschedulable() == 2);
        // Plays the node: the victim has ended.
        test.client
                .pods()
                .inNamespace(test.namespace)
                .withName("low")
                .withGracePeriod(0)
                .delete();
        test.awaitBound("high");
        assertEquals("", test.nodeOf("other"));
    }

    private String nominated(String pod) {
        return String.valueOf(test.client
                .pods()
                .inNamespace(test.namespace)
                .withName(pod)
                .get()
                .getStatus()
                .getNominatedNodeName());
    }

    @Test
    void whoseClassForbidsItMakesNoRoom() throws InterruptedException {
        test.node("1", Map.of());
        String low = priorityClass(1, "PreemptLowerPriority");
        String polite = priorityClass(100, "Never");
        test.start();
        pod("low", "1", low, 0);
        test.awaitBound("low");
        pod("polite", "1", polite, 0);
        test.awaitCondition(
                "polite",
                "Unschedulable",
                "0/1 nodes are available: 1 Insufficient cpu."
                        + " no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.");
        assertNull(test.client
                .pods()
                .inNamespace(test.namespace)
                .withName("low")
                .get()
                .getMetadata()
                .getDeletionTimestamp());
    }
}
