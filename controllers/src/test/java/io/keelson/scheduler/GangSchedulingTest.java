package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.scheduler.config.SchedulerConfiguration.Extender;
import io.keelson.scheduler.config.SchedulerConfiguration.Profile;
import io.keelson.scheduler.extender.TestExtender;
import io.keelson.scheduler.groups.PodGroup;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GangSchedulingTest {
    private static final String TOO_FEW =
            "pod group is unschedulable, waiting for minCount pods from a gang to be scheduled";

    private final TestScheduler test = new TestScheduler(TestCluster.withKindsOnDemand());

    @AfterEach
    void close() {
        test.close();
    }

    private void start() throws InterruptedException {
        test.settings = usual -> usual.with(new SchedulerFeatures(true, true, true));
        test.start();
    }

    private void group(String name, Map<String, Object> policy) {
        test.client.raw(
                "/apis/scheduling.k8s.io/v1alpha2/namespaces/" + test.namespace + "/podgroups",
                "POST",
                Map.of("metadata", Map.of("name", name), "spec", Map.of("schedulingPolicy", policy)));
    }

    private void gang(String name, int minCount) {
        group(name, Map.of("gang", Map.of("minCount", minCount)));
    }

    private PodBuilder build(String group, String pod, String cpu) {
        return test.build(pod, cpu)
                .editSpec()
                .addToAdditionalProperties("schedulingGroup", Map.of("podGroupName", group))
                .endSpec();
    }

    private void pods(String group, String cpu, int count) {
        IntStream.range(0, count)
                .forEach(i -> test.create(build(group, group + "-" + i, cpu).build()));
    }

    private long bound(String group) {
        return test.client.pods().inNamespace(test.namespace).list().getItems().stream()
                .filter(pod -> pod.getMetadata().getName().startsWith(group + "-"))
                .filter(pod -> pod.getSpec().getNodeName() != null)
                .count();
    }

    private void awaitBound(String group, int count) throws InterruptedException {
        TestCluster.await(count + " of " + group + " are bound, not " + bound(group), () -> bound(group) == count);
    }

    private @Nullable Condition condition(String group) {
        PodGroup found = test.client
                .resources(PodGroup.class)
                .inNamespace(test.namespace)
                .withName(group)
                .get();
        PodGroup.Status status = found == null ? null : found.getStatus();
        List<Condition> conditions = status == null ? null : status.conditions();
        return conditions == null || conditions.isEmpty() ? null : conditions.getFirst();
    }

    private void awaitCondition(String group, String status, String reason, String message)
            throws InterruptedException {
        TestCluster.await(group + " is " + reason + ": " + message + ", not " + condition(group), () -> {
            Condition now = condition(group);
            return now != null
                    && "PodGroupScheduled".equals(now.getType())
                    && status.equals(now.getStatus())
                    && reason.equals(now.getReason())
                    && message.equals(now.getMessage());
        });
    }

    @Test
    void podsOfAGangWaitForTheirGroupAndForOneAnother() throws InterruptedException {
        test.node("4", Map.of());
        start();
        pods("gang", "1", 1);
        test.awaitCondition(
                "gang-0", "SchedulingGated", "waiting for pods's pod group \"gang\" to appear in scheduling queue");
        gang("gang", 2);
        test.pod("plain", "1");
        test.awaitBound("plain");
        assertEquals(0, bound("gang"));
        TestCluster.await("it waits for others", () -> test.metrics.pending().gated() == 1);
        test.create(build("gang", "gang-1", "1").build());
        awaitBound("gang", 2);
        awaitCondition("gang", "True", "Scheduled", "");
    }

    @Test
    void nobodyOfAGangIsBoundBeforeEnoughHaveRoomAndNobodyElseWaitsForThem() throws InterruptedException {
        test.node("2", Map.of());
        start();
        gang("gang", 3);
        pods("gang", "1", 3);
        awaitCondition("gang", "False", "Unschedulable", "pod group is unschedulable");
        test.awaitCondition("gang-0", "Unschedulable", TOO_FEW);
        test.awaitCondition("gang-1", "Unschedulable", TOO_FEW);
        assertEquals(0, bound("gang"));
        test.pod("plain", "2");
        test.awaitBound("plain");
        test.node("3", Map.of());
        awaitBound("gang", 3);
        awaitCondition("gang", "True", "Scheduled", "");
    }

    @Test
    void moreThanEnoughAreBoundAsFarAsThereIsRoom() throws InterruptedException {
        test.node("3", Map.of());
        gang("gang", 2);
        pods("gang", "1", 5);
        start();
        awaitBound("gang", 3);
        test.node("1", Map.of());
        awaitBound("gang", 4);
        awaitCondition("gang", "True", "Scheduled", "");
    }

    @Test
    void ofTwoGangsForWhichThereIsRoomForOneOneIsBound() throws InterruptedException {
        test.node("3", Map.of());
        start();
        gang("one", 2);
        gang("two", 2);
        for (int i = 0; i < 2; i++) {
            test.create(build("one", "one-" + i, "1").build());
            test.create(build("two", "two-" + i, "1").build());
        }
        TestCluster.await("one is bound", () -> bound("one") + bound("two") == 2);
        String first = bound("one") == 2 ? "one" : "two";
        assertEquals(2, bound(first), "and all of it");
        String second = first.equals("one") ? "two" : "one";
        awaitCondition(second, "False", "Unschedulable", "pod group is unschedulable");
        assertEquals(0, bound(second));
        for (int i = 0; i < 2; i++) {
            test.client
                    .pods()
                    .inNamespace(test.namespace)
                    .withName(first + "-" + i)
                    .withGracePeriod(0)
                    .delete();
        }
        awaitBound(second, 2);
    }

    @Test
    void podsOfOtherGroupsWaitForTheirGroupAlone() throws InterruptedException {
        test.node("1", Map.of());
        start();
        pods("basic", "1", 2);
        TestCluster.await("they wait", () -> test.metrics.pending().gated() == 2);
        group("basic", Map.of("basic", Map.of()));
        awaitBound("basic", 1);
        awaitCondition("basic", "True", "Scheduled", "");
    }

    @Test
    void whereFeaturesAreOffGroupsMeanNothing() throws InterruptedException {
        test.node("1", Map.of());
        test.start();
        pods("gang", "1", 1);
        test.awaitBound("gang-0");
        assertThrows(IllegalArgumentException.class, () -> new SchedulerFeatures(false, true, true));
        assertEquals(SchedulerFeatures.USUAL, SchedulerFeatures.of(List.of("Other=true")));
        assertEquals(
                new SchedulerFeatures(true, true, true),
                SchedulerFeatures.of(List.of("GenericWorkload=true", "kube:GangScheduling=1")));
        assertEquals(
                new SchedulerFeatures(false, false, false),
                SchedulerFeatures.of(List.of("NodeDeclaredFeatures=false")));
        assertThrows(IllegalArgumentException.class, () -> SchedulerFeatures.of(List.of("GangScheduling")));
        assertThrows(IllegalArgumentException.class, () -> SchedulerFeatures.of(List.of("GangScheduling=maybe")));
    }

    @Test
    void podsOfOneGroupAskForOneScheduler() throws InterruptedException {
        test.node("4", Map.of());
        String other = test.name + "-other";
        test.settings = usual -> new SchedulerSettings(
                List.of(Profile.of(test.name), Profile.of(other)),
                List.of(),
                0,
                usual.backoff(),
                usual.bindingsAtOnce(),
                new SchedulerFeatures(true, true, true),
                0);
        gang("gang", 2);
        test.create(build("gang", "gang-0", "1").build());
        test.create(build("gang", "gang-1", "1")
                .editSpec()
                .withSchedulerName(other)
                .endSpec()
                .build());
        test.start();
        TestCluster.await("it is told", () -> {
            Condition now = condition("gang");
            return now != null
                    && "SchedulerError".equals(now.getReason())
                    && now.getMessage()
                            .startsWith("all pods in a single pod group should have the same .spec.schedulerName set");
        });
        assertEquals(0, bound("gang"));
        gang("theirs", 2);
        for (int i = 0; i < 2; i++) {
            test.create(build("theirs", "theirs-" + i, "1")
                    .editSpec()
                    .withSchedulerName(other)
                    .endSpec()
                    .build());
        }
        awaitBound("theirs", 2);
    }

    private String priorityClass(String name, int value) {
        String full = test.name + '-' + name;
        test.client
                .resource(new PriorityClassBuilder()
                        .withNewMetadata()
                        .withName(full)
                        .endMetadata()
                        .withValue(value)
                        .withPreemptionPolicy("PreemptLowerPriority")
                        .build())
                .create();
        return full;
    }

    @Test
    void othersGoForAGangOnlyIfThatIsEnoughForAllOfIt() throws InterruptedException {
        test.node("1", Map.of());
        test.node("1", Map.of());
        String low = priorityClass("low", 1);
        String high = priorityClass("high", 100);
        start();
        for (int i = 0; i < 2; i++) {
            test.create(test.build("low-" + i, "1")
                    .editSpec()
                    .withPriorityClassName(low)
                    .endSpec()
                    .build());
        }
        awaitBound("low", 2);
        gang("large", 3);
        for (int i = 0; i < 3; i++) {
            test.create(build("large", "large-" + i, "1")
                    .editSpec()
                    .withPriorityClassName(high)
                    .endSpec()
                    .build());
        }
        awaitCondition("large", "False", "Unschedulable", "pod group is unschedulable");
        assertEquals(2, bound("low"), "nobody goes for nothing");
        assertEquals(0, bound("large"));
        test.client
                .pods()
                .inNamespace(test.namespace)
                .withName("large-0")
                .withGracePeriod(0)
                .delete();
        gang("small", 2);
        for (int i = 0; i < 2; i++) {
            test.create(build("small", "small-" + i, "1")
                    .editSpec()
                    .withPriorityClassName(high)
                    .endSpec()
                    .build());
        }
        awaitBound("small", 2);
        assertEquals(0, bound("low"));
    }

    @Test
    void podsForWhichExtendersAreAskedWaitForOneAnotherWithTheirNodes() throws InterruptedException {
        try (TestExtender extender = new TestExtender()) {
            extender.answer("filter", question -> "{\"NodeNames\": " + question.get("NodeNames") + "}");
            Extender own =
                    new Extender(extender.url(), "filter", "", "", 0L, "", false, null, "5s", true, List.of(), false);
            test.node("2", Map.of());
            test.settings = usual -> new SchedulerSettings(
                    usual.profiles(),
                    List.of(own),
                    0,
                    usual.backoff(),
                    usual.bindingsAtOnce(),
                    new SchedulerFeatures(true, true, true),
                    0);
            test.start();
            gang("gang", 3);
            pods("gang", "1", 3);
            TestCluster.await(
                    "two had nodes and gave them back",
                    () -> List.of("gang-0", "gang-1", "gang-2").stream()
                                    .map(test::condition)
                                    .filter(now -> now != null
                                            && now.getMessage()
                                                    .contains("waiting for minCount pods from a gang to be scheduled"))
                                    .count()
                            == 2);
            assertEquals(0, bound("gang"));
            test.node("1", Map.of());
            awaitBound("gang", 3);
            assertNotNull(test.condition("gang-0"));
        }
    }
}
