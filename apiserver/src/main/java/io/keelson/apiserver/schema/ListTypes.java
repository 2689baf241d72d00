package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether lists that are sets have every element once, and lists with keys every key, in objects of custom kinds. */
public final class ListTypes {
    private final FieldErrors errors;

    private ListTypes(FieldErrors errors) {
        this.errors = errors;
    }

    /** Reports elements that are there already; an update of an object that broke the rule before may break it still. */
    public static void validate(JsonNode object, Schema schema, FieldErrors errors) {
        new ListTypes(errors).visit(object, schema, FieldPath.root());
    }

    private void visit(JsonNode value, Schema schema, FieldPath path) {
        if (value.isObject()) {
            value.properties().forEach(field -> {
                Schema property = schema.property(field.getKey());
                Schema values = schema.additionalProperties();
                if (property != null) {
                    visit(field.getValue(), property, path.child(field.getKey()));
                } else if (values != null) {
                    visit(field.getValue(), values, path.key(field.getKey()));
                }
            });
        } else if (value.isArray()) {
            switch (schema.listType()) {
                case SET -> set(value, path);
                case MAP -> map(value, schema, path);
                case ATOMIC -> {}
            }
            Schema items = schema.items();
            for (int i = 0; items != null && i < value.size(); i++) {
                visit(value.get(i), items, path.index(i));
            }
        }
    }

    private void set(JsonNode list, FieldPath path) {
        Map<JsonNode, Integer> seen = new HashMap<>();
        for (int i = 0; i < list.size(); i++) {
            // Only the first repetition is told.
            if (seen.merge(list.get(i), 1, Integer::sum) == 2) {
                errors.duplicate(path.index(i), list.get(i));
            }
        }
    }

    private void map(JsonNode list, Schema schema, FieldPath path) {
        Map<JsonNode, Integer> seen = new HashMap<>();
        for (int i = 0; i < list.size(); i++) {
            JsonNode element = list.get(i);
            if (!element.isObject() && !element.isNull()) {
                errors.invalid(path.index(i), element, "must be an object for an array of list-type map");
                return;
            }
        }
        for (int i = 0; i < list.size(); i++) {
            ObjectNode identity = identity(list.get(i), schema);
            if (seen.merge(identity, 1, Integer::sum) == 2) {
                errors.duplicate(path.index(i), identity);
            }
        }
    }

    private static ObjectNode identity(@Nullable JsonNode element, Schema schema) {
        ObjectNode identity = Json.object();
        for (String key : schema.listMapKeys()) {
            JsonNode value = element == null ? null : element.get(key);
            if (value != null) {
                identity.set(key, value);
            }
        }
        return identity;
    }
}
