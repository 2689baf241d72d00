package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.util.Set;

/**
 * What makes a schema structural: every place has a type; {@code allOf}, {@code anyOf}, {@code oneOf} and {@code not} only
 * restrict values at places that are declared outside of them; metadata is left to the API.
 */
final class StructuralRules {
    private static final String PRESERVE = "x-kubernetes-preserve-unknown-fields";
    private static final String EMBEDDED = "x-kubernetes-embedded-resource";
    private static final String INT_OR_STRING = "x-kubernetes-int-or-string";

    private enum Level {
        ROOT("must not be empty at the root"),
        ITEM("must not be empty for specified array items"),
        FIELD("must not be empty for specified object fields");

        private final String typeMissing;

        Level(String typeMissing) {
            this.typeMissing = typeMissing;
        }
    }

    private final FieldErrors errors;

    private StructuralRules(FieldErrors errors) {
        this.errors = errors;
    }

    static void validate(JsonNode schema, FieldPath path, FieldErrors errors) {
        StructuralRules rules = new StructuralRules(errors);
        rules.place(schema, Level.ROOT, path);
        rules.complete(schema, schema, path, path);
    }

    private void place(JsonNode schema, Level level, FieldPath path) {
        String type = schema.path("type").asText();
        boolean embedded = schema.path(EMBEDDED).asBoolean();
        boolean preserve = schema.path(PRESERVE).asBoolean();
        boolean intOrString = schema.path(INT_OR_STRING).asBoolean();
        JsonNode items = schema.path("items");
        if (type.equals("array") && items.isMissingNode()) {
            errors.required(path.child("items"), "must be specified");
        }
        if (items.isObject()) {
            place(items, Level.ITEM, path.child("items"));
        }
        schema.path("properties")
                .properties()
                .forEach(property -> place(
                        property.getValue(),
                        Level.FIELD,
                        path.child("properties").key(property.getKey())));
        JsonNode values = schema.path("additionalProperties");
        if (!values.isMissingNode()) {
            if (level == Level.ROOT) {
                errors.forbidden(path.child("additionalProperties"), "must not be used at the root");
            }
            if (values.isObject()) {
                place(values, Level.FIELD, path.child("additionalProperties"));
            }
        }
        if (intOrString && preserve) {
            errors.invalid(path.child(PRESERVE), true, "must be false if " + INT_OR_STRING + " is true");
        }
        if (intOrString && embedded) {
            errors.invalid(path.child(EMBEDDED), true, "must be false if " + INT_OR_STRING + " is true");
        }
        values(
                schema,
                isIntOrString(schema.path("anyOf")),
                isIntOrString(schema.path("allOf").path(0).path("anyOf")),
                path);
        if (embedded && !type.equals("object")) {
            String detail = "must be object if " + EMBEDDED + " is true";
            if (type.isEmpty()) {
                errors.required(path.child("type"), detail);
            } else {
                errors.invalid(path.child("type"), type, detail);
            }
        } else if (type.isEmpty() && !intOrString && !preserve) {
            errors.required(path.child("type"), level.typeMissing);
        }
        if (embedded && !values.isMissingNode()) {
            errors.forbidden(path.child("additionalProperties"), "must not be used if " + EMBEDDED + " is set");
        }
        if (level == Level.ROOT && !type.isEmpty() && !type.equals("object")) {
            errors.invalid(path.child("type"), type, "must be object at the root");
        }
        objectFields(schema, level, embedded, path.child("properties"));
        if (embedded && !preserve && schema.path("properties").isEmpty()) {
            errors.required(
                    path.child("properties"), "must not be empty if " + EMBEDDED + " is true without " + PRESERVE);
        }
    }

    /** Where a whole object stands, its kind and version are text, and of its metadata only the name can be restricted. */
    private void objectFields(JsonNode schema, Level level, boolean embedded, FieldPath properties) {
        boolean whole = level == Level.ROOT || embedded;
        for (String field : new String[] {"kind", "apiVersion"}) {
            JsonNode declared = schema.path("properties").path(field);
            String type = declared.path("type").asText();
            if (whole && declared.isObject() && !type.equals("string")) {
                errors.invalid(properties.key(field).child("type"), type, "must be string");
            }
        }
        JsonNode metadata = schema.path("properties").path("metadata");
        if (!metadata.isObject()) {
            return;
        }
        String type = metadata.path("type").asText();
        if (whole && !type.equals("object")) {
            errors.invalid(properties.key("metadata").child("type"), type, "must be object");
        }
        if (level == Level.ROOT && !restrictsNameOnly(metadata)) {
            errors.forbidden(
                    properties.key("metadata"),
                    "must not specify anything other than name and generateName, but metadata is implicitly specified");
        }
    }

    private static boolean restrictsNameOnly(JsonNode metadata) {
        Set<String> allowed = Set.of("type", "default", "properties");
        for (var keyword : metadata.properties()) {
            if (!allowed.contains(keyword.getKey()) && !SchemaKeywords.isZero(keyword.getValue())) {
                return false;
            }
        }
        for (var property : metadata.path("properties").properties()) {
            if (!property.getKey().equals("name") && !property.getKey().equals("generateName")) {
                return false;
            }
        }
        return true;
    }

