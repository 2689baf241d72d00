package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;

/** Takes fields out of an object. What is left of a list or object that loses everything is null, as in the original. */
final class Removal {
    private Removal() {}

    /** The object without the fields, sharing nodes with it. */
    static TypedObject of(TypedObject from, FieldSet fields) {
        if (fields.isEmpty()) {
            return from;
        }
        ObjectNode left = value(from.type(), from.object(), fields) instanceof ObjectNode object
                ? object
                : Json.object();
        return new TypedObject(left, from.type(), from.apiVersion());
    }

    private static JsonNode value(MergeType type, JsonNode value, FieldSet fields) {
        MergeType.Form form = type.form(value);
        if (form == MergeType.Form.SCALAR) {
            return value;
        }
        if (type.isAtomic(form)) {
            return NullNode.getInstance();
        }
        return form == MergeType.Form.LIST ? list(type, value, fields) : object(type, value, fields);
    }

    private static JsonNode list(MergeType type, JsonNode list, FieldSet fields) {
        ArrayNode left = Json.array();
        for (JsonNode value : list) {
            PathElement element = type.identify(value);
            if (!fields.has(element)) {
                FieldSet below = fields.below(element);
                left.add(below.isEmpty() ? value : value(type.element(), value, below));
            }
        }
        return left.isEmpty() ? NullNode.getInstance() : left;
    }

    private static JsonNode object(MergeType type, JsonNode object, FieldSet fields) {
        ObjectNode left = Json.object();
        object.properties().forEach(field -> {
            PathElement element = new PathElement.Field(field.getKey());
            if (fields.has(element)) {
                return;
            }
            FieldSet below = fields.below(element);
            MergeType ofField = type.field(field.getKey());
            left.set(
                    field.getKey(),
                    below.isEmpty()
                            ? field.getValue()
                            : value(ofField == null ? MergeType.UNDECLARED : ofField, field.getValue(), below));
        });
        return left.isEmpty() ? NullNode.getInstance() : left;
    }
}
