package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fills in the defaults that a schema states: those of built-in kinds (a port's protocol is TCP) and those of custom ones.
 * What a kind's strategy knows beyond the schema is not done here. Doing it again changes nothing.
 */
public final class Defaulting {
    private Defaulting() {}

    /**
     * Gives every property that is not there, or is null where null may not stand, its default. Defaults inside defaults
     * are filled in too.
     */
    public static void apply(ObjectNode object, Schema schema) {
        for (Map.Entry<String, Schema> property : schema.properties().entrySet()) {
            JsonNode value = property.getValue().defaultValue();
            if (value != null && wants(object.get(property.getKey()), property.getValue())) {
                object.set(property.getKey(), value.deepCopy());
            }
        }
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            Schema declared = declared(field.getKey(), schema);
            if (declared != null) {
                if (field.getValue().isNull() && wants(field.getValue(), declared)) {
                    field.setValue(defaultOrNull(field.getValue(), declared));
                }
                below(field.getValue(), declared);
            }
        }
    }

    private static void below(JsonNode node, Schema schema) {
        if (node instanceof ObjectNode object) {
            apply(object, schema);
        } else if (node instanceof ArrayNode array) {
            Schema items = schema.items();
            for (int i = 0; items != null && i < array.size(); i++) {
                if (array.get(i).isNull() && wants(array.get(i), items)) {
                    array.set(i, defaultOrNull(array.get(i), items));
                }
                below(array.get(i), items);
            }
        }
    }

    private static JsonNode defaultOrNull(JsonNode node, Schema schema) {
        JsonNode value = schema.defaultValue();
        return value == null ? node : value.deepCopy();
    }

    private static boolean wants(@Nullable JsonNode node, Schema schema) {
        return node == null || (node.isNull() && !schema.nullable());
    }

    private static @Nullable Schema declared(String field, Schema schema) {
        Schema property = schema.property(field);
        return property == null ? schema.additionalProperties() : property;
    }

    /**
     * Takes nulls out of an object of a custom kind that may not stand there and have no default in whose stead they
     * stand. Elements of lists stay.
     */
    public static void dropNulls(ObjectNode object, Schema schema) {
        for (Iterator<Map.Entry<String, JsonNode>> fields = object.properties().iterator(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            Schema declared = declared(field.getKey(), schema);
            if (field.getValue().isNull()) {
                if (declared != null && !declared.nullable() && declared.defaultValue() == null) {
                    fields.remove();
                }
            } else if (declared != null) {
                dropNullsBelow(field.getValue(), declared);
            }
        }
    }

    private static void dropNullsBelow(JsonNode node, Schema schema) {
        if (node instanceof ObjectNode object) {
            dropNulls(object, schema);
        } else if (node.isArray()) {
            Schema items = schema.items();
            if (items != null) {
                node.forEach(element -> dropNullsBelow(element, items));
            }
        }
    }
}
