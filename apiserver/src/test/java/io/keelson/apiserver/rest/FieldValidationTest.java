package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.rest.LiveApi.Answer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields that a built-in kind does not have are dropped, and told of as it was asked for. */
@ExtendWith(LiveApi.Extension.class)
class FieldValidationTest {
    private static final String ODD = "{'metadata': {'name': 'odd'}, 'data': {'a': 'b'}, 'nonsense': true}";
    private static final String UNKNOWN = "unknown field \"nonsense\"";
    private static final String REFUSED =
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: " + UNKNOWN;
    private static final String WARNING = "299 - \"unknown field \\\"nonsense\\\"\"";

    private static final String WEB = """
            {'metadata': {'name': 'web'}, 'spec': {'replicas': 1, 'selector': {'matchLabels': {'a': 'b'}}, 'template':
             {'metadata': {'labels': {'a': 'b'}}, 'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}}}""";
    private static final String JSON_PATCH = "application/json-patch+json";
    private static final String MERGE_PATCH = "application/merge-patch+json";
    private static final String STRATEGIC_PATCH = "application/strategic-merge-patch+json";
    private static final String APPLY_PATCH = "application/apply-patch+yaml";
    private static final String SPEC = "{'spec': {'foo': {'a': 1}, 'replicas': 2, 'replicas': 3}}";

    private final LiveApi api;
    private final String maps;
    private final String deployments;
    private final String web;

    FieldValidationTest(LiveApi api) {
        this.api = api;
        String namespace = api.namespace();
        maps = "/api/v1/namespaces/" + namespace + "/configmaps";
        deployments = "/apis/apps/v1/namespaces/" + namespace + "/deployments";
        web = deployments + "/web";
    }

    /**
     * A patch of a Deployment with a field that there is not and one that stands there twice.
     *
     * @param shown what the answer shows of it, or how that begins
     */
    record Faulty(String type, String body, String shown, List<String> problems) {
        List<String> warnings() {
            return problems.stream()
                    .map(problem -> "299 - \"" + problem.replace("\"", "\\\"") + "\"")
                    .toList();
        }
    }

    static List<Faulty> faulty() {
        List<String> problems = List.of("duplicate field \"spec.replicas\"", "unknown field \"spec.foo\"");
        return List.of(
                new Faulty(
                        JSON_PATCH,
                        "[{'op': 'add', 'path': '/spec/foo', 'value': {'a': 1}},"
                                + " {'op': 'replace', 'path': '/spec/replicas', 'value': 2, 'value': 3, 'with': 4}]",
                        "\"{",
                        List.of(
                                "json patch duplicate field \"[1].value\"",
                                "json patch unknown field \"[1].with\"",
                                "unknown field \"spec.foo\"")),
                new Faulty(MERGE_PATCH, SPEC, "\"{", problems),
                new Faulty(STRATEGIC_PATCH, SPEC, "\"map[spec:map[foo:map[a:1] replicas:3]]\": ", problems));
    }

    private static List<String> warnings(Answer answer) {
        return answer.response().headers().allValues("Warning");
    }

    @ParameterizedTest
    @CsvSource({"'', true", "?fieldValidation=Warn, true", "?fieldValidation=Ignore, false"})
    void theyAreDropped(String query, boolean told) {
        Answer made = api.post(maps + query, ODD).succeeded();
        assertFalse(made.body().has("nonsense"));
        assertEquals(told ? WARNING : "", made.header("Warning"));
        ObjectNode changed = made.body();
        changed.put("nonsense", 1);
        Answer updated = api.put(maps + "/odd" + query, changed).succeeded();
        assertFalse(updated.body().has("nonsense"));
        assertEquals(told ? WARNING : "", updated.header("Warning"));
        assertFalse(api.get(maps + "/odd").body().has("nonsense"));
    }

    @Test
    void strictlyTheyAreRefused() {
        String strict = "?fieldValidation=Strict";
        refused(api.post(maps + strict, ODD));
        assertEquals(404, api.get(maps + "/odd").code());
        ObjectNode changed = api.post(maps, ODD).succeeded().body();
        changed.put("nonsense", 1).withObject("/data").put("a", "c");
        refused(api.put(maps + "/odd" + strict, changed));
        assertEquals("b", api.get(maps + "/odd").text("/data/a"));
    }

    private static void refused(Answer answer) {
        assertEquals(400, answer.code(), answer.body()::toString);
        assertEquals("BadRequest", answer.reason());
        assertEquals(REFUSED, answer.message());
    }

    @ParameterizedTest
    @MethodSource("faulty")
    void whatIsWrongWithPatchesIsToldOfUnlessItIsToBeIgnored(Faulty patch) {
        for (String query : List.of("", "?fieldValidation=Warn", "?fieldValidation=Ignore")) {
            api.post(deployments, WEB).succeeded();
            Answer patched =
                    api.send("PATCH", web + query, patch.type(), patch.body()).succeeded();
            assertEquals(3, patched.at("/spec/replicas").asInt(), query);
            assertFalse(patched.at("/spec").has("foo"), query);
            assertEquals(query.endsWith("Ignore") ? List.of() : patch.warnings(), warnings(patched), query);
            api.delete(web).succeeded();
        }
    }

