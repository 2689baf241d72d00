package io.keelson.apiserver.crd;

import static io.keelson.apiserver.crd.LiveServer.DEFINITIONS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.crd.LiveServer.Answer;
import io.keelson.apiserver.object.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a client sees of custom kinds, over HTTPS. */
@ExtendWith(LiveServer.Extension.class)
final class CustomKindsTest {
    private static final String WIDGET_SCHEMA = """
            {'type': 'object', 'description': 'A thing.', 'required': ['spec'], 'properties': {
              'spec': {'type': 'object', 'description': 'What is wanted.', 'properties': {
                'size': {'type': 'integer', 'minimum': 1, 'maximum': 9, 'default': 3},
                'color': {'type': 'string', 'enum': ['red', 'green'], 'description': 'How it looks.'},
                'note': {'type': 'string', 'nullable': true},
                'port': {'x-kubernetes-int-or-string': true},
                'replicas': {'type': 'integer'},
                'tags': {'type': 'array', 'x-kubernetes-list-type': 'set', 'items': {'type': 'string'}},
                'parts': {'type': 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'],
                  'items': {'type': 'object', 'required': ['name'], 'properties': {
                    'name': {'type': 'string'}, 'count': {'type': 'integer', 'default': 1}}}},
                'free': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': true},
                'template': {'type': 'object', 'x-kubernetes-embedded-resource': true,
                  'x-kubernetes-preserve-unknown-fields': true}}},
              'status': {'type': 'object', 'properties': {
                'replicas': {'type': 'integer'}, 'selector': {'type': 'string'},
                'conditions': {'type': 'array', 'items': {'type': 'object', 'properties': {
                  'type': {'type': 'string'}, 'status': {'type': 'string'}}}}}}}}
            """;

    private static String widgets(String group) {
        return """
                {'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition',
                 'metadata': {'name': 'widgets.%1$s'},
                 'spec': {'group': '%1$s', 'scope': 'Namespaced',
                  'names': {'plural': 'widgets', 'kind': 'Widget', 'shortNames': ['wd'], 'categories': ['things']},
                  'versions': [{'name': 'v1', 'served': true, 'storage': true,
                    'subresources': {'status': {}, 'scale': {'specReplicasPath': '.spec.replicas',
                      'statusReplicasPath': '.status.replicas', 'labelSelectorPath': '.status.selector'}},
                    'selectableFields': [{'jsonPath': '.spec.color'}],
                    'additionalPrinterColumns': [
                      {'name': 'Size', 'type': 'integer', 'jsonPath': '.spec.size'},
                      {'name': 'Ready', 'type': 'string', 'jsonPath': '.status.conditions[?(@.type==\\"Ready\\")].status'},
                      {'name': 'Age', 'type': 'date', 'jsonPath': '.metadata.creationTimestamp', 'priority': 1}],
                    'schema': {'openAPIV3Schema': %2$s}}]}}""".formatted(group, WIDGET_SCHEMA);
    }

    private static String objects(String group) {
        return "/apis/" + group + "/v1/namespaces/default/widgets";
    }

    private static String widget(String group, String name, String spec) {
        return "{'apiVersion': '" + group + "/v1', 'kind': 'Widget', 'metadata': {'name': '" + name + "'}, 'spec': "
                + spec + "}";
    }

