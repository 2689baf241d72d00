package io.keelson.scheduler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.keelson.controllers.testing.TestCluster;
import io.keelson.scheduler.config.SchedulerConfiguration.Extender;
import io.keelson.scheduler.config.SchedulerConfiguration.ManagedResource;
import io.keelson.scheduler.extender.TestExtender;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ExtenderTest {
    private final TestScheduler test = new TestScheduler();
    private final TestExtender extender = new TestExtender();
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void close() {
        end.countDown();
        test.close();
        extender.close();
    }

    private void use(String filter, String prioritize, String bind, String timeout, boolean ignorable) {
        use(filter, "", prioritize, bind, timeout, ignorable);
    }

    private void use(String filter, String preempt, String prioritize, String bind, String timeout, boolean ignorable) {
        Extender own = new Extender(
                extender.url(),
                filter,
                preempt,
                prioritize,
                10L,
                bind,
                false,
                null,
                timeout,
                true,
                List.of(new ManagedResource("example.com/token", true)),
                ignorable);
        test.settings = usual -> new SchedulerSettings(
                usual.profiles(), List.of(own), 0, usual.backoff(), usual.bindingsAtOnce(), usual.features(), 0);
    }

    private void special(String name) {
        test.create(special(name, "1"));
    }

    private Pod special(String name, String cpu) {
        return test.build(name, cpu)
                .editSpec()
                .editContainer(0)
                .editResources()
                .addToRequests("example.com/token", new Quantity("1"))
                .addToLimits("example.com/token", new Quantity("1"))
                .endResources()
                .endContainer()
                .endSpec()
                .build();
    }

    private static String keep(JsonNode question, String unwanted) {
        StringBuilder kept = new StringBuilder();
        StringBuilder failed = new StringBuilder();
        for (JsonNode each : question.get("NodeNames")) {
            if (each.asText().equals(unwanted)) {
                failed.append('"').append(each.asText()).append("\": \"no token\"");
            } else {
                kept.append(kept.isEmpty() ? "\"" : ",\"").append(each.asText()).append('"');
            }
        }
        return "{\"NodeNames\": [" + kept + "], \"FailedNodes\": {" + failed + "}}";
    }

    @Test
    void itFiltersScoresAndBindsThePodsThatItIsInterestedIn() throws InterruptedException {
        String one = test.node("4", Map.of());
        String two = test.node("4", Map.of());
        String three = test.node("4", Map.of());
        AtomicInteger bindings = new AtomicInteger();
        extender.answer("filter", question -> keep(question, one));
        extender.answer("prioritize", question -> "[{\"Host\": \"" + three + "\", \"Score\": 10}]");
        extender.answer("bind", question -> {
            bindings.incrementAndGet();
            String pod = question.get("PodName").asText();
            test.client.raw(
                    "/api/v1/namespaces/" + test.namespace + "/pods/" + pod + "/binding",
                    "POST",
                    new BindingBuilder()
                            .withNewMetadata()
                            .withName(pod)
                            .withNamespace(test.namespace)
                            .withUid(question.get("PodUID").asText())
                            .endMetadata()
                            .withNewTarget()
                            .withKind("Node")
                            .withName(question.get("Node").asText())
                            .endTarget()
                            .build());
            return "{}";
        });
        use("filter", "prioritize", "bind", "5s", false);
        test.start();
        special("a");
        special("b");
        test.pod("plain", "1");
        test.awaitBound("a", "b", "plain");
        String comparing = "scheduler_goroutines{operation=\"prioritizing_extender\"} 0.0\n";
        assertTrue(test.scraped().contains(comparing), test::scraped);
        assertEquals(List.of(three, three), List.of(test.nodeOf("a"), test.nodeOf("b")));
        assertEquals(2, bindings.get());
        assertEquals(3, List.of(one, two, three).stream().distinct().count());
    }

    @Test
    void whatItRejectsIsToldAndTriedAgainWhenSomethingHappens() throws InterruptedException {
        String one = test.node("4", Map.of());
        extender.answer("filter", question -> keep(question, one));
        use("filter", "", "", "5s", false);
        test.start();
        special("a");
        test.awaitCondition(
                "a",
                "Unschedulable",
                "0/1 nodes are available: 1 no token. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims"
                        + " found for incoming pod.");
        String two = test.node("4", Map.of());
        test.awaitBound("a");
        assertEquals(two, test.nodeOf("a"));
    }

    @Test
    void whileItDoesNotAnswerOtherPodsAreBound() throws InterruptedException {
        test.node("8", Map.of());
        CountDownLatch asked = new CountDownLatch(1);
        extender.answer("filter", question -> {
            asked.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return keep(question, "");
        });
        use("filter", "", "", "60s", false);
        test.start();
        special("slow");
        asked.await();
        test.pod("a", "1");
        test.pod("b", "1");
        test.awaitBound("a", "b");
        String waits = "scheduler_inflight_events{event=\"PodPopped\"} 1.0\n";
        assertTrue(test.scraped().contains(waits), test::scraped);
        assertEquals("", test.nodeOf("slow"));
        end.countDown();
        test.awaitBound("slow");
    }

    @Test
    void whoIsAwayIsLeftOutIfThatIsAllowedAndElseKeepsPodsWaiting() throws InterruptedException {
        test.node("8", Map.of());
        use("nothing", "", "", "5s", false);
        TestScheduler.Running strict = test.start();
        special("a");
        TestCluster.await("it is told", () -> {
            var condition = test.condition("a");
            return condition != null && "SchedulerError".equals(condition.getReason());
        });
        assertEquals("", test.nodeOf("a"));
        strict.close();
        use("nothing", "", "", "5s", true);
        test.start();
        test.awaitBound("a");
    }

    @Test
    void aNominatedNodeThatItDoesNotKeepIsNotTheLastChance() throws InterruptedException {
        String one = test.node("4", Map.of());
        String two = test.node("4", Map.of());
        extender.answer("filter", question -> keep(question, one));
        use("filter", "", "", "5s", false);
        special("a");
        test.client
                .pods()
                .inNamespace(test.namespace)
                .withName("a")
                .editStatus(now -> new PodBuilder(now)
                        .editOrNewStatus()
                        .withNominatedNodeName(one)
                        .endStatus()
                        .build());
        test.start();
        test.awaitBound("a");
        assertEquals(two, test.nodeOf("a"));
    }

    @Test
    void whereRoomIsMadeThatItAgreedToIsTold() throws InterruptedException {
        String important = test.name + "-important";
        test.client
                .resource(new PriorityClassBuilder()
                        .withNewMetadata()
                        .withName(important)
                        .endMetadata()
                        .withValue(100)
                        .build())
                .create();
        try {
            String node = test.node("1", Map.of());
            extender.answer("filter", question -> keep(question, ""));
            extender.answer(
                    "preempt",
                    question -> "{\"NodeNameToMetaVictims\": " + question.get("NodeNameToMetaVictims") + "}");
            use("filter", "preempt", "", "", "5s", false);
            test.start();
            test.create(test.build("low", "1")
                    .editSpec()
                    .withTerminationGracePeriodSeconds(3600L)
                    .endSpec()
                    .build());
            test.awaitBound("low");
            test.create(new PodBuilder(special("high", "1"))
                    .editSpec()
                    .withPriorityClassName(important)
                    .endSpec()
                    .build());
            TestCluster.await(
                    "it is nominated",
                    () -> node.equals(test.client
                            .pods()
                            .inNamespace(test.namespace)
                            .withName("high")
                            .get()
                            .getStatus()
                            .getNominatedNodeName()));
        } finally {
            test.client.scheduling().v1().priorityClasses().withName(important).delete();
        }
    }
}
