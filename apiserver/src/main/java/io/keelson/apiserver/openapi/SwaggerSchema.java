package io.keelson.apiserver.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.util.Map;
import java.util.Set;

/**
 * Turns a schema of OpenAPI v3 into one of v2, which knows less: no alternatives, no null. What v2 cannot say is left out,
 * so that nothing is refused that is right.
 */
final class SwaggerSchema {
    private static final String REFERENCE = "#/definitions/";
    private static final Set<String> UNKNOWN_TO_V2 =
            Set.of("oneOf", "anyOf", "not", "nullable", "writeOnly", "deprecated", "allOf");

    private SwaggerSchema() {}

    static ObjectNode of(JsonNode schema) {
        ObjectNode out = Json.object();
        boolean free = schema.path("x-kubernetes-preserve-unknown-fields").asBoolean();
        boolean nullable = schema.path("nullable").asBoolean();
        for (Map.Entry<String, JsonNode> entry : schema.properties()) {
            String key = entry.getKey();
            JsonNode value = entry.getValue();
            if (UNKNOWN_TO_V2.contains(key)) {
                continue;
            }
            switch (key) {
                case "$ref" -> out.put("$ref", reference(value.asText()));
                case "properties" -> {
                    if (!free && !nullable) {
                        ObjectNode properties = out.putObject("properties");
                        value.properties().forEach(field -> properties.set(field.getKey(), of(field.getValue())));
                    }
                }
                case "items", "additionalProperties" -> {
                    // kubectl takes a list without items, or a map without values, for anything.
                    if (!nullable && !(free && key.equals("items"))) {
                        out.set(key, value.isObject() ? of(value) : value);
                    }
                }
                case "type", "format" -> {
                    if (!nullable) {
                        out.set(key, value);
                    }
                }
                default -> out.set(key, value);
            }
        }
        fromAllOf(out, schema.path("allOf"));
        alternatives(out, schema.path("oneOf"));
        return out;
    }

    /** In v3 a reference that more is said of stands in a list of its own. */
    private static void fromAllOf(ObjectNode out, JsonNode all) {
        if (all.size() == 1 && all.get(0).has("$ref")) {
            out.put("$ref", reference(all.get(0).path("$ref").asText()));
        }
    }

    /** Amounts, and what is a number or a text, are texts in v2. */
    private static void alternatives(ObjectNode out, JsonNode alternatives) {
        if (alternatives instanceof ArrayNode some && !out.has("type") && !out.has("x-kubernetes-int-or-string")) {
            for (JsonNode one : some) {
                if (one.size() == 1 && one.path("type").asText().equals("string")) {
                    out.put("type", "string");
                }
            }
        }
    }

    static String reference(String reference) {
        return REFERENCE + reference.substring(reference.lastIndexOf('/') + 1);
    }
}