    @ParameterizedTest
    @MethodSource("faulty")
    void strictlyWhatComesOfSuchPatchesIsRefused(Faulty patch) {
        api.post(deployments, WEB).succeeded();
        Answer answer = api.send("PATCH", web + "?fieldValidation=Strict", patch.type(), patch.body());
        assertEquals(422, answer.code(), answer.body()::toString);
        assertEquals("Invalid", answer.reason());
        String start = " \"\" is invalid: patch: Invalid value: " + patch.shown();
        assertTrue(answer.message().startsWith(start), answer.message());
        String end = "\": strict decoding error: " + String.join(", ", patch.problems());
        assertTrue(answer.message().endsWith(end), answer.message());
        assertEquals("FieldValueInvalid", answer.text("/details/causes/0/reason"));
        assertEquals("patch", answer.text("/details/causes/0/field"));
        assertEquals(List.of(), warnings(answer));
        assertEquals(1, api.get(web).at("/spec/replicas").asInt());
    }

    @ParameterizedTest
    @ValueSource(strings = {JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH})
    void aPatchThatPutsAValueWhereItCannotBeIsRefusedHoweverFieldsAreValidated(String type) {
        api.post(deployments, WEB).succeeded();
        String body = type.equals(JSON_PATCH)
                ? "[{'op': 'replace', 'path': '/spec/replicas', 'value': 'many'}]"
                : "{'spec': {'replicas': 'many'}}";
        for (String validation : List.of("Ignore", "Warn", "Strict")) {
            Answer answer = api.send("PATCH", web + "?fieldValidation=" + validation, type, body);
            assertEquals(422, answer.code(), answer.body()::toString);
            assertTrue(answer.message().startsWith(" \"\" is invalid: patch: Invalid value: \""), answer.message());
            assertEquals("patch", answer.text("/details/causes/0/field"));
        }
        assertEquals(1, api.get(web).at("/spec/replicas").asInt());
    }

    @Test
    void patchesOfAScaleAreHeldToItsOwnFields() {
        api.post(deployments, WEB).succeeded();
        String patch = "{'spec': {'replicas': 2, 'paused': true}}";
        Answer answer = api.send("PATCH", web + "/scale?fieldValidation=Strict", MERGE_PATCH, patch);
        assertEquals(422, answer.code(), answer.body()::toString);
        assertTrue(
                answer.message().endsWith("\": strict decoding error: unknown field \"spec.paused\""),
                answer.message());
        Answer warned = api.merge(web + "/scale", patch).succeeded();
        assertEquals(List.of("299 - \"unknown field \\\"spec.paused\\\"\""), warnings(warned));
        assertEquals(2, api.get(web).at("/spec/replicas").asInt());
    }

    @Test
    void keysThatStandTwiceInAConfigurationAreToldOfByTheirLines() {
        api.post(deployments, WEB).succeeded();
        String config = """
                apiVersion: apps/v1
                kind: Deployment
                metadata:
                  labels:
                    x: '1'
                    x: '2'
                  annotations:
                    z: '1'
                    z: '2'
                """;
        String path = web + "?fieldManager=m&fieldValidation=";
        String first = "line 6: key \"x\" already set in map";
        String second = "line 9: key \"z\" already set in map";
        Answer strict = api.send("PATCH", path + "Strict", APPLY_PATCH, config);
        assertEquals(400, strict.code(), strict.body()::toString);
        assertEquals("BadRequest", strict.reason());
        assertEquals(
                "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  " + first
                        + "\n  " + second,
                strict.message());
        assertEquals("", api.get(web).text("/metadata/labels/x"));
        Answer warned = api.send("PATCH", path + "Warn", APPLY_PATCH, config).succeeded();
        assertEquals(
                List.of(
                        "299 - \"" + first.replace("\"", "\\\"") + "\"",
                        "299 - \"" + second.replace("\"", "\\\"") + "\""),
                warnings(warned));
        assertEquals("2", warned.text("/metadata/labels/x"));
        Answer ignored = api.send("PATCH", path + "Ignore", APPLY_PATCH, config).succeeded();
        assertEquals(List.of(), warnings(ignored));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Ignore", "Warn", "Strict"})
    void aConfigurationCannotHaveFieldsThatThereAreNot(String validation) {
        api.post(deployments, WEB).succeeded();
        Answer answer = api.send(
                "PATCH",
                web + "?fieldManager=m&fieldValidation=" + validation,
                APPLY_PATCH,
                "{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'spec': {'foo': 1}}");
        assertEquals(500, answer.code(), answer.body()::toString);
        assertTrue(answer.message().startsWith("failed to create typed patch object ("), answer.message());
        assertTrue(answer.message().endsWith("): .spec.foo: field not declared in schema"), answer.message());
    }

    @Test
    void aWayThatThereIsNotIsRefused() {
        Answer answer = api.post(maps + "?fieldValidation=Some", ODD);
        assertEquals(422, answer.code(), answer.body()::toString);
        assertEquals("fieldValidation", answer.text("/details/causes/0/field"));
    }
}
