package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;

/**
 * The schema of a custom kind as clients get it: that of the definition, with its descriptions, completed by what all
 * objects have.
 */
final class PublishedSchema {
    private static final String OBJECT_META = "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
    private static final String API_VERSION =
            "The group and version of the schema that this object follows, group/version for short.";
    private static final String KIND = "The kind of object that this is, in CamelCase. It cannot be changed.";
    private static final String METADATA = "What all objects have: name, namespace, labels, annotations and the like.";

    private PublishedSchema() {}

    static ObjectNode of(Definition definition, DefinedNames names, DefinedVersion version) {
        ObjectNode schema = Json.object();
        schema.setAll(version.schema());
        ObjectNode properties = Json.object();
        if (schema.path("properties") instanceof ObjectNode declared) {
            properties.setAll(declared);
        }
        whole(properties);
        schema.set("properties", completed(properties));
        schema.put("type", "object");
        schema.putArray("x-kubernetes-group-version-kind")
                .addObject()
                .put("group", definition.group())
                .put("kind", names.kind())
                .put("version", version.name());
        return schema;
    }

    /** Adds the fields of whole objects. */
    private static void whole(ObjectNode properties) {
        properties.set(
                "apiVersion", Json.object().put("description", API_VERSION).put("type", "string"));
        properties.set("kind", Json.object().put("description", KIND).put("type", "string"));
        ObjectNode metadata = Json.object().put("description", METADATA);
        metadata.putArray("allOf").addObject().put("$ref", OBJECT_META);
        properties.set("metadata", metadata);
    }

    /** The same, where objects that stand within have what all objects have, too. */
    private static ObjectNode completed(ObjectNode properties) {
        ObjectNode all = Json.object();
        properties.properties().forEach(property -> all.set(property.getKey(), place(property.getValue())));
        return all;
    }

    private static JsonNode place(JsonNode declared) {
        if (!(declared instanceof ObjectNode node)) {
            return declared;
        }
        boolean embedded = node.path("x-kubernetes-embedded-resource").asBoolean();
        ObjectNode out = Json.object();
        out.setAll(node);
        if (embedded || node.path("properties").isObject()) {
            ObjectNode properties = Json.object();
            if (node.path("properties") instanceof ObjectNode own) {
                properties.setAll(own);
            }
            if (embedded) {
                whole(properties);
            }
            out.set("properties", completed(properties));
        }
        for (String below : new String[] {"items", "additionalProperties"}) {
            JsonNode value = node.get(below);
            if (value != null && value.isObject()) {
                out.set(below, place(value));
            }
        }
        return out;
    }
}
