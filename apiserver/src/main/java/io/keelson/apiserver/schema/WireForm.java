package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.object.Timestamps;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Brings objects of built-in kinds into the form in which the API writes them, whatever form they were sent in: nulls and
 * empty optional fields are gone ({@code hostNetwork: false}, {@code args: []}), fields that always stand there are there
 * ({@code resources: {}}, {@code status: {}}), quantities, times and bytes are written in the one way there is for each.
 * Clients compare what they get with what they expect, and field managers own what is written; so this form matters.
 *
 * <p>The object must have passed {@link TypeCheck}; fields that are not declared are left alone. Doing it again changes
 * nothing.
 */
public final class WireForm {
    private WireForm() {}

    /** Brings an object, or a part of one, into form. */
    public static void apply(ObjectNode object, Schema schema) {
        for (Iterator<Map.Entry<String, JsonNode>> fields = object.properties().iterator(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            Schema property = schema.property(field.getKey());
            if (property == null) {
                continue;
            }
            JsonNode value = formed(field.getValue(), property);
            JsonNode kept = switch (property.presence()) {
                case AS_GIVEN -> value.isNull() ? null : value;
                case UNLESS_EMPTY -> isEmpty(value) ? null : value;
                case ZERO -> value.isNull() ? zero(property) : value;
                case NULL -> value;
            };
            if (kept == null) {
                fields.remove();
            } else if (!kept.equals(field.getValue())) {
                field.setValue(kept);
            }
        }
        for (Map.Entry<String, Schema> always : schema.alwaysWritten().entrySet()) {
            if (!object.has(always.getKey())) {
                boolean zero = always.getValue().presence() == Schema.Presence.ZERO;
                object.set(always.getKey(), zero ? zero(always.getValue()) : NullNode.getInstance());
            }
        }
    }

    private static JsonNode formed(JsonNode node, Schema schema) {
        return switch (node) {
            case ObjectNode object -> {
                Schema values = schema.additionalProperties();
                if (values == null) {
                    apply(object, schema);
                } else {
                    object.properties().forEach(entry -> entry.setValue(element(entry.getValue(), values)));
                }
                yield object;
            }
            case ArrayNode array -> {
                Schema items = schema.items();
                for (int i = 0; items != null && i < array.size(); i++) {
                    JsonNode formed = element(array.get(i), items);
                    if (!formed.equals(array.get(i))) {
                        array.set(i, formed);
                    }
                }
                yield array;
            }
            default -> node.isNull() ? node : scalar(node, schema);
        };
    }

    /** An element of a list or map, where nothing is left out: null becomes zero. */
    private static JsonNode element(JsonNode node, Schema schema) {
        return node.isNull() ? zero(schema) : formed(node, schema);
    }

    private static JsonNode scalar(JsonNode node, Schema schema) {
        String written = switch (schema.name()) {
            case BuiltInSchemas.QUANTITY -> Quantity.of(node).toString();
            case BuiltInSchemas.TIME -> Timestamps.seconds(Timestamps.parse(node.asText()));
            case BuiltInSchemas.MICRO_TIME -> Timestamps.microseconds(Timestamps.parse(node.asText()));
            default -> schema.format().equals("byte") ? Base64Text.canonical(node.asText()) : null;
        };
        return written == null || written.equals(node.textValue()) ? node : TextNode.valueOf(written);
    }

    private static boolean isEmpty(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT, ARRAY -> node.isEmpty();
            case STRING -> node.textValue().isEmpty();
            case NUMBER -> node.doubleValue() == 0;
            case BOOLEAN -> !node.booleanValue();
            default -> true;
        };
    }

    /** What stands at a place that nothing was given for. */
    private static JsonNode zero(Schema schema) {
        String name = schema.name();
        return switch (schema.type()) {
            case OBJECT -> {
                if (schema.additionalProperties() != null || schema.preserveUnknownFields()) {
                    yield NullNode.getInstance();
                }
                ObjectNode object = Json.object();
                apply(object, schema);
                yield object;
            }
            case STRING -> zeroText(name);
            case INTEGER -> LongNode.valueOf(0);
            case NUMBER -> IntNode.valueOf(0);
            case BOOLEAN -> BooleanNode.FALSE;
            case ARRAY, ANY -> NullNode.getInstance();
        };
    }

    private static JsonNode zeroText(@Nullable String name) {
        return switch (name) {
            case BuiltInSchemas.QUANTITY -> TextNode.valueOf("0");
            case BuiltInSchemas.TIME, BuiltInSchemas.MICRO_TIME -> NullNode.getInstance();
            case BuiltInSchemas.INT_OR_STRING -> IntNode.valueOf(0);
            case BuiltInSchemas.DURATION -> TextNode.valueOf("0s");
            case null, default -> TextNode.valueOf("");
        };
    }
}
