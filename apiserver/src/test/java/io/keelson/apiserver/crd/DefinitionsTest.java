package io.keelson.apiserver.crd;

import static io.keelson.apiserver.crd.LiveServer.DEFINITIONS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.crd.LiveServer.Answer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whose names are free, and how a kind ends. */
@ExtendWith(LiveServer.Extension.class)
final class DefinitionsTest {
    private static String definition(String group, String plural, String names) {
        return """
                {'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition',
                 'metadata': {'name': '%2$s.%1$s'},
                 'spec': {'group': '%1$s', 'scope': 'Cluster', 'names': {'plural': '%2$s', %3$s},
                  'versions': [{'name': 'v1', 'served': true, 'storage': true,
                    'schema': {'openAPIV3Schema': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': true}}}]}}""".formatted(group, plural, names);
    }

    @Test
    void aKindThatIsTakenHasToWaitUntilItIsFree(LiveServer api) {
        String group = LiveServer.group();
        api.define(definition(group, "firsts", "'kind': 'Thing', 'shortNames': ['th']"));
        api.post(DEFINITIONS, definition(group, "seconds", "'kind': 'Thing', 'shortNames': ['th', 'firsts']"))
                .succeeded();
        String second = DEFINITIONS + "/seconds." + group;
        JsonNode refused = api.await(
                        second,
                        answer -> LiveServer.condition(answer.body(), "NamesAccepted")
                                .equals("False"))
                .body();
        JsonNode condition = LiveServer.conditionOf(refused, "NamesAccepted");
        assertEquals("ListKindConflict", condition.path("reason").asText());
        assertEquals(
                "\"ThingList\" is already in use", condition.path("message").asText());
        assertEquals(
                "NotAccepted",
                LiveServer.conditionOf(refused, "Established").path("reason").asText());
        assertEquals(404, api.get("/apis/" + group + "/v1/seconds").code());
        api.get("/apis/" + group + "/v1/firsts").succeeded();

        api.delete(DEFINITIONS + "/firsts." + group).succeeded();
        api.await(
                second,
                answer -> LiveServer.condition(answer.body(), "Established").equals("True"));
        api.get("/apis/" + group + "/v1/seconds").succeeded();
        api.await("/apis/" + group + "/v1/firsts", answer -> answer.code() == 404);
    }

    @Test
    void namesOfBuiltInKindsAreTaken(LiveServer api) {
        String group = "networking.k8s.io";
        String json = definition(group, "ingressroutes", "'kind': 'Ingress', 'shortNames': ['netpol']")
                .replace(
                        "'metadata': {",
                        "'metadata': {'annotations': {'api-approved.kubernetes.io': 'https://example.com/approval'}, ");
        api.post(DEFINITIONS, json).succeeded();
        JsonNode refused = api.await(
                        DEFINITIONS + "/ingressroutes." + group,
                        answer -> LiveServer.condition(answer.body(), "NamesAccepted")
                                .equals("False"))
                .body();
        JsonNode condition = LiveServer.conditionOf(refused, "NamesAccepted");
        assertEquals("ListKindConflict", condition.path("reason").asText());
        assertEquals("", refused.at("/status/acceptedNames/kind").asText());
        assertEquals(
                "approved in https://example.com/approval",
                LiveServer.conditionOf(refused, "KubernetesAPIApprovalPolicyConformant")
                        .path("message")
                        .asText());
        api.get("/apis/networking.k8s.io/v1/ingresses").succeeded();
    }

