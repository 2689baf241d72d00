package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;

/** Whether the defaults of a schema keep to the schema: no fields that it does not declare, no values that it forbids. */
final class SchemaDefaults {
    private final FieldErrors errors;

    private SchemaDefaults(FieldErrors errors) {
        this.errors = errors;
    }

    static void validate(JsonNode schema, FieldPath path, FieldErrors errors) {
        new SchemaDefaults(errors).place(schema, path);
    }

    private void place(JsonNode schema, FieldPath path) {
        JsonNode value = schema.get("default");
        if (value != null) {
            Schema declared = StructuralSchema.readPlace(schema);
            JsonNode pruned = value.deepCopy();
            UnknownFields.remove(pruned, declared);
            if (!pruned.equals(value)) {
                errors.invalid(path.child("default"), value, "must not have unknown fields");
            }
            SchemaValidation.validate(value, declared, path.child("default"), errors);
        }
        if (schema.path("items").isObject()) {
            place(schema.path("items"), path.child("items"));
        }
        schema.path("properties")
                .properties()
                .forEach(property ->
                        place(property.getValue(), path.child("properties").key(property.getKey())));
    }
}
