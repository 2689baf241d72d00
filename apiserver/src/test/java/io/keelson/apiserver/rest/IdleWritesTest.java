package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.rest.LiveApi.Answer;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Writes that change nothing but the times at which fields were managed are none. */
@ExtendWith(LiveApi.Extension.class)
class IdleWritesTest {
    private final LiveApi api;
    private final String path;

    IdleWritesTest(LiveApi api) {
        this.api = api;
        this.path = "/apis/apps/v1/namespaces/" + api.namespace() + "/deployments/web";
    }

    private static String deployment(String cpu, String memory) {
        return """
                {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'web'}, 'spec': {
                 'selector': {'matchLabels': {'a': 'b'}}, 'template': {'metadata': {'labels': {'a': 'b'}}, 'spec': {
                 'containers': [{'name': 'c', 'image': 'i',
                   'resources': {'requests': {'cpu': '%s', 'memory': '%s'}}}]}}}}""".formatted(cpu, memory);
    }

    /** Waits until times that are written down would be other ones. */
    private static void untilAnotherSecond() {
        long second = Instant.now().getEpochSecond();
        while (Instant.now().getEpochSecond() == second) {
            Thread.onSpinWait();
        }
    }

    private static String version(Answer answer) {
        return answer.succeeded().text("/metadata/resourceVersion");
    }

    @Test
    void applyOfTheSameInAnotherFormIsNotWritten() {
        Answer first = api.apply(path, "me", deployment("1000m", "1024Mi"));
        assertEquals(201, first.code());
        assertEquals("1", first.text("/spec/template/spec/containers/0/resources/requests/cpu"));
        untilAnotherSecond();
        Answer again = api.apply(path, "me", deployment("1000m", "1024Mi"));
        assertEquals(version(first), version(again));
        assertEquals(first.at("/metadata/managedFields"), again.at("/metadata/managedFields"));
        untilAnotherSecond();
        assertEquals(version(first), version(api.apply(path, "me", deployment("1", "1Gi"))));
        assertNotEquals(version(first), version(api.apply(path, "me", deployment("0.5", "1Gi"))));
        String half = version(api.get(path));
        untilAnotherSecond();
        assertEquals(half, version(api.apply(path, "me", deployment("0.5", "1Gi"))));
    }

    @Test
    void updateThatOnlyCarriesOtherTimesIsNotWritten() {
        ObjectNode object =
                api.apply(path, "me", deployment("1", "1Gi")).succeeded().body();
        String version = object.at("/metadata/resourceVersion").asText();
        ((ObjectNode) object.at("/metadata/managedFields/0")).put("time", "2001-01-01T00:00:00Z");
        Answer put = api.put(path, object);
        assertEquals(version, version(put));
        assertNotEquals("2001-01-01T00:00:00Z", put.text("/metadata/managedFields/0/time"));
        untilAnotherSecond();
        assertEquals(
                version,
                version(api.strategic(
                        path,
                        "{'spec': {'template': {'spec': {'containers': [{'name': 'c', 'resources': {'requests': {'cpu':"
                                + " '1000m'}}}]}}}}")));
        assertNotEquals(version, version(api.merge(path, "{'spec': {'replicas': 2}}")));
    }
}
