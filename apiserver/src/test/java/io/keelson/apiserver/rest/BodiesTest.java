package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.rest.LiveApi.Answer;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What requests carry is what it should be for the path, or is refused. */
@ExtendWith(LiveApi.Extension.class)
class BodiesTest {
    private final LiveApi api;
    private final String namespace;

    BodiesTest(LiveApi api) {
        this.api = api;
        this.namespace = api.namespace();
    }

    private String path(String group, String resource) {
        return group + "/namespaces/" + namespace + "/" + resource;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "apps/v1 | Deployment | Deployment in version \"v1\" cannot be handled as a ReplicaSet: converting (v1.Deployment) to (apps.ReplicaSet): unknown conversion",
                "v1 | Pod | Pod in version \"v1\" cannot be handled as a ReplicaSet: converting (v1.Pod) to (apps.ReplicaSet): unknown conversion",
                "apps/v1 | Foo | Foo in version \"v1\" cannot be handled as a ReplicaSet: no kind \"Foo\" is registered for version \"apps/v1\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"",
                "v1 | ReplicaSet | ReplicaSet in version \"v1\" cannot be handled as a ReplicaSet: no kind \"ReplicaSet\" is registered for version \"v1\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"",
                "a/b/c | ReplicaSet | unexpected GroupVersion string: a/b/c",
            })
    void anotherKindIsRefused(String version, String kind, String message) {
        Answer answer = api.post(
                path("/apis/apps/v1", "replicasets"),
                "{'apiVersion': '" + version + "', 'kind': '" + kind + "', 'metadata': {'name': 'a'}}");
        assertEquals(400, answer.code());
        assertEquals(message, answer.message());
    }

    @Test
    void anotherVersionIsRefused() {
        Answer answer = api.post(
                path("/apis/autoscaling/v2", "horizontalpodautoscalers"),
                "{'apiVersion': 'autoscaling/v1', 'kind': 'HorizontalPodAutoscaler', 'metadata': {'name': 'a'}}");
        assertEquals(400, answer.code());
        assertEquals(
                "the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)",
                answer.message());
    }

    @Test
    void customObjectOfAnotherKindIsInvalid() {
        String group = namespace + ".example.com";
        api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
                        {'metadata': {'name': 'things.%1$s'}, 'spec': {'group': '%1$s', 'scope': 'Namespaced',
                         'names': {'plural': 'things', 'kind': 'Thing'}, 'versions': [{'name': 'v1', 'served': true,
                         'storage': true, 'schema': {'openAPIV3Schema': {'type': 'object'}}}]}}""".formatted(group))
                .succeeded();
        String things = path("/apis/" + group + "/v1", "things");
        LimitedUser.await(() -> api.get(things).code() == 200);
        Answer answer =
                api.post(things, "{'apiVersion': '" + group + "/v1', 'kind': 'Other', 'metadata': {'name': 'a'}}");
        assertEquals(422, answer.code());
        assertEquals(
                "Other." + group + " \"a\" is invalid: kind: Invalid value: \"Other\": must be Thing",
                answer.message());
    }

    private String map(String name) {
        String maps = path("/api/v1", "configmaps");
        api.post(maps, "{'metadata': {'name': '" + name + "'}}").succeeded();
        return maps + "/" + name;
    }

    @Test
    void optionsOfADeletionAreInAFormatThatIsKnown() {
        String map = map("a");
        Answer unknown = api.send("DELETE", map, "text/plain", "{'propagationPolicy': 'Background'}");
        assertEquals(415, unknown.code());
        assertEquals("UnsupportedMediaType", unknown.reason());
        Answer pod = api.send("DELETE", map, "application/json", "{'apiVersion': 'v1', 'kind': 'Pod'}");
        assertEquals(400, pod.code());
        assertEquals("decoded object cannot be converted to DeleteOptions", pod.message());
        assertEquals(200, api.get(map).code());
        assertEquals(
                200,
                api.send("DELETE", map, "application/yaml", "kind: DeleteOptions\napiVersion: v1\n")
                        .code());
    }

    @Test
    void graceBelowZeroIsASecond() {
        String pods = path("/api/v1", "pods");
        api.post(pods, """
                        {'metadata': {'name': 'p'}, 'spec': {'nodeName': 'n', 'automountServiceAccountToken': false,
                         'containers': [{'name': 'c', 'image': 'i'}]}}""").succeeded();
        Instant before = Instant.now();
        Answer answer = api.delete(pods + "/p?gracePeriodSeconds=-5").succeeded();
        assertEquals(1, answer.at("/metadata/deletionGracePeriodSeconds").asInt());
        Duration until = Duration.between(before, Instant.parse(answer.text("/metadata/deletionTimestamp")));
        assertTrue(until.toSeconds() < 10, until::toString);
    }

    @Test
    void aLimitRangeNeedsNoName() {
        String ranges = path("/api/v1", "limitranges");
        String name = api.post(ranges, "{'metadata': {}, 'spec': {'limits': []}}")
                .succeeded()
                .text("/metadata/name");
        assertEquals(name, api.get(ranges + "/" + name).succeeded().text("/metadata/name"));
    }
}
