package io.keelson.apiserver.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.object.Json;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BuiltInSchemasTest {
    private static Schema below(@Nullable Schema schema, String... path) {
        Schema at = schema;
        for (String step : path) {
            assertNotNull(at);
            at = step.equals("[]") ? at.items() : step.equals("{}") ? at.additionalProperties() : at.property(step);
        }
        assertNotNull(at);
        return at;
    }

    private static Schema of(String group, String version, String kind, String... path) {
        return below(BuiltInSchemas.find(group, version, kind), path);
    }

    @Test
    void knowsEveryDefinitionAndWhatItRefersTo() {
        assertEquals(1_127, BuiltInSchemas.names().size());
        for (String name : BuiltInSchemas.names()) {
            Schema schema = BuiltInSchemas.get(name);
            assertEquals(name, schema.name());
            assertTrue(schema.properties().keySet().containsAll(schema.required()), name);
            schema.properties().values().forEach(property -> {
                assertTrue(property.items() == null || property.additionalProperties() == null, name);
                property.listMapKeys().forEach(key -> below(property, "[]", key));
            });
            assertEquals(Json.text(BuiltInSchemas.openApi(name)), Json.text(BuiltInSchemas.openApi(name)));
        }
    }

    @Test
    void findsKinds() {
        assertEquals("io.k8s.api.core.v1.Pod", of("", "v1", "Pod").name());
        assertEquals(
                "io.k8s.api.apps.v1.Deployment", of("apps", "v1", "Deployment").name());
        assertEquals(
                "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService",
                of("apiregistration.k8s.io", "v1", "APIService").name());
        assertNull(BuiltInSchemas.find("", "v1", "Nothing"));
        assertNull(BuiltInSchemas.find("nothing"));
        assertThrows(IllegalArgumentException.class, () -> BuiltInSchemas.get("nothing"));
    }

    @Test
    void knowsWhatIsStatedOfFields() {
        Schema ports = of("", "v1", "Pod", "spec", "containers", "[]", "ports");
        assertEquals(Schema.Type.ARRAY, ports.type());
        assertEquals(Schema.ListType.MAP, ports.listType());
        assertEquals(List.of("containerPort", "protocol"), ports.listMapKeys());
        assertEquals("containerPort", ports.patchMergeKey());
        assertEquals(Set.of("merge"), ports.patchStrategies());
        Schema protocol = below(ports, "[]", "protocol");
        assertEquals(Set.of("SCTP", "TCP", "UDP"), protocol.enumValues());
        assertEquals("v1.Protocol", protocol.goType());
        assertEquals(
                Set.of("merge", "retainKeys"),
                of("", "v1", "Pod", "spec", "volumes").patchStrategies());
        assertTrue(of("apps", "v1", "Deployment", "spec", "selector").atomicMap());
        assertTrue(of("", "v1", "Pod", "spec", "nodeSelector").atomicMap());
        assertEquals("int32", of("apps", "v1", "Deployment", "spec", "replicas").format());
        assertEquals(Set.of("containers"), of("", "v1", "Pod", "spec").required());
        assertEquals(
                Schema.ListType.SET,
                of("", "v1", "Pod", "metadata", "finalizers").listType());
        assertEquals(
                Set.of("", "IPv4", "IPv6"),
                of("", "v1", "Service", "spec", "ipFamilies", "[]").enumValues());
    }

    @Test
    void knowsTypesThatAreMoreThanText() {
        Schema port = of("", "v1", "Service", "spec", "ports", "[]", "targetPort");
        assertTrue(port.intOrString());
        assertEquals("int-or-string", port.format());
        Schema limit = of("", "v1", "Pod", "spec", "containers", "[]", "resources", "limits", "{}");
        assertEquals("io.k8s.apimachinery.pkg.api.resource.Quantity", limit.name());
        assertEquals(
                "date-time",
                of("", "v1", "Pod", "metadata", "creationTimestamp").format());
        assertEquals("byte", of("", "v1", "Secret", "data", "{}").format());
        assertTrue(of("apps", "v1", "ControllerRevision", "data").preserveUnknownFields());
    }

    @Test
    void containsItself() {
        Schema schema = of(
                "apiextensions.k8s.io",
                "v1",
                "CustomResourceDefinition",
                "spec",
                "versions",
                "[]",
                "schema",
                "openAPIV3Schema");
        assertEquals(
                schema.name(),
                below(schema, "properties", "{}", "allOf", "[]", "not").name());
    }

    @Test
    void takesOnlyRealDefaultsForDefaults() {
        assertEquals(
                "\"TCP\"",
                String.valueOf(of("", "v1", "Service", "spec", "ports", "[]", "protocol")
                        .defaultValue()));
        assertEquals(
                "false",
                String.valueOf(of("", "v1", "Pod", "spec", "volumes", "[]", "azureDisk", "readOnly")
                        .defaultValue()));
        assertNull(of("", "v1", "Pod", "spec", "containers", "[]", "name").defaultValue());
        assertNull(of("", "v1", "Pod", "spec", "containers", "[]", "resources").defaultValue());
        assertNull(of("", "v1", "Pod", "spec").defaultValue());
    }

    @Test
    void givesBackWhatOpenApiSays() {
        assertEquals(
                "{\"properties\":{\"containerPort\":{\"default\":0,\"format\":\"int32\",\"type\":\"integer\"},"
                        + "\"hostIP\":{\"type\":\"string\"},\"hostPort\":{\"format\":\"int32\",\"type\":\"integer\"},"
                        + "\"name\":{\"type\":\"string\"},\"protocol\":{\"default\":\"TCP\",\"enum\":[\"SCTP\",\"TCP\",\"UDP\"],"
                        + "\"type\":\"string\"}},\"required\":[\"containerPort\"],\"type\":\"object\"}",
                Json.text(BuiltInSchemas.openApi("io.k8s.api.core.v1.ContainerPort")));
        assertEquals(
                "{\"allOf\":[{\"$ref\":\"#/components/schemas/io.k8s.api.core.v1.PodSpec\"}],\"default\":{}}",
                Json.text(BuiltInSchemas.openApi("io.k8s.api.core.v1.Pod").at("/properties/spec")));
        assertEquals(
                "{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"number\"}]}",
                Json.text(BuiltInSchemas.openApi("io.k8s.apimachinery.pkg.api.resource.Quantity")));
    }
}
