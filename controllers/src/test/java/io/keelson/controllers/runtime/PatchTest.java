package io.keelson.controllers.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.testing.TestCluster;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PatchTest {
    private final TestCluster cluster = new TestCluster();
    private final String namespace = cluster.namespace();
    private final Calls calls = new Calls();
    private final KubernetesClient client =
            ApiClient.of(cluster.client().getConfiguration(), List.of(cluster.noting(), calls));

    /** Method and path of what was sent, in order. */
    private static final class Calls implements Interceptor {
        private final List<String> sent = new CopyOnWriteArrayList<>();

        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            sent.add(request.method() + ' ' + request.uri().getPath());
        }
    }

    @AfterEach
    void close() {
        client.close();
        cluster.close();
    }

    private ConfigMap map(String name, Map<String, String> data) {
        return cluster.client()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .endMetadata()
                        .withData(data)
                        .build())
                .create();
    }

    private Node node(String type, String status) {
        return cluster.client()
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName("patched-" + namespace)
                        .endMetadata()
                        .withNewStatus()
                        .withConditions(condition(type, status))
                        .endStatus()
                        .build())
                .create();
    }

    private static NodeCondition condition(String type, String status) {
        return new NodeConditionBuilder().withType(type).withStatus(status).build();
    }

    private String path(String name) {
        return "/api/v1/namespaces/" + namespace + "/configmaps/" + name;
    }

    @Test
    void aPatchIsOneCall() {
        ConfigMap seen = map("seen", Map.of("old", "1", "kept", "2"));
        ConfigMap merged = Patch.of(client, seen).merge(Map.of("data", Collections.singletonMap("old", null)));
        assertEquals(Map.of("kept", "2"), merged.getData());
        assertEquals(List.of("PATCH " + path("seen")), calls.sent);

        ConfigMap named = Patch.of(client, ConfigMap.class, new Key(namespace, "seen"))
                .merge(Map.of("data", Map.of("kept", "3")));
        assertEquals(Map.of("kept", "3"), named.getData());
        assertEquals(2, calls.sent.size(), calls.sent::toString);

        Patch.of(client, seen)
                .apply(
                        Map.of(
                                "apiVersion",
                                "v1",
                                "kind",
                                "ConfigMap",
                                "metadata",
                                Map.of("name", "seen"),
                                "data",
                                Map.of("kept", "4")),
                        "test");
        assertEquals(3, calls.sent.size(), calls.sent::toString);
        assertEquals(
                Map.of("kept", "4"),
                cluster.client()
                        .configMaps()
                        .inNamespace(namespace)
                        .withName("seen")
                        .get()
                        .getData());
    }

    @Test
    void aPatchOfTheStatusIsOneCall() {
        Node seen = node("Ready", "True");
        Node now = Patch.of(client, seen)
                .status()
                .strategic(Map.of("status", Map.of("conditions", List.of(condition("Full", "False")))));
        assertEquals(
                List.of("Full", "Ready"),
                now.getStatus().getConditions().stream()
                        .map(NodeCondition::getType)
                        .sorted()
                        .toList(),
                "what others say stays");
        String name = seen.getMetadata().getName();
        assertEquals(List.of("PATCH /api/v1/nodes/" + name + "/status"), calls.sent);
    }

    @Test
    void ofTheObjectOnlyTheNameCounts() {
        ConfigMap there = map("there", Map.of("a", "1"));
        ConfigMap changed = new ConfigMapBuilder(there)
                .editMetadata()
                .withUid("another")
                .withResourceVersion("1")
                .addToLabels("b", "2")
                .endMetadata()
                .withData(Map.of("a", "2"))
                .build();
        ConfigMap now = Patch.of(client, changed).merge(Map.of("data", Map.of("c", "3")));
        assertEquals(Map.of("a", "1", "c", "3"), now.getData());
        assertEquals(there.getMetadata().getLabels(), now.getMetadata().getLabels());
    }

    private static int code(Patch<?> patch, Map<String, Object> change) {
        return assertThrows(KubernetesClientException.class, () -> patch.merge(change))
                .getCode();
    }

    @Test
    void whatTheApiRefusesTheCallerHears() {
        ConfigMap there = map("there", Map.of("a", "1"));
        Map<String, Object> change = Map.of("data", Map.of("a", "2"));
        assertEquals(404, code(Patch.of(client, ConfigMap.class, new Key(namespace, "missing")), change));
        assertEquals(
                404,
                code(Patch.of(client, Pod.class, new Key(namespace, "missing")).status(), change));
        assertEquals(409, code(Patch.of(client, there), Map.of("metadata", Map.of("uid", "another"))));
        Patch.of(client, there).merge(change);
        String before = there.getMetadata().getResourceVersion();
        assertEquals(409, code(Patch.of(client, there), Map.of("metadata", Map.of("resourceVersion", before))));
        assertEquals(5, calls.sent.size(), "each is one call: " + calls.sent);
    }

    @Test
    void whatIsGoneIsNotMadeAgainByFieldsThatNameItsUid() {
        Map<String, Object> fields = Map.of(
                "apiVersion", "v1",
                "kind", "ConfigMap",
                "metadata", Map.of("name", "gone", "uid", "its"));
        Patch<ConfigMap> patch = Patch.of(client, ConfigMap.class, new Key(namespace, "gone"));
        assertEquals(
                409,
                assertThrows(KubernetesClientException.class, () -> patch.apply(fields, "test"))
                        .getCode());
        assertEquals(List.of("PATCH " + path("gone")), calls.sent);
    }
}
