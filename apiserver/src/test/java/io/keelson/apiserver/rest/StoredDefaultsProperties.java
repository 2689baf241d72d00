package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.resource.Resource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Objects that were stored without some of their fields, as they are read. */
class StoredDefaultsProperties {
    private static final StoredObjects STORED = new StoredObjects(MediaType.JSON);
    private static final Resource PODS = resource("pods");
    private static final String POD = """
            {"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","namespace":"default","generation":3,
              "resourceVersion":"7"},"spec":{
              "hostNetwork":true,"overhead":{"cpu":"1000m"},
              "volumes":[{"name":"none"},{"name":"s","secret":{"secretName":"s"}},{"name":"p","projected":{"sources":[
                {"serviceAccountToken":{"path":"t"}},{"downwardAPI":{"items":[{"path":"l",
                 "fieldRef":{"fieldPath":"metadata.labels"}}]}}]}}],
              "containers":[{"name":"c","image":"i:1","ports":[{"containerPort":80}],
                "env":[{"name":"n","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],
                "resources":{"limits":{"cpu":"0.5","memory":"1024Mi"},"requests":{"memory":"1Gi"}},
                "livenessProbe":{"httpGet":{"port":80}},"lifecycle":{"preStop":{"httpGet":{"port":80}}}}]},
             "status":{"podIP":"10.0.0.1"}}""";

    private static Resource resource(String name) {
        return BuiltInKinds.resources().stream()
                .filter(resource -> resource.name().resource().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Takes fields away, anywhere. */
    private static void thin(JsonNode node, Random random) {
        if (node instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                boolean type = name.equals("kind") || name.equals("apiVersion");
                if (!type && random.nextInt(6) == 0) {
                    object.remove(name);
                } else {
                    thin(object.get(name), random);
                }
            }
        } else if (node instanceof ArrayNode array) {
            array.forEach(element -> thin(element, random));
        }
    }

    @Property(tries = 500)
    void whatIsFilledInTwiceIsWhatIsFilledInOnce(@ForAll long seed) {
        ObjectNode thinned = Json.parseObject(POD.getBytes(StandardCharsets.UTF_8));
        thin(thinned, new Random(seed));
        ObjectNode once = STORED.decode(PODS, Json.encode(thinned));
        byte[] written = STORED.encode(PODS, once);
        assertEquals(thinned.at("/metadata/generation"), once.at("/metadata/generation"));
        assertEquals(thinned.at("/metadata/resourceVersion"), once.at("/metadata/resourceVersion"));
        assertEquals(Json.text(once), Json.text(STORED.decode(PODS, written)));
        byte[] protobuf = new StoredObjects(MediaType.PROTOBUF).encode(PODS, once);
        assertEquals(Json.parse(written), Json.parse(Json.encode(STORED.decode(PODS, protobuf))));
    }

    @Example
    void everyBuiltInKindIsReadTheSameWhenWrittenAgain() {
        for (Resource resource : BuiltInKinds.resources()) {
            ObjectNode bare = Json.object()
                    .put("kind", resource.kind().kind())
                    .put("apiVersion", resource.storedAs().toString());
            bare.putObject("metadata").put("name", "a");
            ObjectNode once = STORED.decode(resource, Json.encode(bare));
            ObjectNode again = STORED.decode(resource, STORED.encode(resource, once));
            assertEquals(Json.text(once), Json.text(again), resource.toString());
        }
    }

    @Example
    void olderVersionsGetTheDefaultsOfTheirOwnAndOfTheOneThatIsWorkedOn() {
        byte[] stored = """
                {"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v1","metadata":{"name":"a"},
                 "spec":{"scaleTargetRef":{"kind":"Deployment","name":"d"},"maxReplicas":3}}""".getBytes(StandardCharsets.UTF_8);
        ObjectNode scaler = STORED.decode(resource("horizontalpodautoscalers"), stored);
        assertEquals("autoscaling/v2", scaler.path("apiVersion").asText());
        assertEquals(1, scaler.at("/spec/minReplicas").asInt());
        assertEquals(
                80,
                scaler.at("/spec/metrics/0/resource/target/averageUtilization").asInt());
    }

    /** One object that somebody has broken must not hide all others of its kind. */
    @Example
    void amountsThatAreNoneDoNotKeepAnObjectFromBeingRead() {
        byte[] stored = """
                {"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i",
                 "resources":{"limits":{"cpu":"much"}}}]}}""".getBytes(StandardCharsets.UTF_8);
        ObjectNode pod = STORED.decode(PODS, stored);
        assertEquals("much", pod.at("/spec/containers/0/resources/limits/cpu").asText());
        assertEquals("Always", pod.at("/spec/restartPolicy").asText());
        assertFalse(pod.at("/spec/containers/0/terminationMessagePath").isMissingNode());
    }
}