    @Test
    void aNewDefinitionIsEstablishedAndServedWithin300Milliseconds(LiveServer api) {
        // Classes are loaded by the first one.
        api.define(widgets(LiveServer.group()));
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            String group = LiveServer.group();
            long start = System.nanoTime();
            ObjectNode made = api.define(widgets(group));
            api.get(objects(group)).succeeded();
            best = Math.min(best, (System.nanoTime() - start) / 1_000_000);
            assertEquals("[\"v1\"]", made.at("/status/storedVersions").toString());
            assertEquals("widgets", made.at("/status/acceptedNames/plural").asText());
            assertEquals("WidgetList", made.at("/status/acceptedNames/listKind").asText());
            assertEquals(
                    "NoConflicts",
                    LiveServer.conditionOf(made, "NamesAccepted").path("reason").asText());
            assertEquals(
                    "InitialNamesAccepted",
                    LiveServer.conditionOf(made, "Established").path("reason").asText());
        }
        assertTrue(best < 300, "it took " + best + " ms");
    }

    @Test
    void objectsCanBeMadeAsSoonAsTheDefinitionWasAnswered(LiveServer api) {
        String group = LiveServer.group();
        api.post(DEFINITIONS, widgets(group)).succeeded();
        Answer made = api.post(objects(group), widget(group, "first", "{'color': 'red'}"));
        assertEquals(201, made.code(), made.body().toString());
        assertEquals(3, made.at("/spec/size").asInt());
        assertEquals(1, made.at("/metadata/generation").asInt());
    }

    @Test
    void discoveryHasTheKind(LiveServer api) {
        String group = LiveServer.group();
        api.define(widgets(group));
        JsonNode list = api.get("/apis/" + group + "/v1").object().path("resources");
        assertEquals("widgets", list.at("/0/name").asText());
        assertEquals("widget", list.at("/0/singularName").asText());
        assertEquals("[\"wd\"]", list.at("/0/shortNames").toString());
        assertEquals("[\"things\"]", list.at("/0/categories").toString());
        assertEquals("widgets/scale", list.at("/1/name").asText());
        assertEquals("widgets/status", list.at("/2/name").asText());
    }

    @Test
    void openApiHasTheSchemaWithItsDescriptions(LiveServer api) {
        String group = LiveServer.group();
        api.define(widgets(group));
        JsonNode schemas = api.get("/openapi/v3/apis/" + group + "/v1").object().at("/components/schemas");
        String number = group.substring("group".length(), group.indexOf('.'));
        JsonNode widget = schemas.path("com.example.group" + number + ".v1.Widget");
        assertEquals(
                "How it looks.",
                widget.at("/properties/spec/properties/color/description").asText());
        assertEquals("A thing.", widget.path("description").asText());
        assertEquals(
                "Widget", widget.at("/x-kubernetes-group-version-kind/0/kind").asText());
        assertTrue(schemas.has("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"));
        assertTrue(schemas.has("com.example.group" + number + ".v1.WidgetList"));
    }

    @Test
    void whatIsNotDeclaredIsPrunedAndComplainedAbout(LiveServer api) {
        String group = LiveServer.group();
        api.define(widgets(group));
        String spec = "{'nope': 1, 'free': {'a': {'b': 1}}, 'template': {'apiVersion': 'v1', 'kind': 'Pod', 'x': 1}}";
        Answer warned = api.post(objects(group), widget(group, "pruned", spec));
        assertEquals(201, warned.code(), warned.body().toString());
        assertFalse(warned.at("/spec").has("nope"));
        assertEquals(1, warned.at("/spec/free/a/b").asInt());
        assertEquals(1, warned.at("/spec/template/x").asInt());
        Answer strict = api.post(objects(group) + "?fieldValidation=Strict", widget(group, "strict", spec));
        assertEquals(400, strict.code());
        assertTrue(strict.message().endsWith("strict decoding error: unknown field \"spec.nope\""), strict.message());
    }

    @Test
    void nullsGoOrBecomeDefaults(LiveServer api) {
        String group = LiveServer.group();
        api.define(widgets(group));
        Answer made = api.post(
                objects(group),
                widget(group, "nulls", "{'size': null, 'color': null, 'note': null, 'parts': [{'name': 'a'}]}"));
        assertEquals(201, made.code(), made.body().toString());
        assertEquals(3, made.at("/spec/size").asInt());
        assertFalse(made.at("/spec").has("color"));
        assertTrue(made.at("/spec").has("note"));
        assertEquals(1, made.at("/spec/parts/0/count").asInt());
    }

    @Test
    void objectsAreJudgedByTheSchema(LiveServer api) {
        String group = LiveServer.group();
        api.define(widgets(group));
        Answer wrong = api.post(
                objects(group),
                widget(group, "wrong", "{'size': 10, 'color': 'blue', 'port': true, 'tags': ['a', 'a']}"));
        assertEquals(422, wrong.code(), wrong.body().toString());
        String message = wrong.message();
        for (String part : List.of(
                "Widget." + group + " \"wrong\" is invalid: [",
                "spec.size: Invalid value: 10: spec.size in body should be less than or equal to 9",
                "spec.color: Unsupported value: \"blue\": supported values: \"red\", \"green\"",
                "spec.port: Invalid value: \"boolean\": spec.port in body must be of type integer,string: \"boolean\"",
                "spec.tags[1]: Duplicate value: \"a\"")) {
            assertTrue(message.contains(part), message);
        }
        Answer missing = api.post(
                objects(group),
                "{'apiVersion': '" + group + "/v1', 'kind': 'Widget', 'metadata': {'name': 'missing'}}");
        assertEquals("Widget." + group + " \"missing\" is invalid: spec: Required value", missing.message());
        Answer metadata = api.post(
                objects(group),
                "{'apiVersion': '" + group + "/v1', 'kind': 'Widget', 'metadata': {'name': 'x', 'labels': [1]}}");
        assertEquals(400, metadata.code());
        assertEquals(
                "Widget in version \"v1\" cannot be handled as a Widget: json: cannot unmarshal array into Go struct"
                        + " field ObjectMeta.labels of type map[string]string",
                metadata.message());
        Answer embedded = api.post(objects(group), widget(group, "embedded", "{'template': {'kind': 'No Kind'}}"));
        assertEquals(422, embedded.code());
        assertTrue(embedded.message().contains("spec.template.apiVersion: Required value"), embedded.message());
        assertTrue(embedded.message().contains("spec.template.kind: Invalid value: \"No Kind\""), embedded.message());
    }

    @Test
    void whatStandsWithinAStatusIsAWholeObjectToo(LiveServer api) {
        String group = LiveServer.group();
        api.define(widgets(group)
                .replace(
                        "'status': {'type': 'object', 'properties': {",
                        "'status': {'type': 'object', 'properties': {'made': {'type': 'object',"
                                + " 'x-kubernetes-embedded-resource': true,"
                                + " 'x-kubernetes-preserve-unknown-fields': true}, "));
        api.post(objects(group), widget(group, "w", "{}")).succeeded();
        Answer refused = api.merge(objects(group) + "/w/status", "{'status': {'made': {'kind': 'No Kind'}}}");
        assertEquals(422, refused.code());
        assertTrue(refused.message().contains("status.made.apiVersion: Required value"), refused.message());
        assertTrue(refused.message().contains("status.made.kind: Invalid value: \"No Kind\""), refused.message());
        api.merge(objects(group) + "/w/status", "{'status': {'made': {'apiVersion': 'v1', 'kind': 'Thing'}}}")
                .succeeded();
    }

    @Test
    void statusAndSpecificationBelongToDifferentPaths(LiveServer api) {
        String group = LiveServer.group();
        api.define(widgets(group));
        String path = objects(group) + "/w";
        ObjectNode made = api.post(
                        objects(group),
                        "{'apiVersion': '" + group + "/v1', 'kind': 'Widget', 'metadata': {'name': 'w'}, 'spec': {},"
                                + " 'status': {'replicas': 5}}")
                .object();
        assertFalse(made.has("status"));
        ObjectNode status = made.deepCopy();
        status.putObject("status").put("replicas", 2);
        ((ObjectNode) status.path("spec")).put("color", "red");
        status.withObject("/metadata").putObject("labels").put("a", "b");
        ObjectNode told = api.put(path + "/status", status).object();
        assertEquals(2, told.at("/status/replicas").asInt());
        assertFalse(told.path("spec").has("color"));
        assertFalse(told.path("metadata").has("labels"));
        assertEquals(1, told.at("/metadata/generation").asInt());
        ObjectNode labelled = api.merge(path, "{'metadata': {'labels': {'a': 'b'}}, 'status': {'replicas': 7}}")
                .object();
        assertEquals(2, labelled.at("/status/replicas").asInt());
        assertEquals(1, labelled.at("/metadata/generation").asInt());
        assertEquals(
                2,
                api.merge(path, "{'spec': {'color': 'red'}}")
                        .at("/metadata/generation")
                        .asInt());
        ObjectNode unconditional = made.deepCopy();
        unconditional.withObject("/metadata").remove("resourceVersion");
        assertTrue(api.put(path, unconditional)
                .message()
                .contains("metadata.resourceVersion: Invalid value: 0: must be specified for an update"));
    }

    @Test
    void quotasCountThem(LiveServer api) {
        String group = LiveServer.group();
        api.define(widgets(group));
        String quotas = "/api/v1/namespaces/default/resourcequotas";
        String amount = "{'count/widgets." + group + "': '%d'}";
        ObjectNode quota = api.post(
                        quotas,
                        "{'metadata': {'name': '" + group + "'}, 'spec': {'hard': " + amount.formatted(1) + "}}")
                .object();
        // What a controller does.
        api.merge(
                        quotas + "/" + group + "/status",
                        "{'status': {'hard': " + amount.formatted(1) + ", 'used': " + amount.formatted(0) + "}}")
                .succeeded();
        api.await(
                quotas + "/" + group, answer -> answer.body().at("/status/hard").size() == 1);
        api.post(objects(group), widget(group, "first", "{}")).succeeded();
        Answer refused = api.post(objects(group), widget(group, "second", "{}"));
        assertEquals(403, refused.code());
        assertEquals(
                "widgets." + group + " \"second\" is forbidden: exceeded quota: " + group
                        + ", requested: count/widgets." + group + "=1, used: count/widgets." + group
                        + "=1, limited: count/widgets." + group + "=1",
                refused.message());
        api.delete(quotas + "/" + quota.at("/metadata/name").asText()).succeeded();
    }

    @Test
    void scaleIsWhereTheDefinitionSays(LiveServer api) {
        String group = LiveServer.group();
        api.define(widgets(group));
        api.post(objects(group), widget(group, "s", "{'replicas': 2}")).succeeded();
        String path = objects(group) + "/s";
        api.merge(path + "/status", "{'status': {'replicas': 1, 'selector': 'a=b'}}")
                .succeeded();
        Answer scale = api.get(path + "/scale");
        assertEquals(2, scale.at("/spec/replicas").asInt(), scale.body().toString());
        assertEquals(1, scale.at("/status/replicas").asInt());
        assertEquals("a=b", scale.text("/status/selector"));
        api.merge(path + "/scale", "{'spec': {'replicas': 4}}").succeeded();
        assertEquals(4, api.get(path).at("/spec/replicas").asInt());
        Answer negative = api.merge(path, "{'spec': {'replicas': -1}}");
        assertTrue(
                negative.message().contains(".spec.replicas: Invalid value: -1: should be a non-negative integer"),
                negative.message());
    }

    @Test
    void columnsFieldSelectorsAndPatchTypes(LiveServer api) {
        String group = LiveServer.group();
        api.define(widgets(group));
        api.post(objects(group), widget(group, "a", "{'color': 'red'}")).succeeded();
        api.post(objects(group), widget(group, "b", "{'color': 'green', 'size': 4}"))
                .succeeded();
        api.merge(objects(group) + "/b/status", "{'status': {'conditions': [{'type': 'Ready', 'status': 'True'}]}}")
                .succeeded();
        JsonNode table = api.table(objects(group)).object();
        List<String> headings = new ArrayList<>();
        table.path("columnDefinitions")
                .forEach(column -> headings.add(column.path("name").asText()));
        assertEquals(List.of("Name", "Size", "Ready", "Age"), headings);
        assertEquals("[\"a\",3,null]", cells(table, 0));
        assertEquals("[\"b\",4,\"True\"]", cells(table, 1));
        JsonNode red =
                api.get(objects(group) + "?fieldSelector=spec.color%3Dred").object();
        assertEquals(1, red.path("items").size());
        assertEquals("a", red.at("/items/0/metadata/name").asText());
        Answer unknown = api.get(objects(group) + "?fieldSelector=spec.size%3D3");
        assertEquals(400, unknown.code());
        assertEquals("field label not supported: spec.size", unknown.message());
        Answer strategic = api.patch(objects(group) + "/a", "application/strategic-merge-patch+json", "{}");
        assertEquals(415, strategic.code());
        assertEquals(
                "the body of the request was in an unknown format - accepted media types include:"
                        + " application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
                strategic.message());
        api.patch(
                        objects(group) + "/a",
                        "application/json-patch+json",
                        "[{'op': 'replace', 'path': '/spec/color', 'value': 'green'}]")
                .succeeded();
        assertEquals(
                0,
                api.get(objects(group) + "?fieldSelector=spec.color%3Dred")
                        .at("/items")
                        .size());
    }

    private static String cells(JsonNode table, int row) {
        var cells = table.path("rows").path(row).path("cells").deepCopy();
        ((com.fasterxml.jackson.databind.node.ArrayNode) cells).remove(3);
        return Json.text(cells);
    }

    @Test
    void listsAreMergedByTheirKeysWhenTheyAreApplied(LiveServer api) {
        String group = LiveServer.group();
        api.define(widgets(group));
        String path = objects(group) + "/applied";
        String head = "apiVersion: " + group + "/v1\nkind: Widget\nmetadata: {name: applied}\nspec:\n";
        Answer made = api.apply(path, "one", head + "  parts: [{name: a, count: 1}]\n  tags: [ax]\n");
        assertEquals(201, made.code(), made.body().toString());
        ObjectNode both = api.apply(path, "two", head + "  parts: [{name: b, count: 2}]\n  tags: [ay]\n")
                .object();
        assertEquals(2, both.at("/spec/parts").size());
        assertEquals("[\"ax\",\"ay\"]", both.at("/spec/tags").toString());
        Answer conflict = api.apply(path, "two", head + "  parts: [{name: a, count: 5}]\n");
        assertEquals(409, conflict.code());
        assertTrue(
                conflict.message().contains("conflict with \"one\": .spec.parts[name=\"a\"].count"),
                conflict.message());
    }

    @Test
    void aVersionThatIsNotServedAnyMoreIsGone(LiveServer api) {
        String group = LiveServer.group();
        ObjectNode definition = api.define(widgets(group));
        api.get(objects(group)).succeeded();
        String path = DEFINITIONS + "/widgets." + group;
        ObjectNode changed = definition.deepCopy();
        ((ObjectNode) changed.at("/spec/versions/0")).put("served", false);
        api.put(path, changed).succeeded();
        api.await(objects(group), answer -> answer.code() == 404);
        assertEquals(404, api.get("/apis/" + group + "/v1").code());
        api.merge(path, "{'metadata': {'labels': {'x': 'y'}}}").succeeded();
    }

    @Test
    void whatWasStoredIsReadAsTheSchemaIsToday(LiveServer api) {
        String group = LiveServer.group();
        ObjectNode definition = api.define(widgets(group));
        api.post(objects(group), widget(group, "old", "{'size': 2, 'color': 'red'}"))
                .succeeded();
        ObjectNode changed = definition.deepCopy();
        ObjectNode fields =
                (ObjectNode) changed.at("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties");
        ((ObjectNode) changed.at("/spec/versions/0")).remove("selectableFields");
        fields.remove("color");
        fields.putObject("mode").put("type", "string").put("default", "fast");
        ((ObjectNode) fields.path("size")).put("minimum", 3);
        api.put(DEFINITIONS + "/widgets." + group, changed).succeeded();
        Answer read = api.await(
                objects(group) + "/old", answer -> answer.text("/spec/mode").equals("fast"));
        assertFalse(read.at("/spec").has("color"), read.body().toString());
        assertEquals("fast", api.get(objects(group)).text("/items/0/spec/mode"));
        // What is wrong by the new schema, but was there before, is not held against a change of something else.
        assertEquals(
                200,
                api.merge(objects(group) + "/old", "{'spec': {'note': 'x'}}").code());
        assertEquals(
                422, api.merge(objects(group) + "/old", "{'spec': {'size': 1}}").code());
    }

    @Test
    void watchesEndWithTheKind(LiveServer api) throws Exception {
        String group = LiveServer.group();
        api.define(widgets(group));
        api.post(objects(group), widget(group, "seen", "{}")).succeeded();
        Stream<String> watch = api.watch(objects(group));
        api.merge(objects(group) + "/seen", "{'spec': {'color': 'red'}}").succeeded();
        api.delete(DEFINITIONS + "/widgets." + group).succeeded();
        List<String> told = assertTimeoutPreemptively(Duration.ofSeconds(30), watch::toList);
        assertTrue(told.getFirst().startsWith("{\"type\":\"ADDED\""), told.toString());
    }

    @Test
    void finalizersWithoutADomainAreWarnedOf(LiveServer api) {
        String group = LiveServer.group();
        api.define(widgets(group));
        Answer made = api.post(
                objects(group),
                "{'apiVersion': '" + group
                        + "/v1', 'kind': 'Widget', 'metadata': {'name': 'f', 'finalizers': ['mine']},"
                        + " 'spec': {}}");
        assertEquals(201, made.code(), made.body().toString());
        assertTrue(made.response()
                .headers()
                .allValues("Warning")
                .toString()
                .contains("prefer a domain-qualified finalizer"));
        api.merge(objects(group) + "/f", "{'metadata': {'finalizers': null}}").succeeded();
    }
}
