package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fields of an object that its schema does not declare: finds them, or takes them away. Fields of custom kinds stay where
 * {@code x-kubernetes-preserve-unknown-fields} says so.
 */
public final class UnknownFields {
    private final boolean remove;
    private final @Nullable List<String> found;
    private final StringBuilder path = new StringBuilder();

    private UnknownFields(boolean remove, @Nullable List<String> found) {
        this.remove = remove;
        this.found = found;
    }

    /**
     * What is to be told of fields that are not declared: {@code unknown field "spec.foo"}, in their order in the object
     * (the API sorts those of custom kinds); at most {@link Json#FIELD_ERRORS_MAX}.
     */
    public static List<String> find(JsonNode object, Schema schema) {
        List<String> found = new ArrayList<>();
        new UnknownFields(false, found).visit(object, schema);
        return found;
    }

    /** Takes fields that are not declared out of an object. */
    static void remove(JsonNode object, Schema schema) {
        new UnknownFields(true, null).visit(object, schema);
    }

    /** @param schema null where nothing is declared, as for the elements of a list without items */
    private void visit(JsonNode node, @Nullable Schema schema) {
        if (node instanceof ObjectNode object) {
            fields(object, schema);
        } else if (node.isArray() && (schema == null || !isFree(schema))) {
            Schema items = schema == null ? null : schema.items();
            for (int i = 0; i < node.size(); i++) {
                int before = path.length();
                if (found != null) {
                    path.append('[').append(i).append(']');
                }
                visit(node.get(i), items);
                path.setLength(before);
            }
        }
    }

    private void fields(ObjectNode object, @Nullable Schema schema) {
        if (schema != null && isFree(schema)) {
            return;
        }
        for (Iterator<Map.Entry<String, JsonNode>> fields = object.properties().iterator(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            Schema declared = schema == null ? null : schema.property(field.getKey());
            if (declared == null && schema != null) {
                declared = schema.additionalProperties();
            }
            if (declared != null) {
                int before = path.length();
                step(field.getKey());
                visit(field.getValue(), declared);
                path.setLength(before);
            } else if (schema == null || !schema.preserveUnknownFields()) {
                report(field.getKey());
                if (remove) {
                    fields.remove();
                }
            }
        }
    }

    /** Whether whatever lies here stays, all the way down. */
    private static boolean isFree(Schema schema) {
        return schema.preserveUnknownFields()
                && schema.items() == null
                && schema.additionalProperties() == null
                && schema.properties().isEmpty();
    }

    private void step(String field) {
        if (found != null) {
            path.append(path.isEmpty() ? "" : ".").append(field);
        }
    }

    private void report(String field) {
        if (found != null && found.size() < Json.FIELD_ERRORS_MAX) {
            int before = path.length();
            step(field);
            found.add("unknown field " + GoText.quoted(path.toString()));
            path.setLength(before);
        }
    }
}
