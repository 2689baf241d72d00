package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Schemas of definitions from the time when schemas could be left out ({@code spec.preserveUnknownFields: true}).
 * Nobody can make such definitions any more, but stores have them: of their objects, fields that the schema does not
 * have are kept, wherever they stand.
 */
final class OpenSchema {
    private static final String KEEPS_UNKNOWN = "x-kubernetes-preserve-unknown-fields";

    private OpenSchema() {}

    /** @param schema {@code openAPIV3Schema}; empty if there is none; not changed */
    static ObjectNode of(ObjectNode schema) {
        ObjectNode open = schema.deepCopy();
        if (!open.has("type")) {
            open.put("type", "object");
        }
        open(open);
        return open;
    }

    private static void open(JsonNode place) {
        if (!(place instanceof ObjectNode schema)) {
            return;
        }
        String type = schema.path("type").asText("");
        if (type.isEmpty() || type.equals("object")) {
            schema.put(KEEPS_UNKNOWN, true);
        }
        schema.path("properties").forEach(OpenSchema::open);
        for (String below : List.of("items", "additionalProperties")) {
            open(schema.path(below));
        }
    }
}
