package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.rest.LiveApi.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LiveApi.Extension.class)
class PodPartsTest {
    private final LiveApi api;
    private final String pod;

    PodPartsTest(LiveApi api) {
        this.api = api;
        String pods = "/api/v1/namespaces/" + api.namespace() + "/pods";
        pod = pods + "/web";
        api.post(pods, """
                        {'metadata': {'name': 'web', 'labels': {'app': 'web'}}, 'spec': {'containers': [
                          {'name': 'a', 'image': 'i', 'resources': {'requests': {'cpu': '100m', 'memory': '64Mi'},
                                                                    'limits': {'cpu': '1', 'memory': '128Mi'}}},
                          {'name': 'b', 'image': 'i'}]}}""").succeeded();
    }

    private Answer debug(String containers) {
        return api.strategic(pod + "/ephemeralcontainers", "{'spec': {'ephemeralContainers': [" + containers + "]}}");
    }

    private Answer resize(String containers) {
        return api.strategic(pod + "/resize", "{'spec': {'containers': [" + containers + "]}}");
    }

    @Test
    void ephemeralContainersAreAddedAndNothingElseChanges() {
        Answer answer = api.strategic(
                        pod + "/ephemeralcontainers",
                        "{'metadata': {'labels': {'app': 'other'}}, 'spec': {'activeDeadlineSeconds': 5,"
                                + " 'ephemeralContainers': [{'name': 'debug', 'image': 'busybox'}]}}")
                .succeeded();
        assertEquals("debug", answer.text("/spec/ephemeralContainers/0/name"));
        assertEquals("web", answer.text("/metadata/labels/app"));
        assertFalse(answer.at("/spec").has("activeDeadlineSeconds"));
        assertEquals(2, answer.at("/metadata/generation").asInt());
        assertEquals("debug", api.get(pod + "/ephemeralcontainers").text("/spec/ephemeralContainers/0/name"));
    }

    @Test
    void ephemeralContainersStayAsTheyAre() {
        debug("{'name': 'debug', 'image': 'busybox'}").succeeded();
        Answer changed = debug("{'name': 'debug', 'image': 'other'}");
        assertEquals(422, changed.code());
        assertTrue(
                changed.message()
                        .startsWith("Pod \"web\" is invalid: spec.ephemeralContainers: Forbidden:"
                                + " existing ephemeral containers \"debug\" may not be changed"),
                changed.message());
        ObjectNode without = api.get(pod).body();
        ((ObjectNode) without.path("spec")).remove("ephemeralContainers");
        Answer removed = api.put(pod + "/ephemeralcontainers", without);
        assertEquals(422, removed.code());
        assertTrue(
                removed.message().contains("existing ephemeral containers \"debug\" may not be removed"),
                removed.message());
    }

    @Test
    void amountsAreResizedAndNothingElseChanges() {
        Answer answer = resize("{'name': 'a', 'image': 'other', 'resources': {'requests': {'cpu': '200m'}}}")
                .succeeded();
        assertEquals("200m", answer.text("/spec/containers/0/resources/requests/cpu"));
        assertEquals("64Mi", answer.text("/spec/containers/0/resources/requests/memory"));
        assertEquals("i", answer.text("/spec/containers/0/image"));
        assertEquals(2, answer.at("/metadata/generation").asInt());
    }

    @Test
    void mainPathDoesNotResize() {
        assertEquals(
                422,
                api.strategic(pod, "{'spec': {'containers': [{'name': 'a', 'resources': {'requests': {'cpu': '2'}}}]}}")
                        .code());
    }

    @Test
    void resizedPodKeepsItsQualityOfService() {
        Answer answer = api.merge(pod + "/resize", """
                {'spec': {'containers': [
                  {'name': 'a', 'image': 'i', 'resources': {'requests': {'cpu': '1', 'memory': '1Gi'},
                                                            'limits': {'cpu': '1', 'memory': '1Gi'}}},
                  {'name': 'b', 'image': 'i', 'resources': {'requests': {'cpu': '1', 'memory': '1Gi'},
                                                            'limits': {'cpu': '1', 'memory': '1Gi'}}}]}}""");
        assertEquals(422, answer.code());
        assertTrue(
                answer.message()
                        .contains("spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a result of"
                                + " resizing"),
                answer.message());
    }

    @Test
    void amountsAreNotTakenAway() {
        Answer answer = resize("{'name': 'a', 'resources': {'limits': {'memory': null}}}");
        assertEquals(422, answer.code());
        assertTrue(
                answer.message()
                        .contains("spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed"),
                answer.message());
    }

    @Test
    void onlyProcessorAndMemoryAreResized() {
        Answer answer = resize("{'name': 'a', 'resources': {'requests': {'ephemeral-storage': '1Gi'}}}");
        assertEquals(422, answer.code());
        assertTrue(
                answer.message().contains("spec: Forbidden: only cpu and memory resources are mutable"),
                answer.message());
    }

    @Test
    void containersAreNotReorderedByResizing() {
        ObjectNode turned = api.get(pod).body();
        var containers = (ArrayNode) turned.at("/spec/containers");
        containers.add(containers.remove(0));
        Answer answer = api.put(pod + "/resize", turned);
        assertEquals(422, answer.code());
        assertTrue(
                answer.message()
                        .contains("spec.containers[0].name: Forbidden: containers may not be renamed or reordered on"
                                + " resize"),
                answer.message());
    }

    @Test
    void nodeThatCannotResizeIsRespected() {
        api.merge(pod + "/status", """
                        {'status': {'containerStatuses': [{'name': 'a', 'image': 'i', 'imageID': '', 'ready': true,
                          'restartCount': 0, 'state': {'running': {'startedAt': '2026-01-01T00:00:00Z'}}}]}}""").succeeded();
        Answer answer = resize("{'name': 'a', 'resources': {'requests': {'cpu': '200m'}}}");
        assertEquals(422, answer.code());
        assertTrue(
                answer.message().contains("spec: Forbidden: Pod running on node without support for resize"),
                answer.message());
    }

    @Test
    void whatAPodHasAsAWholeIsResized() {
        String whole = api.post("/api/v1/namespaces/" + api.namespace() + "/pods", """
                        {'metadata': {'name': 'whole'},
                         'spec': {'resources': {'requests': {'cpu': '100m', 'memory': '64Mi'},
                                                'limits': {'cpu': '200m', 'memory': '128Mi'}},
                                  'containers': [{'name': 'a', 'image': 'i'}, {'name': 'b', 'image': 'i'}]}}""")
                .succeeded()
                .text("/metadata/namespace");
        String path = "/api/v1/namespaces/" + whole + "/pods/whole/resize";
        Answer answer = api.merge(path, "{'spec': {'resources': {'limits': {'cpu': '300m'}}}}")
                .succeeded();
        assertEquals("300m", answer.text("/spec/resources/limits/cpu"));
        assertEquals("100m", answer.text("/spec/resources/requests/cpu"));
        Answer refused = api.merge(path, "{'spec': {'resources': {'limits': {'cpu': null}}}}");
        assertTrue(refused.message().contains("pod-level resource limits cannot be removed"), refused.message());
    }
}
