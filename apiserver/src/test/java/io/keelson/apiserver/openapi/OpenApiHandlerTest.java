package io.keelson.apiserver.openapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class OpenApiHandlerTest {
    private static final String ASKED_V2 = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    private static final String NAMED_V2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
    private static final String ASKED_V3 = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf";

    private final ResourceRegistry registry = new ResourceRegistry();
    private final OpenApiHandler handler =
            new OpenApiHandler(registry, "v1.36.0", InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")));

    OpenApiHandlerTest() {
        registry.put(BuiltInKinds.resources());
    }

    private ApiResponse.Whole get(String target, String... fields) {
        return (ApiResponse.Whole) handler.handle(Requests.of("GET", target, fields));
    }

    private static byte[] body(ApiResponse.Whole answer) {
        ByteBuffer part = answer.parts().getFirst().duplicate();
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        return bytes;
    }

    private ObjectNode json(String target) {
        ApiResponse.Whole answer = get(target);
        assertEquals(200, answer.status());
        return Json.parseObject(body(answer));
    }

    private static Resource widget(String... fields) {
        ObjectNode schema = Json.object().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        properties.putObject("apiVersion").put("type", "string");
        properties.putObject("kind").put("type", "string");
        ObjectNode spec = properties.putObject("spec").put("type", "object").putObject("properties");
        for (String field : fields) {
            spec.putObject(field)
                    .put("type", "string")
                    .put("nullable", true)
                    .put("description", "It is " + field + ".");
        }
        ObjectNode size = spec.putObject("size").put("x-kubernetes-int-or-string", true);
        size.putArray("anyOf")
                .add(Json.object().put("type", "integer"))
                .add(Json.object().put("type", "string"));
        spec.putObject("free").put("type", "object").put("x-kubernetes-preserve-unknown-fields", true);
        schema.putArray("x-kubernetes-group-version-kind")
                .addObject()
                .put("group", "example.com")
                .put("kind", "Widget")
                .put("version", "v1");
        return Resource.named("example.com", "widgets", "Widget")
                .version(new ServedVersion("v1", Schema.ANYTHING, null, List.of()))
                .custom(1)
                .published(schema)
                .build();
    }

    @Test
    void definesEveryServedKindWithAllItsFields() {
        JsonNode definitions = json("/openapi/v2").path("definitions");
        for (Resource resource : BuiltInKinds.resources()) {
            for (ServedVersion version : resource.versions()) {
                GroupVersion groupVersion = new GroupVersion(resource.name().group(), version.version());
                String name = SchemaNames.of(groupVersion.kind(resource.kind().kind()));
                compare(name, definitions, new HashSet<>());
            }
        }
    }

    private static void compare(String name, JsonNode definitions, Set<String> seen) {
        if (name.isEmpty() || !seen.add(name)) {
            return;
        }
        JsonNode definition = definitions.path(name);
        assertTrue(definition.isObject(), name);
        Schema schema = BuiltInSchemas.get(name);
        assertEquals(Set.copyOf(schema.properties().keySet()), names(definition.path("properties")), name);
        Set<String> required = new HashSet<>();
        definition.path("required").forEach(field -> required.add(field.asText()));
        assertEquals(schema.required(), required, name);
        schema.properties().forEach((field, declared) -> {
            JsonNode property = definition.path("properties").path(field);
            String place = name + "." + field;
            assertEquals(
                    declared.patchMergeKey(),
                    property.path("x-kubernetes-patch-merge-key").asText(),
                    place);
            assertEquals(
                    String.join(",", declared.patchStrategies()),
                    property.path("x-kubernetes-patch-strategy").asText(),
                    place);
            if (declared.listType() == Schema.ListType.MAP) {
                assertEquals("map", property.path("x-kubernetes-list-type").asText(), place);
            }
            Schema items = declared.items();
            Schema values = declared.additionalProperties();
            Schema below = items != null ? items : values != null ? values : declared;
            if (BuiltInSchemas.find(below.name()) != null) {
                String reference = "#/definitions/" + below.name();
                assertTrue(property.toString().contains('"' + reference + '"'), place);
                compare(below.name(), definitions, seen);
            }
        });
    }

    private static Set<String> names(JsonNode properties) {
        Set<String> names = new HashSet<>();
        properties.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void referencesLeadSomewhereAndOperationsAreUnique() {
        ObjectNode document = json("/openapi/v2");
        Set<String> ids = new HashSet<>();
        document.findValues("operationId").forEach(id -> assertTrue(ids.add(id.asText()), id.asText()));
        for (JsonNode reference : document.findValues("$ref")) {
            if (reference.isTextual()) {
                assertFalse(document.at(reference.asText().substring(1)).isMissingNode(), reference.asText());
            }
        }
        assertTrue(ids.containsAll(List.of(
                "listCoreV1NamespacedPod",
                "createCoreV1NamespacedPod",
                "deleteCoreV1CollectionNamespacedPod",
                "readCoreV1NamespacedPodLog",
                "connectCoreV1GetNamespacedPodExec",
                "connectCoreV1PostNamespacedPodProxyWithPath",
                "watchCoreV1PodListForAllNamespaces",
                "replaceAppsV1NamespacedDeploymentScale",
                "patchRbacAuthorizationV1ClusterRole",
                "createCoreV1NamespacedServiceAccountToken",
                "listCoreV1Node",
                "getAppsAPIGroup",
                "getAppsV1APIResources",
                "getCodeVersion")));
        assertFalse(document.toString().contains("#/components"));
    }

    @Test
    void deletionsSayWhatTheyAnswer() {
        JsonNode paths = json("/openapi/v2").path("paths");
        String pods = "/api/v1/namespaces/{namespace}/pods";
        for (String code : List.of("200", "202")) {
            assertEquals("#/definitions/io.k8s.api.core.v1.Pod", deleted(paths, pods + "/{name}", code));
            assertEquals(
                    "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Status",
                    deleted(paths, "/api/v1/namespaces/{namespace}/configmaps/{name}", code));
        }
        assertEquals("#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Status", deleted(paths, pods, "200"));
    }

    private static String deleted(JsonNode paths, String path, String code) {
        return paths.path(path)
                .path("delete")
                .path("responses")
                .path(code)
                .path("schema")
                .path("$ref")
                .asText();
    }

    @Test
    void describesFieldsWithTheTextsOfTheJavaClient() {
        ObjectNode document = json("/openapi/v3/api/v1");
        JsonNode schemas = document.path("components").path("schemas");
        JsonNode port = schemas.path("io.k8s.api.core.v1.ContainerPort");
        assertFalse(port.path("description").asText().isEmpty());
        assertFalse(port.path("properties")
                .path("containerPort")
                .path("description")
                .asText()
                .isEmpty());
        int described = 0;
        int plain = 0;
        for (Map.Entry<String, JsonNode> schema : schemas.properties()) {
            for (JsonNode property : schema.getValue().path("properties")) {
                if (property.has("description")) {
                    described++;
                } else if (!property.toString().contains("$ref")) {
                    plain++;
                }
            }
        }
        assertTrue(described > 800 && plain < 20, described + " described, " + plain + " not");
    }

    @Test
    void theProtobufFormOfV2SaysWhatJsonSays() throws Exception {
        registry.put(List.of(widget("colour")));
        ApiResponse.Whole answer = get("/openapi/v2", "Accept", ASKED_V2);
        assertEquals(NAMED_V2, answer.headers().get("Content-Type"));
        ObjectNode read = new GnosticReader(GnosticMessages.V2).document(body(answer));
        assertEquals(withoutEmpty(json("/openapi/v2")), withoutEmpty(read));
    }

    @Test
    void theProtobufFormOfV3SaysWhatJsonSays() throws Exception {
        registry.put(List.of(widget("colour")));
        for (Map.Entry<String, JsonNode> one : json("/openapi/v3").path("paths").properties()) {
            String address = one.getValue().path("serverRelativeURL").asText();
            ApiResponse.Whole answer = get(address, "Accept", ASKED_V3);
            ObjectNode read = new GnosticReader(GnosticMessages.V3).document(body(answer));
            JsonNode expected = json(address);
            removeDefaults(expected);
            assertEquals(withoutEmpty(expected), withoutEmpty(read), one.getKey());
        }
    }

    /** In protobuf, what is empty and what is not there are the same. */
    private static JsonNode withoutEmpty(JsonNode node) {
        if (node.isArray()) {
            var out = Json.array();
            node.forEach(element -> out.add(withoutEmpty(element)));
            return out;
        }
        if (!node.isObject()) {
            return node.isNumber() ? Json.parse(Double.toString(node.asDouble())) : node;
        }
        ObjectNode out = Json.object();
        node.properties().forEach(entry -> {
            JsonNode value = withoutEmpty(entry.getValue());
            boolean empty = (value.isContainerNode()
                            && value.isEmpty()
                            && !entry.getKey().equals("default"))
                    || (value.isBoolean() && !value.asBoolean())
                    || (value.isTextual()
                            && value.asText().isEmpty()
                            && !entry.getKey().equals("default"));
            if (!empty) {
                out.set(entry.getKey(), value);
            }
        });
        return out;
    }

    /** The messages of v3 know of no defaults but simple ones; a field may be called default, too. */
    private static void removeDefaults(JsonNode node) {
        node.properties().forEach(entry -> {
            if (entry.getKey().equals("properties")) {
                entry.getValue().forEach(OpenApiHandlerTest::removeDefaults);
            } else {
                removeDefaults(entry.getValue());
            }
        });
        if (node.isArray()) {
            node.forEach(OpenApiHandlerTest::removeDefaults);
        }
        if (node instanceof ObjectNode object && object.path("default").isContainerNode()) {
            object.remove("default");
        }
    }

    @Test
    void customKindsAreInBothAndV2LeavesOutWhatItCannotSay() {
        registry.put(List.of(widget("colour")));
        JsonNode v3 = json("/openapi/v3/apis/example.com/v1");
        assertTrue(v3.path("components").path("schemas").has("com.example.v1.Widget"));
        assertTrue(v3.path("components").path("schemas").has("com.example.v1.WidgetList"));
        assertTrue(v3.path("paths").has("/apis/example.com/v1/namespaces/{namespace}/widgets/{name}"));
        JsonNode spec = json("/openapi/v2").at("/definitions/com.example.v1.Widget/properties/spec/properties");
        assertEquals("{\"description\":\"It is colour.\"}", spec.path("colour").toString());
        assertEquals("{\"x-kubernetes-int-or-string\":true}", spec.path("size").toString());
        assertFalse(spec.path("free").has("properties"));
    }

    @Test
    void aNewKindChangesItsOwnDocumentOnly() {
        ApiResponse.Whole core = get("/openapi/v3/api/v1");
        registry.put(List.of(widget("colour")));
        ApiResponse.Whole first = get("/openapi/v3/apis/example.com/v1");
        registry.put(List.of(widget("colour", "weight")));
        assertNotEquals(
                first.headers().get("Etag"),
                get("/openapi/v3/apis/example.com/v1").headers().get("Etag"));
        assertSame(
                core.parts().getFirst().array(),
                get("/openapi/v3/api/v1").parts().getFirst().array());
        registry.remove(new GroupResource("example.com", "widgets"));
        assertThrows(ApiException.class, () -> get("/openapi/v3/apis/example.com/v1"));
        assertNotSame(first, get("/openapi/v2"));
        assertNull(json("/openapi/v2").path("definitions").get("com.example.v1.Widget"));
    }

    @Test
    void whoHasADocumentIsToldSo() {
        for (String path : List.of("/openapi/v2", "/openapi/v3/apis/apps/v1")) {
            String tag = get(path).headers().get("Etag");
            assertTrue(tag != null && tag.startsWith("\""), path);
            assertEquals(304, get(path, "If-None-Match", tag).status());
            assertEquals(304, get(path, "If-None-Match", "\"other\", W/" + tag).status());
            assertEquals(200, get(path, "If-None-Match", "\"other\"").status());
        }
    }

    @Test
    void anAddressWithAHashMayBeKeptForEver() {
        String address = json("/openapi/v3")
                .at("/paths/apis~1apps~1v1/serverRelativeURL")
                .asText();
        ApiResponse.Whole answer = get(address);
        assertEquals("public, immutable", answer.headers().get("Cache-Control"));
        assertEquals("Fri, 01 Jan 2027 00:00:00 GMT", answer.headers().get("Expires"));
        ApiResponse.Whole old = get("/openapi/v3/apis/apps/v1?hash=ABC");
        assertEquals(301, old.status());
        assertEquals(address, old.headers().get("Location"));
    }

    @Test
    void refusesWhatItDoesNotHave() {
        for (String path :
                List.of("/openapi/v3/apis", "/openapi/v3/api", "/openapi/v3/version", "/openapi/v3/apis/apps")) {
            assertEquals(200, get(path).status(), path);
        }
        for (String path : List.of(
                "/openapi/v3/apis/apps/v9", "/openapi/v3/a/b/c/d", "/openapi/v3/api/v1/pods", "/openapi/v2/x")) {
            assertThrows(ApiException.class, () -> get(path), path);
        }
        ApiException refused = assertThrows(ApiException.class, () -> get("/openapi/v2", "Accept", "text/html"));
        assertEquals(406, refused.code());
        assertEquals(
                "application/json",
                get("/openapi/v2", "Accept", ASKED_V2 + ";q=0.5, application/json;q=0.9")
                        .headers()
                        .get("Content-Type"));
        assertThrows(ApiException.class, () -> handler.handle(Requests.of("POST", "/openapi/v2")));
    }
}
