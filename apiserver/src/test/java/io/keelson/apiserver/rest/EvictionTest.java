package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.rest.LiveApi.Answer;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LiveApi.Extension.class)
class EvictionTest {
    private static final String REFUSAL = "Cannot evict pod as it would violate the pod's disruption budget.";

    private final LiveApi api;
    private final String pods;
    private final String budgets;

    EvictionTest(LiveApi api) {
        this.api = api;
        String namespace = api.namespace();
        pods = "/api/v1/namespaces/" + namespace + "/pods";
        budgets = "/apis/policy/v1/namespaces/" + namespace + "/poddisruptionbudgets";
    }

    /** A pod that a node runs. */
    private void runningPod(String name, boolean ready) {
        api.post(
                        pods,
                        "{'metadata': {'name': '" + name + "', 'labels': {'app': 'web'}},"
                                + "'spec': {'nodeName': 'n', 'containers': [{'name': 'c', 'image': 'i'}]}}")
                .succeeded();
        api.merge(
                        pods + "/" + name + "/status",
                        "{'status': {'phase': 'Running', 'conditions': [{'type': 'Ready', 'status': '"
                                + (ready ? "True" : "False") + "'}]}}")
                .succeeded();
    }

    private void budget(String name, String spec, String status) {
        api.post(
                        budgets,
                        "{'metadata': {'name': '" + name + "'}, 'spec': {" + spec
                                + "'selector': {'matchLabels': {'app': 'web'}}}}")
                .succeeded();
        api.merge(budgets + "/" + name + "/status", "{'status': {" + status + "}}")
                .succeeded();
    }

    private Answer evict(String pod) {
        return evict(pod, "");
    }

    private Answer evict(String pod, String options) {
        return api.post(
                pods + "/" + pod + "/eviction",
                "{'apiVersion': 'policy/v1', 'kind': 'Eviction', 'metadata': {'name': '" + pod + "'}" + options + "}");
    }

    private boolean isBeingDeleted(String pod) {
        Answer answer = api.get(pods + "/" + pod);
        return answer.code() == 404 || answer.at("/metadata").has("deletionTimestamp");
    }

    @Test
    void podWithoutBudgetIsDeletedAndToldWhy() {
        runningPod("a", true);
        Answer answer = evict("a");
        assertEquals(201, answer.code());
        assertEquals("Success", answer.text("/status"));
        ObjectNode pod = api.get(pods + "/a").body();
        assertTrue(pod.at("/metadata").has("deletionTimestamp"), pod.toString());
        JsonNode condition = pod.at("/status/conditions/1");
        assertEquals("DisruptionTarget", condition.path("type").asText());
        assertEquals("EvictionByEvictionAPI", condition.path("reason").asText());
        assertEquals("Eviction API: evicting", condition.path("message").asText());
    }

    @Test
    void budgetThatIsUsedUpRefuses() {
        runningPod("a", true);
        budget(
                "keep",
                "'minAvailable': 1,",
                "'observedGeneration': 1, 'disruptionsAllowed': 0, 'currentHealthy': 1, 'desiredHealthy': 1,"
                        + "'expectedPods': 1");
        Answer answer = evict("a");
        assertEquals(429, answer.code());
        assertEquals("TooManyRequests", answer.reason());
        assertEquals(REFUSAL, answer.message());
        assertEquals("DisruptionBudget", answer.text("/details/causes/0/reason"));
        assertEquals(
                "The disruption budget keep needs 1 healthy pods and has 1 currently",
                answer.text("/details/causes/0/message"));
        assertEquals("", answer.header("Retry-After"));
        assertFalse(isBeingDeleted("a"));
    }

    @Test
    void budgetThatNobodyHasCountedYetAsksToComeBack() {
        runningPod("a", true);
        budget("new", "'minAvailable': 1,", "'observedGeneration': 0, 'disruptionsAllowed': 1");
        Answer answer = evict("a");
        assertEquals(429, answer.code());
        assertEquals("10", answer.header("Retry-After"));
        assertEquals(10, answer.at("/details/retryAfterSeconds").asInt());
        assertEquals(
                "The disruption budget new is still being processed by the server.",
                answer.text("/details/causes/0/message"));
    }

    @Test
    void allowedDisruptionIsTakenFromTheBudget() {
        runningPod("a", true);
        budget(
                "one",
                "'minAvailable': 1,",
                "'observedGeneration': 1, 'disruptionsAllowed': 1, 'currentHealthy': 2, 'desiredHealthy': 1");
        assertEquals(201, evict("a").code());
        assertTrue(isBeingDeleted("a"));
        ObjectNode budget = api.get(budgets + "/one").body();
        assertEquals(0, budget.at("/status/disruptionsAllowed").asInt(-1));
        assertTrue(budget.at("/status/disruptedPods").has("a"), budget.toString());
        assertEquals(
                "InsufficientPods", budget.at("/status/conditions/0/reason").asText());
    }

