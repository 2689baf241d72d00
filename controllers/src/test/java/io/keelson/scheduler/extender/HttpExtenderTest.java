package io.keelson.scheduler.extender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.scheduler.config.SchedulerConfiguration.Extender;
import io.keelson.scheduler.config.SchedulerConfiguration.ManagedResource;
import io.keelson.scheduler.state.PodInfo;
import io.keelson.scheduler.state.ResourceTable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpExtenderTest {
    private final TestExtender server = new TestExtender();
    private final CountDownLatch end = new CountDownLatch(1);
    private static final Pod POD = new PodBuilder()
            .withNewMetadata()
            .withName("pod")
            .withNamespace("default")
            .withUid("u1")
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withNewResources()
            .withRequests(Map.of("example.com/gpu", new Quantity("1")))
            .endResources()
            .endContainer()
            .endSpec()
            .build();
    private static final List<Node> NODES = List.of(node("a"), node("b"));

    @AfterEach
    void close() {
        end.countDown();
        server.close();
    }

    private static Node node(String name) {
        return new NodeBuilder().withNewMetadata().withName(name).endMetadata().build();
    }

    private HttpExtender extender(boolean byName, String timeout) {
        return new HttpExtender(new Extender(
                server.url(),
                "filter",
                "preempt",
                "score",
                2L,
                "bind",
                false,
                null,
                timeout,
                byName,
                List.of(),
                false));
    }

    @Test
    void nodesGoOverTheWireByNameOrWhole() throws Exception {
        server.answer(
                "filter",
                question -> question.get("NodeNames").isNull()
                        ? "{\"Nodes\": {\"items\": [{\"metadata\": {\"name\": \""
                                + question.at("/Nodes/items/1/metadata/name").asText()
                                + "\"}}]}, \"FailedNodes\": {\"a\": \"full\", \"z\": \"not asked\"}}"
                        : "{\"nodenames\": [\"" + question.at("/NodeNames/0").asText()
                                + "\"], \"failedAndUnresolvableNodes\": {\"b\": \"never\"}}");
        try (HttpExtender whole = extender(false, "5s");
                HttpExtender byName = extender(true, "5s")) {
            assertEquals(
                    new HttpExtender.Filtered(List.of("b"), Map.of("a", "full"), Map.of()), whole.filter(POD, NODES));
            assertEquals(
                    new HttpExtender.Filtered(List.of("a"), Map.of(), Map.of("b", "never")), byName.filter(POD, NODES));
        }
    }

    @Test
    void scoresAreWeightedAndBroughtToTheScaleOfTheScheduler() throws Exception {
        server.answer(
                "score",
                question -> "[{\"Host\": \"a\", \"Score\": 10}, {\"host\": \"b\", \"score\": 3}, null,"
                        + " {\"Host\": \"z\", \"Score\": 99}]");
        try (HttpExtender extender = extender(true, "5s")) {
            assertEquals(Map.of("a", 200L, "b", 60L), extender.prioritize(POD, NODES));
        }
    }

    @Test
    void itIsAskedOnlyAboutPodsThatWantWhatItManages() {
        for (String resource : List.of("example.com/gpu", "example.com/other")) {
            try (HttpExtender extender = new HttpExtender(new Extender(
                    server.url(),
                    "filter",
                    "",
                    "",
                    1L,
                    "",
                    false,
                    null,
                    "1s",
                    true,
                    List.of(new ManagedResource(resource, false)),
                    false))) {
                assertEquals(resource.endsWith("gpu"), extender.isInterestedIn(POD));
            }
        }
    }

    @Test
    void anAnswerThatMakesNoSenseIsAnErrorAndNothingElse() {
        try (HttpExtender extender = extender(true, "5s")) {
            for (String answer : List.of(
                    "",
                    "null",
                    "[]",
                    "no JSON",
                    "{\"NodeNames\": {}}",
                    "{\"NodeNames\": [\"z\"]}",
                    "{\"NodeNames\": [null]}",
                    "{\"Error\": \"no\"}",
                    "[".repeat(100_000))) {
                server.answer("filter", question -> answer);
                assertThrows(ExtenderException.class, () -> extender.filter(POD, NODES), answer);
            }
            for (String answer : List.of(
                    "{}",
                    "[{\"Host\": \"a\", \"Score\": 11}]",
                    "[{\"Host\": \"a\", \"Score\": -1}]",
                    "[{\"Host\": \"a\", \"Score\": 1e99}]",
                    "[{\"Host\": \"a\", \"Score\": \"x\"}]")) {
                server.answer("score", question -> answer);
                assertThrows(ExtenderException.class, () -> extender.prioritize(POD, NODES), answer);
            }
            assertTrue(assertThrows(ExtenderException.class, () -> extender.bind(POD, "a"))
                    .toString()
                    .contains("404"));
        }
    }

    @Test
    void whoDoesNotAnswerInTimeHasNotAnswered() {
        server.answer("filter", question -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return "{}";
        });
        try (HttpExtender extender = extender(true, "100ms")) {
            ExtenderException problem = assertThrows(ExtenderException.class, () -> extender.filter(POD, NODES));
            assertFalse(String.valueOf(problem.getMessage()).isEmpty());
        }
    }

    @Test
    void whoIsEvictedIsAmongThoseThatAreThere() throws Exception {
        PodInfo victim = PodInfo.of(POD, new ResourceTable());
        List<Offer> offers = List.of(new Offer("a", List.of(victim), 0, Set.of("u1", "u2")));
        try (HttpExtender extender = extender(true, "5s")) {
            server.answer(
                    "preempt", question -> "{\"NodeNameToMetaVictims\": {\"a\": {\"Pods\": [{\"UID\": \"u2\"}]}}}");
            assertEquals(Map.of("a", Set.of("u2")), extender.preempt(POD, offers));
            for (String answer : List.of(
                    "{\"NodeNameToMetaVictims\": {\"z\": {\"Pods\": [{\"UID\": \"u2\"}]}}}",
                    "{\"NodeNameToMetaVictims\": {\"a\": {\"Pods\": [{\"UID\": \"u3\"}]}}}",
                    "{\"NodeNameToMetaVictims\": {\"a\": {\"Pods\": []}}}",
                    "{\"NodeNameToMetaVictims\": {\"a\": null}}")) {
                server.answer("preempt", question -> answer);
                assertThrows(ExtenderException.class, () -> extender.preempt(POD, offers), answer);
            }
        }
    }
}
