package io.keelson.apiserver.crd;

import static io.keelson.apiserver.crd.LiveServer.DEFINITIONS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.crd.LiveServer.Answer;
import io.keelson.apiserver.object.Json;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Definitions that nobody would write who means well: each gets an answer, and the server goes on as before. */
@ExtendWith(LiveServer.Extension.class)
final class HostileDefinitionsTest {
    private static ObjectNode definition(String group, ObjectNode schema) {
        ObjectNode definition =
                Json.object().put("apiVersion", "apiextensions.k8s.io/v1").put("kind", "CustomResourceDefinition");
        definition.putObject("metadata").put("name", "evils." + group);
        ObjectNode spec = definition.putObject("spec").put("group", group).put("scope", "Cluster");
        spec.putObject("names").put("plural", "evils").put("kind", "Evil");
        ObjectNode version = spec.putArray("versions")
                .addObject()
                .put("name", "v1")
                .put("served", true)
                .put("storage", true);
        version.putObject("schema").set("openAPIV3Schema", schema);
        return definition;
    }

    private static ObjectNode object(String group) {
        ObjectNode object = Json.object().put("apiVersion", group + "/v1").put("kind", "Evil");
        object.putObject("metadata").put("name", "e");
        return object;
    }

    @AfterEach
    void theServerStillServes(LiveServer api) {
        api.get("/api/v1/namespaces/default").succeeded();
        api.get("/apis").succeeded();
    }

    @Test
    void schemasOfGreatDepth(LiveServer api) {
        for (int depth : new int[] {100, 220, 400}) {
            String group = LiveServer.group();
            ObjectNode schema = Json.object().put("type", "object");
            ObjectNode place = schema;
            ObjectNode object = object(group);
            ObjectNode inside = object;
            for (int i = 0; i < depth; i++) {
                place = place.putObject("properties").putObject("a").put("type", "object");
                inside = inside.putObject("a");
            }
            Answer answer = api.create(DEFINITIONS, definition(group, schema));
            assertTrue(answer.code() < 500, answer.body().toString());
            if (answer.code() == 201) {
                Answer made = api.create("/apis/" + group + "/v1/evils", object);
                assertEquals(201, made.code(), made.message());
                assertEquals(200, api.get("/openapi/v3/apis/" + group + "/v1").code());
            } else {
                assertTrue(depth > 220, answer.message());
            }
        }
    }

    @Test
    void schemasThatReferToThemselves(LiveServer api) {
        String group = LiveServer.group();
        ObjectNode schema = Json.object().put("type", "object");
        schema.putObject("properties").putObject("a").put("$ref", "#");
        Answer answer = api.create(DEFINITIONS, definition(group, schema));
        assertEquals(422, answer.code());
        assertTrue(
                answer.message()
                        .contains(
                                "spec.versions[0].schema.openAPIV3Schema.properties[a].$ref: Forbidden: $ref is not supported"),
                answer.message());
    }

    @Test
    void choicesOfTwentyThousand(LiveServer api) {
        String group = LiveServer.group();
        ObjectNode schema = Json.object().put("type", "object");
        ArrayNode values = schema.putObject("properties")
                .putObject("a")
                .put("type", "string")
                .putArray("enum");
        for (int i = 0; i < 20_000; i++) {
            values.add("value-" + i);
        }
        api.create(DEFINITIONS, definition(group, schema)).succeeded();
        Answer made = api.create("/apis/" + group + "/v1/evils", object(group).put("a", "value-19999"));
        assertEquals(201, made.code(), made.message());
        assertEquals(
                422,
                api.merge("/apis/" + group + "/v1/evils/e", "{'a': 'none of them'}")
                        .code());
    }

    @Test
    void versionsByTheThousandAndColumnsToo(LiveServer api) {
        String group = LiveServer.group();
        ObjectNode definition = definition(group, Json.object().put("type", "object"));
        ArrayNode versions = (ArrayNode) definition.at("/spec/versions");
        ArrayNode columns = ((ObjectNode) versions.get(0)).putArray("additionalPrinterColumns");
        for (int i = 0; i < 2_000; i++) {
            columns.addObject().put("name", "C" + i).put("type", "string").put("jsonPath", "...*...*...*");
        }
        for (int i = 2; i <= 1_500; i++) {
            ObjectNode version = versions.addObject()
                    .put("name", "v" + i)
                    .put("served", true)
                    .put("storage", false);
            version.putObject("schema").putObject("openAPIV3Schema").put("type", "object");
        }
        Answer answer = api.create(DEFINITIONS, definition);
        assertTrue(answer.code() < 500, answer.message());
        if (answer.code() == 201) {
            api.create("/apis/" + group + "/v1/evils", object(group)).succeeded();
            assertEquals(
                    2_001,
                    api.table("/apis/" + group + "/v1/evils")
                            .at("/rows/0/cells")
                            .size());
            assertEquals(200, api.get("/apis/" + group + "/v777/evils/e").code());
            api.delete(DEFINITIONS + "/evils." + group).succeeded();
            api.await(DEFINITIONS + "/evils." + group, gone -> gone.code() == 404);
        }
    }

    @Test
    void patternsThatOthersChokeOn(LiveServer api) {
        String group = LiveServer.group();
        ObjectNode schema = Json.object().put("type", "object");
        schema.putObject("properties")
                .putObject("a")
                .put("type", "string")
                .put("pattern", "^(([a-z])+.)+[A-Z]([a-z])+$");
        api.create(DEFINITIONS, definition(group, schema)).succeeded();
        Answer refused =
                api.create("/apis/" + group + "/v1/evils", object(group).put("a", "a".repeat(100_000)));
        assertEquals(422, refused.code());
        ObjectNode broken = Json.object().put("type", "object");
        broken.putObject("properties").putObject("a").put("type", "string").put("pattern", "(");
        assertEquals(
                422,
                api.create(DEFINITIONS, definition(LiveServer.group(), broken)).code());
    }

    @Test
    void definitionsFullOfNonsense(LiveServer api) {
        for (String spec : new String[] {
            "{}",
            "{'versions': 7}",
            "{'versions': [null]}",
            "{'versions': [{'name': 'v1', 'schema': {'openAPIV3Schema': 'x'}}]}",
            "{'group': {}, 'names': [], 'scope': 1}",
            "{'group': 'x.example.com', 'scope': 'Cluster', 'names': {'plural': 'as', 'kind': 'A'}, 'versions': [{'name':"
                    + " 'v1', 'served': true, 'storage': true, 'schema': {'openAPIV3Schema': {'type': 'object',"
                    + " 'properties': {'a': {'type': 'array', 'items': [{}]}}}}}]}"
        }) {
            Answer answer = api.post(
                    DEFINITIONS,
                    "{'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition', 'metadata': {'name':"
                            + " 'as.x.example.com'}, 'spec': " + spec + "}");
            assertTrue(answer.code() == 400 || answer.code() == 422, answer.code() + " " + answer.body());
        }
    }
}
