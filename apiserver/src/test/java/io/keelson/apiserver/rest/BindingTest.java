package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.rest.LiveApi.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LiveApi.Extension.class)
class BindingTest {
    private static final String TO_ONE = "{'metadata': {'name': 'web'}, 'target': {'kind': 'Node', 'name': 'one'}}";

    private final LiveApi api;
    private final String inNamespace;
    private final String pod;

    BindingTest(LiveApi api) {
        this.api = api;
        inNamespace = "/api/v1/namespaces/" + api.namespace();
        pod = inNamespace + "/pods/web";
        create("web", "");
    }

    private void create(String name, String more) {
        api.post(
                        inNamespace + "/pods",
                        "{'metadata': {'name': '" + name + "', 'labels': {'app': 'web'}, 'annotations': {'a': '1'}},"
                                + "'spec': {'containers': [{'name': 'c', 'image': 'i'}]" + more + "}}")
                .succeeded();
    }

    @Test
    void boundPodIsOnTheNodeAndScheduled() {
        Answer answer = api.post(pod + "/binding", """
                {'metadata': {'name': 'web', 'annotations': {'a': '2', 'b': '3'}, 'labels': {'zone': 'east'}},
                 'target': {'kind': 'Node', 'name': 'one'}}""");
        assertEquals(201, answer.code());
        assertEquals(
                "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Success\",\"code\":201}",
                answer.body().toString());
        ObjectNode bound = api.get(pod).body();
        assertEquals("one", bound.at("/spec/nodeName").asText());
        assertEquals("2", bound.at("/metadata/annotations/a").asText());
        assertEquals("3", bound.at("/metadata/annotations/b").asText());
        assertEquals("web", bound.at("/metadata/labels/app").asText());
        assertEquals("east", bound.at("/metadata/labels/zone").asText());
        assertEquals(1, bound.at("/metadata/generation").asInt());
        JsonNode condition = bound.at("/status/conditions/0");
        assertEquals("PodScheduled", condition.path("type").asText());
        assertEquals("True", condition.path("status").asText());
        assertFalse(condition.path("lastTransitionTime").asText().isEmpty());
    }

    @Test
    void podIsBoundOnce() {
        api.post(pod + "/binding", TO_ONE).succeeded();
        Answer again = api.post(pod + "/binding", TO_ONE.replace("'one'", "'two'"));
        assertEquals(409, again.code());
        assertEquals("Conflict", again.reason());
        assertEquals(
                "Operation cannot be fulfilled on pods/binding \"web\": pod web is already assigned to node \"one\"",
                again.message());
        assertEquals("one", api.get(pod).text("/spec/nodeName"));
    }

    @Test
    void bindingsAreBoundByTheirName() {
        assertEquals(201, api.post(inNamespace + "/bindings", TO_ONE).code());
        assertEquals("one", api.get(pod).text("/spec/nodeName"));
    }

    @Test
    void bindingOfAnotherNameIsRefused() {
        Answer answer = api.post(pod + "/binding", TO_ONE.replace("'web'", "'api'"));
        assertEquals(400, answer.code());
        assertEquals("name in URL does not match name in Binding object", answer.message());
    }

    @Test
    void bindingWithoutNodeIsRefused() {
        Answer answer = api.post(pod + "/binding", "{'metadata': {'name': 'web'}, 'target': {'kind': 'Cart'}}");
        assertEquals(500, answer.code());
        assertEquals(
                "[target.kind: Unsupported value: \"Cart\": supported values: \"Node\", \"<empty>\","
                        + " target.name: Required value]",
                answer.message());
    }

    @Test
    void gatedPodIsNotBound() {
        create("gated", ", 'schedulingGates': [{'name': 'wait'}]");
        Answer answer = api.post(inNamespace + "/pods/gated/binding", TO_ONE.replace("'web'", "'gated'"));
        assertEquals(409, answer.code());
        assertTrue(answer.message().endsWith("pod gated has non-empty .spec.schedulingGates"), answer.message());
    }

    @Test
    void bindingThatMeansAnotherPodIsRefused() {
        Answer answer = api.post(pod + "/binding", TO_ONE.replace("'name': 'web'", "'name': 'web', 'uid': '1-2'"));
        assertEquals(409, answer.code());
        assertTrue(answer.message().contains("UID in precondition: 1-2"), answer.message());
        assertEquals("", api.get(pod).text("/spec/nodeName"));
    }

    @Test
    void missingPodIsNotFound() {
        Answer answer = api.post(inNamespace + "/pods/gone/binding", TO_ONE.replace("'web'", "'gone'"));
        assertEquals(404, answer.code());
        assertEquals("pods \"gone\" not found", answer.message());
    }

    @Test
    void dryRunBindsNothing() {
        assertEquals(201, api.post(pod + "/binding?dryRun=All", TO_ONE).code());
        assertEquals("", api.get(pod).text("/spec/nodeName"));
    }
}