    @Test
    void asManyAreEvictedAtTheSameTimeAsTheBudgetAllows() throws Exception {
        int all = 8;
        int allowed = 3;
        for (int i = 0; i < all; i++) {
            runningPod("p" + i, true);
        }
        budget(
                "some",
                "'minAvailable': 5,",
                "'observedGeneration': 1, 'disruptionsAllowed': " + allowed
                        + ", 'currentHealthy': 8, 'desiredHealthy': 5");
        List<Integer> codes;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            codes = threads
                    .invokeAll(IntStream.range(0, all)
                            .<Callable<Integer>>mapToObj(
                                    i -> () -> evict("p" + i).code())
                            .toList())
                    .stream()
                    .map(Future::resultNow)
                    .toList();
        }
        assertEquals(allowed, codes.stream().filter(code -> code == 201).count(), codes.toString());
        assertEquals(all - allowed, codes.stream().filter(code -> code == 429).count(), codes.toString());
        ObjectNode budget = api.get(budgets + "/some").body();
        assertEquals(0, budget.at("/status/disruptionsAllowed").asInt(-1));
        assertEquals(allowed, budget.at("/status/disruptedPods").size());
    }

    @Test
    void podThatIsNotReadyGoesWhenEnoughOthersAreHealthy() {
        runningPod("sick", false);
        budget(
                "healthy",
                "'minAvailable': 2,",
                "'observedGeneration': 1, 'disruptionsAllowed': 0, 'currentHealthy': 2, 'desiredHealthy': 2");
        assertEquals(201, evict("sick").code());
        assertTrue(isBeingDeleted("sick"));
        assertEquals(
                0, api.get(budgets + "/healthy").at("/status/disruptedPods").size());
    }

    @Test
    void podThatIsNotReadyStaysWhenTooFewOthersAreHealthy() {
        runningPod("sick", false);
        budget(
                "ill",
                "'minAvailable': 2,",
                "'observedGeneration': 1, 'disruptionsAllowed': 0, 'currentHealthy': 1, 'desiredHealthy': 2");
        assertEquals(429, evict("sick").code());
        assertFalse(isBeingDeleted("sick"));
    }

    @Test
    void podThatIsNotReadyAlwaysGoesIfThePolicySaysSo() {
        runningPod("sick", false);
        budget(
                "always",
                "'unhealthyPodEvictionPolicy': 'AlwaysAllow', 'minAvailable': 2,",
                "'observedGeneration': 1, 'disruptionsAllowed': 0, 'currentHealthy': 1, 'desiredHealthy': 2");
        assertEquals(201, evict("sick").code());
    }

    @Test
    void podWithTwoBudgetsCannotBeEvicted() {
        runningPod("a", true);
        budget("one", "'minAvailable': 1,", "'disruptionsAllowed': 5, 'observedGeneration': 1");
        budget("two", "'minAvailable': 1,", "'disruptionsAllowed': 5, 'observedGeneration': 1");
        Answer answer = evict("a");
        assertEquals(500, answer.code());
        assertEquals(
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
                answer.message());
    }

    @Test
    void podThatHasEndedGoesWhateverTheBudgetSays() {
        runningPod("done", true);
        api.merge(pods + "/done/status", "{'status': {'phase': 'Succeeded'}}").succeeded();
        budget("none", "'minAvailable': 1,", "'observedGeneration': 1, 'disruptionsAllowed': 0");
        assertEquals(201, evict("done").code());
        assertEquals(404, api.get(pods + "/done").code());
    }

    @Test
    void dryRunAsksAndChangesNothing() {
        runningPod("a", true);
        budget(
                "one",
                "'minAvailable': 1,",
                "'observedGeneration': 1, 'disruptionsAllowed': 1, 'currentHealthy': 2, 'desiredHealthy': 1");
        assertEquals(201, evict("a", ", 'deleteOptions': {'dryRun': ['All']}").code());
        assertFalse(isBeingDeleted("a"));
        assertEquals(
                1, api.get(budgets + "/one").at("/status/disruptionsAllowed").asInt());
        assertEquals(1, api.get(pods + "/a").at("/status/conditions").size());
    }

    @Test
    void evictionThatMeansAnotherPodIsRefused() {
        runningPod("a", true);
        Answer answer = evict("a", ", 'deleteOptions': {'preconditions': {'uid': '1-2'}}");
        assertEquals(409, answer.code());
        assertTrue(
                answer.message()
                        .startsWith("Operation cannot be fulfilled on Pod \"a\": the UID in the precondition (1-2) does"
                                + " not match the UID in record ("),
                answer.message());
        assertFalse(isBeingDeleted("a"));
    }

    @Test
    void evictionByItsOldVersionIsUnderstood() {
        runningPod("a", true);
        Answer answer = api.post(
                pods + "/a/eviction",
                "{'apiVersion': 'policy/v1beta1', 'kind': 'Eviction', 'metadata': {'name': 'a'}}");
        assertEquals(201, answer.code());
    }

    @Test
    void missingPodIsNotFound() {
        Answer answer = evict("gone");
        assertEquals(404, answer.code());
        assertEquals("pods \"gone\" not found", answer.message());
    }
}
