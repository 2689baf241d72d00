package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.rest.LiveApi.Answer;
import io.keelson.apiserver.store.TestEtcd;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is a new generation of an object, and what only looks like one. */
@ExtendWith(LiveApi.Extension.class)
class GenerationTest {
    private static final List<LongFunction<JsonNode>> TYPES = List.of(
            number -> IntNode.valueOf((int) number),
            LongNode::valueOf,
            number -> BigIntegerNode.valueOf(BigInteger.valueOf(number)));

    private static final StoredObjects STORED = new StoredObjects(MediaType.JSON);

    private final LiveApi api;

    GenerationTest(LiveApi api) {
        this.api = api;
    }

    /** Whole numbers become what the function makes of them. */
    private static JsonNode with(JsonNode node, LongFunction<JsonNode> numbers) {
        if (node instanceof ObjectNode object) {
            object.properties().forEach(field -> field.setValue(with(field.getValue(), numbers)));
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, with(array.get(i), numbers));
            }
        }
        return node.isIntegralNumber() && node.canConvertToInt() ? numbers.apply(node.longValue()) : node;
    }

    @Test
    void numbersAreTheSameInWhateverTypeTheyAreHeld() {
        for (Resource resource : BuiltInKinds.resources()) {
            ObjectNode bare = Json.object()
                    .put("kind", resource.kind().kind())
                    .put("apiVersion", resource.storedAs().toString());
            bare.putObject("metadata").put("name", "a");
            bare.putObject("spec");
            ObjectNode old = STORED.decode(resource, Json.encode(bare));
            for (LongFunction<JsonNode> type : TYPES) {
                ObjectNode object = (ObjectNode) with(old.deepCopy(), type);
                assertTrue(Update.wantTheSame(resource.strategy(), object, old), () -> resource + ": " + object);
            }
            ObjectNode more = (ObjectNode) with(old.deepCopy(), number -> IntNode.valueOf((int) number + 1));
            boolean numbered = !Json.text(more.path("spec")).equals(Json.text(old.path("spec")));
            if (numbered) {
                assertFalse(Update.wantTheSame(resource.strategy(), more, old), resource::toString);
            }
        }
    }

    @Test
    void whatWasStoredWithoutADefaultIsTheSameWithIt(@TempDir Path folder) throws Exception {
        try (TestEtcd etcd = TestEtcd.embedded(folder);
                TestRest server = TestRest.on(etcd, TestRest.ALL, InstantSource.system())) {
            assertNotEquals(
                    0,
                    server.store()
                            .create(TestRest.PREFIX + "/jobs/default/once", """
                    {"kind":"Job","apiVersion":"batch/v1","metadata":{"name":"once","namespace":"default","uid":"1-2-3",
                      "generation":1,"creationTimestamp":"2026-05-01T12:00:00Z"},"spec":{"manualSelector":true,
                      "selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{
                      "restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}""".getBytes(StandardCharsets.UTF_8), 0));
            ObjectNode job = Objects.requireNonNull(server.rest()
                    .update(
                            server.rest().resource("batch", "jobs"),
                            "default",
                            "once",
                            there -> Json.parseObject(Json.encode(there))));
            assertEquals(1, job.at("/spec/completions").asInt());
            assertEquals(1, job.at("/metadata/generation").asInt());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            batch/v1 | jobs | completions parallelism backoffLimit | {'template': {'metadata': {'labels': {'a': 'b'}}, 'spec': {'restartPolicy': 'Never', \
'containers': [{'name': 'c', 'image': 'i'}]}}}
            batch/v1 | cronjobs | successfulJobsHistoryLimit failedJobsHistoryLimit | {'schedule': '@daily', \
'jobTemplate': {'spec': {'template': {'spec': {'restartPolicy': 'Never', 'containers': [{'name': 'c', 'image': 'i'}]}}}}}
            apps/v1 | deployments | replicas strategy revisionHistoryLimit progressDeadlineSeconds | {'selector': \
{'matchLabels': {'a': 'b'}}, 'template': {'metadata': {'labels': {'a': 'b'}}, 'spec': {'containers': [{'name': 'c', \
'image': 'i'}]}}}
            apps/v1 | daemonsets | updateStrategy revisionHistoryLimit | {'selector': {'matchLabels': {'a': 'b'}}, \
'template': {'metadata': {'labels': {'a': 'b'}}, 'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}}
            apps/v1 | statefulsets | replicas updateStrategy revisionHistoryLimit | {'serviceName': 's', 'selector': \
{'matchLabels': {'a': 'b'}}, 'template': {'metadata': {'labels': {'a': 'b'}}, 'spec': {'containers': [{'name': 'c', \
'image': 'i'}]}}}
            autoscaling/v2 | horizontalpodautoscalers | minReplicas metrics | {'maxReplicas': 3, 'scaleTargetRef': \
{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'name': 'web'}}
            policy/v1 | poddisruptionbudgets | - | {'minAvailable': 1, 'selector': {'matchLabels': {'a': 'b'}}}
            """)
    void whatIsReadMayBeSentBackAndDefaultsLeftOutAgain(String version, String kind, String defaults, String spec) {
        String all = "/apis/" + version + "/namespaces/" + api.namespace() + "/" + kind;
        Answer created = api.post(all, "{'metadata': {'name': 'web'}, 'spec': " + spec + "}")
                .succeeded();
        String path = all + "/web";
        Answer same = api.put(path, created.body()).succeeded();
        assertEquals(created.text("/metadata/resourceVersion"), same.text("/metadata/resourceVersion"));
        ObjectNode less = created.body().deepCopy();
        ((ObjectNode) less.path("spec")).remove(List.of(defaults.split(" ", -1)));
        Answer again = api.put(path, less).succeeded();
        assertEquals(created.at("/spec"), again.at("/spec"));
        assertEquals(created.at("/metadata/generation"), again.at("/metadata/generation"));
        assertEquals(created.text("/metadata/resourceVersion"), again.text("/metadata/resourceVersion"));
    }
}