    /** Whether it is the one way to say in a logical junctor that a number and a text are both fine. */
    private static boolean isIntOrString(JsonNode anyOf) {
        return anyOf.size() == 2 && isOnlyType(anyOf.get(0), "integer") && isOnlyType(anyOf.get(1), "string");
    }

    private static boolean isOnlyType(JsonNode schema, String type) {
        return schema.size() == 1 && schema.path("type").asText().equals(type);
    }

    private void values(JsonNode schema, boolean skipAnyOf, boolean skipFirstAllOf, FieldPath path) {
        JsonNode anyOf = schema.path("anyOf");
        for (int i = 0; !skipAnyOf && i < anyOf.size(); i++) {
            nested(anyOf.get(i), false, path.child("anyOf").index(i));
        }
        JsonNode allOf = schema.path("allOf");
        for (int i = 0; i < allOf.size(); i++) {
            nested(allOf.get(i), skipFirstAllOf && i == 0, path.child("allOf").index(i));
        }
        JsonNode oneOf = schema.path("oneOf");
        for (int i = 0; i < oneOf.size(); i++) {
            nested(oneOf.get(i), false, path.child("oneOf").index(i));
        }
        if (schema.path("not").isObject()) {
            nested(schema.path("not"), false, path.child("not"));
        }
        String pattern = schema.path("pattern").asText();
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            errors.invalid(
                    path.child("pattern"), pattern, "must be a valid regular expression, but isn't: " + e.getMessage());
        }
    }

    private void nested(JsonNode schema, boolean skipAnyOf, FieldPath path) {
        values(schema, skipAnyOf, false, path);
        if (schema.path("items").isObject()) {
            nested(schema.path("items"), false, path.child("items"));
        }
        schema.path("properties")
                .properties()
                .forEach(property -> nested(
                        property.getValue(), false, path.child("properties").key(property.getKey())));
        forbid(schema, "type", "must be empty to be structural", path);
        JsonNode values = schema.path("additionalProperties");
        if (values.isObject() || values.asBoolean()) {
            errors.forbidden(path.child("additionalProperties"), "must be undefined to be structural");
        }
        forbid(schema, "default", "must be undefined to be structural", path);
        forbid(schema, "title", "must be empty to be structural", path);
        forbid(schema, "description", "must be empty to be structural", path);
        forbid(schema, "nullable", "must be false to be structural", path);
        forbid(schema, PRESERVE, "must be false to be structural", path);
        forbid(schema, EMBEDDED, "must be false to be structural", path);
        forbid(schema, INT_OR_STRING, "must be false to be structural", path);
        forbid(schema, "x-kubernetes-list-map-keys", "must be empty to be structural", path);
        forbid(schema, "x-kubernetes-list-type", "must be undefined to be structural", path);
        forbid(schema, "x-kubernetes-map-type", "must be undefined to be structural", path);
        forbid(schema, "x-kubernetes-validations", "must be empty to be structural", path);
        if (schema.path("properties").has("metadata")) {
            errors.forbidden(path.child("properties").key("metadata"), "must not be specified in a nested context");
        }
    }

    private void forbid(JsonNode schema, String keyword, String detail, FieldPath path) {
        JsonNode value = schema.path(keyword);
        boolean set = keyword.equals("default") ? !value.isMissingNode() : !SchemaKeywords.isZero(value);
        if (set) {
            errors.forbidden(path.child(keyword), detail);
        }
    }

    /** Every place that a junctor restricts must be declared outside of junctors. */
    private void complete(JsonNode values, JsonNode structure, FieldPath place, FieldPath restriction) {
        if (values.path("not").isObject()) {
            nestedComplete(values.path("not"), structure, place, restriction.child("not"));
        }
        for (String junctor : new String[] {"allOf", "anyOf", "oneOf"}) {
            JsonNode list = values.path(junctor);
            for (int i = 0; i < list.size(); i++) {
                nestedComplete(
                        list.get(i),
                        structure,
                        place,
                        restriction.child(junctor).index(i));
            }
        }
    }

    private void nestedComplete(JsonNode values, JsonNode structure, FieldPath place, FieldPath restriction) {
        if (!structure.isObject()) {
            errors.required(place, "because it is defined in " + restriction);
            return;
        }
        complete(values, structure, place, restriction);
        if (values.path("items").isObject()) {
            nestedComplete(
                    values.path("items"), structure.path("items"), place.child("items"), restriction.child("items"));
        }
        values.path("properties").properties().forEach(property -> {
            JsonNode declared = structure.path("properties").path(property.getKey());
            FieldPath below = place.child("properties").key(property.getKey());
            nestedComplete(
                    property.getValue(),
                    declared,
                    below,
                    restriction.child("properties").key(property.getKey()));
        });
    }
}
