package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Binding;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodSchedulingGate;
import io.keelson.controllers.testing.TestCluster;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    private final TestScheduler test = new TestScheduler();

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void podsOfBeforeAndAfterTheStartAreBoundWhereTheyFit() throws InterruptedException {
        String small = test.node("1", Map.of());
        String large = test.node("4", Map.of());
        test.pod("before", "3");
        test.start();
        test.awaitBound("before");
        assertEquals(large, test.nodeOf("before"));
        test.pod("after", "1");
        test.awaitBound("after");
        assertTrue(List.of(small, large).contains(test.nodeOf("after")));
        test.awaitEvent("before", "Scheduled", "Successfully assigned " + test.namespace + "/before to " + large);
        PodCondition scheduled = test.condition("before");
        assertNotNull(scheduled);
        assertEquals("True", scheduled.getStatus());
    }

    @Test
    void whatPluginsAreAskedAndHowLongItTakesIsCounted() throws Exception {
        test.node("2", Map.of());
        test.start();
        test.pod("fits", "1");
        test.awaitBound("fits");
        test.pod("large", "3");
        TestCluster.await("that no node can take it is known", () -> {
            PodCondition scheduled = test.condition("large");
            return scheduled != null && "False".equals(scheduled.getStatus());
        });
        String text = test.scraped();
        String point = "scheduler_framework_extension_point_duration_seconds_count{extension_point=\"";
        String profile = "\",profile=\"" + test.name + "\",status=\"";
        for (String each : List.of("PreFilter", "Filter", "Reserve", "Permit", "PreBind", "Bind")) {
            assertTrue(text.contains(point + each + profile + "Success\"} "), () -> each + " is in " + text);
        }
        assertTrue(text.contains(point + "PostFilter" + profile + "Unschedulable\"} "), text);
        assertTrue(
                text.contains("scheduler_plugin_evaluation_total{extension_point=\"Filter\",plugin=\"NodeResourcesFit\""
                        + ",profile=\"" + test.name + "\"} "),
                text);
        assertTrue(text.contains("scheduler_queue_incoming_pods_total{event=\"ScheduleAttemptFailure\","), text);
        assertTrue(text.contains("scheduler_cache_size{type=\"nodes\"} "), text);
        String executed = "scheduler_plugin_execution_duration_seconds_count{extension_point=\"";
        for (String each : List.of(
                "PreFilter\",plugin=\"NodeResourcesFit\",status=\"Success",
                "PreFilter\",plugin=\"NodeDeclaredFeatures\",status=\"Skip",
                "Filter\",plugin=\"NodeResourcesFit\",status=\"Success",
                "Filter\",plugin=\"NodeResourcesFit\",status=\"UnschedulableAndUnresolvable",
                "PostFilter\",plugin=\"DefaultPreemption\",status=\"Unschedulable",
                "PostFilter\",plugin=\"DynamicResources\",status=\"Unschedulable",
                "Reserve\",plugin=\"VolumeBinding\",status=\"Success",
                "Bind\",plugin=\"DefaultBinder\",status=\"Success")) {
            assertTrue(text.contains(executed + each + "\"} "), () -> each + " is in " + text);
        }
        for (String each : List.of("NodeAdd", "UnschedulablePodAdd", "AssignedPodAdd")) {
            String count = "scheduler_event_handling_duration_seconds_count{event=\"" + each + "\"} ";
            assertTrue(text.contains(count), () -> count + " is in " + text);
        }
        test.node("4", Map.of());
        test.awaitBound("large");
        assertTrue(
                test.scraped()
                        .contains("scheduler_queueing_hint_execution_duration_seconds_count{"
                                + "event=\"NodeUpdateNodeAllocatable\",hint=\"Queue\",plugin=\"NodeResourcesFit\"} "),
                text);
        assertTrue(test.scraped().contains("scheduler_goroutines{operation=\"binding\"} "), text);
    }

    @Test
    void podsOfOtherSchedulersAreLeftAlone() throws InterruptedException {
        test.node("4", Map.of());
        test.start();
        test.create(test.build("other", "1")
                .editSpec()
                .withSchedulerName("another")
                .endSpec()
                .build());
        test.pod("mine", "1");
        test.awaitBound("mine");
        assertEquals("", test.nodeOf("other"));
    }

    @Test
    void aPodThatFitsNowhereIsToldWhyAndBoundWhenThereIsRoom() throws InterruptedException {
        test.node("1", Map.of());
        String cordoned = test.node("4", Map.of());
        test.edit(
                cordoned,
                node -> new NodeBuilder(node)
                        .editOrNewSpec()
                        .withUnschedulable(true)
                        .endSpec()
                        .build());
        test.start();
        test.pod("a", "1");
        test.awaitBound("a");
        test.pod("b", "1");
        String why =
                "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable. no new claims to deallocate, preemption: 0/2 nodes are"
                        + " available: ";
        String message = why + "1 No preemption victims found for incoming pod, 1 Preemption is not helpful for"
                + " scheduling.";
        test.awaitCondition("b", "Unschedulable", message);
        test.awaitEvent("b", "FailedScheduling", message);
        test.client
                .pods()
                .inNamespace(test.namespace)
                .withName("a")
                .withGracePeriod(0)
                .delete();
        test.awaitBound("b");
        test.pod("c", "2");
        test.awaitCondition("c", "Unschedulable", why + "2 Preemption is not helpful for scheduling.");
        test.edit(
                cordoned,
                node -> new NodeBuilder(node)
                        .editOrNewSpec()
                        .withUnschedulable(false)
                        .endSpec()
                        .build());
        test.awaitBound("c");
        assertEquals(cordoned, test.nodeOf("c"));
    }

    @Test
    void withoutNodesAPodWaitsForOne() throws InterruptedException {
        test.start();
        test.pod("a", "1");
        test.awaitCondition("a", "Unschedulable", "no nodes available to schedule pods");
        test.node("1", Map.of());
        test.awaitBound("a");
    }

    @Test
    void aGatedPodIsBoundWhenItsGateIsGone() throws InterruptedException {
        test.node("4", Map.of());
        test.start();
        test.create(test.build("a", "1")
                .editSpec()
                .withSchedulingGates(new PodSchedulingGate("example.com/wait"))
                .endSpec()
                .build());
        test.awaitCondition("a", "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates");
        TestCluster.await("it is counted as gated", () -> test.metrics.pending().gated() == 1);
        test.client
                .pods()
                .inNamespace(test.namespace)
                .withName("a")
                .edit(pod -> new PodBuilder(pod)
                        .editSpec()
                        .withSchedulingGates(List.of())
                        .endSpec()
                        .build());
        test.awaitBound("a");
    }

    @Test
    void aPodThatUsesWhatNodesMayBeTooOldForWaitsUntilOneDeclaresIt() throws InterruptedException {
        String node = test.node("4", Map.of());
        test.start();
        test.create(test.build("a", "1")
                .editSpec()
                .editFirstContainer()
                .withRestartPolicy("Never")
                .addNewRestartPolicyRule()
                .withAction("RestartAllContainers")
                .withNewExitCodes()
                .withOperator("In")
                .withValues(42)
                .endExitCodes()
                .endRestartPolicyRule()
                .endContainer()
                .endSpec()
                .build());
        test.awaitCondition(
                "a",
                "Unschedulable",
                "0/1 nodes are available: 1 node(s) didn't match Pod's required features. no new claims to deallocate,"
                        + " preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.");
        test.client
                .nodes()
                .withName(node)
                .editStatus(now -> new NodeBuilder(now)
                        .editStatus()
                        .withDeclaredFeatures("RestartAllContainersOnContainerExits")
                        .endStatus()
                        .build());
        test.awaitBound("a");
    }

    @Test
    void whatSomebodyElseBindsCountsAndIsNotBoundAgain() throws InterruptedException {
        String node = test.node("1", Map.of());
        test.start();
        Pod other = test.create(test.build("other", "1")
                .editSpec()
                .withSchedulerName("another")
                .endSpec()
                .build());
        Binding binding = new BindingBuilder()
                .withNewMetadata()
                .withName("other")
                .withNamespace(test.namespace)
                .withUid(other.getMetadata().getUid())
                .endMetadata()
                .withNewTarget()
                .withKind("Node")
                .withName(node)
                .endTarget()
                .build();
        test.client.raw("/api/v1/namespaces/" + test.namespace + "/pods/other/binding", "POST", binding);
        test.pod("a", "1");
        test.awaitCondition(
                "a",
                "Unschedulable",
                "0/1 nodes are available: 1 Insufficient cpu."
                        + " no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.");
    }

    @Test
    void noNodeGetsMoreThanItHasHoweverManyPodsComeAtOnce() throws InterruptedException {
        for (int i = 0; i < 5; i++) {
            test.node("2", Map.of());
        }
        test.start();
        for (int i = 0; i < 25; i++) {
            test.pod("pod-" + i, "500m");
        }
        TestCluster.await(
                "20 of 25 are bound",
                () -> perNode().values().stream().mapToInt(Integer::intValue).sum() == 20);
        TestCluster.await("5 wait", () -> test.metrics.pending().unschedulable() == 5);
        assertTrue(perNode().values().stream().allMatch(count -> count == 4), () -> "per node: " + perNode());
    }

    private Map<String, Integer> perNode() {
        Map<String, Integer> counts = new HashMap<>();
        for (Pod pod : test.cluster.pods(test.namespace)) {
            String node = pod.getSpec().getNodeName();
            if (node != null && !node.isEmpty()) {
                counts.merge(node, 1, Integer::sum);
            }
        }
        return counts;
    }

    @Test
    void aPodThatComesAgainUnderItsNameIsAnother() throws InterruptedException {
        test.node("1", Map.of());
        test.start();
        for (int i = 0; i < 5; i++) {
            test.pod("a", "1");
            test.awaitBound("a");
            test.client
                    .pods()
                    .inNamespace(test.namespace)
                    .withName("a")
                    .withGracePeriod(0)
                    .delete();
        }
        TestCluster.await("nothing waits", () -> test.metrics.pending().unschedulable() == 0);
    }

    @Test
    void theNextSchedulerGoesOnWhereOneEnded() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            test.node("2", Map.of());
        }
        for (int i = 0; i < 24; i++) {
            test.pod("pod-" + i, "250m");
            if (i % 6 == 0) {
                test.start();
            }
            if (i % 6 == 3) {
                test.stopAll();
            }
        }
        test.start();
        TestCluster.await(
                "all are bound",
                () -> perNode().values().stream().mapToInt(Integer::intValue).sum() == 24);
        assertTrue(perNode().values().stream().allMatch(count -> count == 8), () -> "per node: " + perNode());
    }
}
