package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;

/**
 * Takes fields out of an object. What loses everything that was in it becomes null in objects of custom kinds, as in the
 * original; built-in kinds know no null, so there it is gone.
 *
 * @param leavesNulls whether nulls are left
 */
record Removal(boolean leavesNulls) {
    /** The object without the fields, sharing nodes with it. */
    TypedObject of(TypedObject from, FieldSet fields) {
        if (fields.isEmpty()) {
            return from;
        }
        ObjectNode left =
                value(from.type(), from.object(), fields) instanceof ObjectNode object ? object : Json.object();
        return new TypedObject(left, from.type(), from.apiVersion());
    }

    private JsonNode value(MergeType type, JsonNode value, FieldSet fields) {
        MergeType.Form form = type.form(value);
        if (form == MergeType.Form.SCALAR) {
            return value;
        }
        if (type.isAtomic(form)) {
            return NullNode.getInstance();
        }
        return form == MergeType.Form.LIST ? list(type, value, fields) : object(type, value, fields);
    }

    private JsonNode list(MergeType type, JsonNode list, FieldSet fields) {
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

    private JsonNode object(MergeType type, JsonNode object, FieldSet fields) {
        ObjectNode left = Json.object();
        object.properties().forEach(field -> {
            PathElement element = new PathElement.Field(field.getKey());
            if (fields.has(element)) {
                return;
            }
            FieldSet below = fields.below(element);
            if (below.isEmpty()) {
                left.set(field.getKey(), field.getValue());
                return;
            }
            MergeType ofField = type.field(field.getKey());
            JsonNode rest = value(ofField == null ? MergeType.UNDECLARED : ofField, field.getValue(), below);
            if (leavesNulls || !rest.isNull()) {
                left.set(field.getKey(), rest);
            }
        });
        return left.isEmpty() ? NullNode.getInstance() : left;
    }
}