    @Test
    void aDeletedKindTakesItsObjectsAlongOnceNothingHoldsThem(LiveServer api) {
        String group = LiveServer.group();
        api.define(definition(group, "goners", "'kind': 'Goner'"));
        String objects = "/apis/" + group + "/v1/goners";
        for (int i = 0; i < 20; i++) {
            api.post(objects, "{'apiVersion': '" + group + "/v1', 'kind': 'Goner', 'metadata': {'name': 'g" + i + "'}}")
                    .succeeded();
        }
        api.post(
                        objects,
                        "{'apiVersion': '" + group + "/v1', 'kind': 'Goner', 'metadata': {'name': 'held', 'finalizers':"
                                + " ['example.com/hold']}}")
                .succeeded();
        String path = DEFINITIONS + "/goners." + group;
        ObjectNode deleted = api.delete(path).object();
        assertEquals(
                "[\"customresourcecleanup.apiextensions.k8s.io\"]",
                deleted.at("/metadata/finalizers").toString());
        assertEquals("True", LiveServer.condition(deleted, "Terminating"));
        api.await(objects, answer -> answer.code() == 200 && answer.at("/items").size() == 1);
        Answer refused =
                api.post(objects, "{'apiVersion': '" + group + "/v1', 'kind': 'Goner', 'metadata': {'name': 'late'}}");
        assertEquals(405, refused.code());
        assertEquals("create not allowed while custom resource definition is terminating", refused.message());
        assertEquals(
                "InstanceDeletionInProgress",
                LiveServer.conditionOf(api.get(path).object(), "Terminating")
                        .path("reason")
                        .asText());
        JsonNode kind = api.get("/apis/" + group + "/v1").at("/resources/0");
        assertEquals("goners", kind.path("name").asText());
        assertEquals(
                "[\"delete\",\"deletecollection\",\"get\",\"list\",\"watch\"]",
                kind.path("verbs").toString());
        api.delete(objects).succeeded();
        api.merge(objects + "/held", "{'metadata': {'finalizers': null}}").succeeded();
        api.await(path, answer -> answer.code() == 404);
        api.await(objects, answer -> answer.code() == 404);
        // Nothing of it comes back with a definition of the same name.
        api.define(definition(group, "goners", "'kind': 'Goner'"));
        assertEquals(0, api.get(objects).at("/items").size());
    }

    @Test
    void aChangeOfADefinitionIsOfOneThatWasSeen(LiveServer api) {
        String group = LiveServer.group();
        ObjectNode definition = api.define(definition(group, "blinds", "'kind': 'Blind'"));
        String path = DEFINITIONS + "/blinds." + group;
        ObjectNode blind = definition.deepCopy();
        ((ObjectNode) blind.path("metadata")).remove("resourceVersion");
        for (String of : List.of(path, path + "/status")) {
            Answer refused = api.put(of, blind);
            assertEquals(422, refused.code());
            assertTrue(
                    refused.message()
                            .contains("metadata.resourceVersion: Invalid value: 0: must be specified for an update"),
                    refused.message());
        }
        api.merge(path, "{'metadata': {'labels': {'a': 'b'}}}").succeeded();
        api.delete(path).succeeded();
    }

    private static List<String> warnings(Answer answer) {
        return answer.succeeded().response().headers().allValues("Warning");
    }

    @Test
    void formatsThatNobodyKnowsAreWarnedOfWhenTheyCome(LiveServer api) {
        String group = LiveServer.group();
        String path = DEFINITIONS + "/formed." + group;
        String properties = "'properties': {'a': {'type': 'string', 'format': 'foo'}, 'b': {'type': 'string', 'format':"
                + " 'date-time'}, 'c': {'type': 'integer', 'format': 'int32'}}";
        Answer made = api.post(
                DEFINITIONS,
                definition(group, "formed", "'kind': 'Formed'")
                        .replace("'x-kubernetes-preserve-unknown-fields': true", properties));
        assertEquals(List.of("299 - \"unrecognized format \\\"foo\\\"\""), warnings(made));
        assertEquals(List.of(), warnings(api.merge(path, "{'metadata': {'labels': {'a': 'b'}}}")));
        String schema = "/spec/versions/0/schema/openAPIV3Schema/properties/";
        assertEquals(
                List.of("299 - \"unrecognized format \\\"bar\\\"\""),
                warnings(api.patch(
                        path,
                        "application/json-patch+json",
                        "[{'op': 'add', 'path': '" + schema + "d', 'value': {'type': 'string', 'format': 'foo'}},"
                                + " {'op': 'add', 'path': '" + schema
                                + "e', 'value': {'type': 'string', 'format': 'bar'}}]")));
        assertEquals(List.of(), warnings(api.merge(path, "{'metadata': {'labels': {'a': 'c'}}}")));
        assertEquals(
                List.of(),
                warnings(api.patch(
                        path + "/status",
                        "application/json-patch+json",
                        "[{'op': 'replace', 'path': '" + schema + "e/format', 'value': 'baz'}]")));
        assertEquals("bar", api.get(path).text(schema + "e/format"));
        api.delete(path).succeeded();
    }
}
