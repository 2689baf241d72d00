package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which keywords the schema of a custom kind may have, and which of them fit together. */
final class SchemaKeywords {
    private static final List<String> TYPES = List.of("array", "boolean", "integer", "number", "object", "string");
    private static final List<String> REASONS =
            List.of("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired");
    private static final List<String> UNSUPPORTED = List.of("patternProperties", "definitions");
    private static final Set<String> OBJECT_FIELDS = Set.of("apiVersion", "kind", "metadata");
    private static final String EMBEDDED = "x-kubernetes-embedded-resource";
    private static final String LIST_TYPE = "x-kubernetes-list-type";
    private static final String LIST_KEYS = "x-kubernetes-list-map-keys";
    private static final String MAP_TYPE = "x-kubernetes-map-type";

    /**
     * What holds at a place because of what lies above it.
     *
     * @param noDefaults why there can be no defaults; empty if there can be
     * @param inMetadata whether the place is in the metadata, kind or version of an object
     */
    private record Context(String noDefaults, boolean inMetadata) {}

    private final FieldErrors errors;

    private SchemaKeywords(FieldErrors errors) {
        this.errors = errors;
    }

    static void validate(JsonNode schema, FieldPath path, FieldErrors errors) {
        if (schema.path("nullable").asBoolean()) {
            errors.forbidden(path.child("nullable"), "nullable cannot be true at the root");
        }
        new SchemaKeywords(errors).place(schema, path, new Context("", false), true);
    }

    /** Whether there is nothing in a schema that cannot be made sense of. */
    static boolean isReadable(JsonNode schema) {
        boolean unsupported =
                UNSUPPORTED.stream().anyMatch(keyword -> !schema.path(keyword).isEmpty())
                        || schema.has("$ref")
                        || schema.has("dependencies")
                        || schema.has("additionalItems")
                        || !schema.path("id").asText().isEmpty()
                        || schema.path("items").isArray();
        if (unsupported) {
            return false;
        }
        List<JsonNode> below = new ArrayList<>(List.of(schema.path("items"), schema.path("additionalProperties")));
        schema.path("properties").forEach(below::add);
        return below.stream().allMatch(child -> !child.isObject() || isReadable(child));
    }

    static boolean isZero(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT, ARRAY -> value.isEmpty();
            case STRING -> value.textValue().isEmpty();
            case BOOLEAN -> !value.booleanValue();
            case NUMBER -> value.doubleValue() == 0;
            default -> true;
        };
    }

    private void place(JsonNode schema, FieldPath path, Context context, boolean root) {
        if (!schema.isObject()) {
            return;
        }
        keywords(schema, path, context);
        if (schema.path("uniqueItems").asBoolean()) {
            errors.forbidden(
                    path.child("uniqueItems"),
                    "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        }
        JsonNode values = schema.path("additionalProperties");
        if (!values.isMissingNode()) {
            boolean onlyTrue = values.isBoolean() && values.booleanValue();
            if (!schema.path("properties").isEmpty() && !onlyTrue) {
                errors.forbidden(
                        path.child("additionalProperties"), "additionalProperties and properties are mutual exclusive");
            }
            Context below = context.inMetadata()
                    ? new Context("inside additionalProperties applying to object metadata", true)
                    : context;
            place(values, path.child("additionalProperties"), below, false);
        }
        boolean whole = root || schema.path(EMBEDDED).asBoolean();
        schema.path("properties").properties().forEach(property -> {
            Context below = context;
            if (whole && OBJECT_FIELDS.contains(property.getKey())) {
                below = new Context(root ? "in top-level " + property.getKey() : context.noDefaults(), true);
            }
            place(property.getValue(), path.child("properties").key(property.getKey()), below, false);
        });
        place(schema.path("not"), path.child("not"), context, false);
        for (String junctor : new String[] {"allOf", "oneOf", "anyOf"}) {
            JsonNode list = schema.path(junctor);
            for (int i = 0; i < list.size(); i++) {
                place(list.get(i), path.child(junctor).index(i), context, false);
            }
        }
        place(schema.path("items"), path.child("items"), context, false);
        mapType(schema, path);
        listType(schema, path);
        expressions(schema.path("x-kubernetes-validations"), path.child("x-kubernetes-validations"));
    }

    private void keywords(JsonNode schema, FieldPath path, Context context) {
        String type = schema.path("type").asText();
        if (!type.isEmpty() && !TYPES.contains(type)) {
            errors.notSupported(path.child("type"), type, TYPES);
        }
        if (schema.has("default") && !context.noDefaults().isEmpty()) {
            errors.forbidden(path.child("default"), "must not be set " + context.noDefaults());
        }
        if (!schema.path("id").asText().isEmpty()) {
            errors.forbidden(path.child("id"), "id is not supported");
        }
        if (schema.has("additionalItems")) {
            errors.forbidden(path.child("additionalItems"), "additionalItems is not supported");
        }
        for (String keyword : UNSUPPORTED) {
            if (!schema.path(keyword).isEmpty()) {
                errors.forbidden(path.child(keyword), keyword + " is not supported");
            }
        }
        if (schema.has("dependencies")) {
            errors.forbidden(path.child("dependencies"), "dependencies is not supported");
        }
        if (schema.has("$ref")) {
            errors.forbidden(path.child("$ref"), "$ref is not supported");
        }
        if (type.equals("null")) {
            errors.forbidden(path.child("type"), "type cannot be set to null, use nullable as an alternative");
        }
        if (schema.path("items").isArray() && !schema.path("items").isEmpty()) {
            errors.forbidden(path.child("items"), "items must be a schema object and not an array");
        }
        if (context.inMetadata() && schema.path(EMBEDDED).asBoolean()) {
            errors.forbidden(path.child(EMBEDDED), "must not be used inside of resource meta");
        }
        JsonNode preserve = schema.path("x-kubernetes-preserve-unknown-fields");
        if (preserve.isBoolean() && !preserve.booleanValue()) {
            errors.invalid(path.child("x-kubernetes-preserve-unknown-fields"), false, "must be true or undefined");
        }
    }

    private void mapType(JsonNode schema, FieldPath path) {
        JsonNode mapType = schema.path(MAP_TYPE);
        if (mapType.isMissingNode()) {
            return;
        }
        mustBe("object", schema, path, "must be object if " + MAP_TYPE + " is specified");
        if (!mapType.asText().equals("atomic") && !mapType.asText().equals("granular")) {
            errors.notSupported(path.child(MAP_TYPE), mapType, List.of("atomic", "granular"));
        }
    }

    private void mustBe(String type, JsonNode schema, FieldPath path, String detail) {
        String actual = schema.path("type").asText();
        if (actual.isEmpty()) {
            errors.required(path.child("type"), detail);
        } else if (!actual.equals(type)) {
            errors.invalid(path.child("type"), actual, detail);
        }
    }

    private void listType(JsonNode schema, FieldPath path) {
        String listType = schema.path(LIST_TYPE).asText();
        JsonNode keys = schema.path(LIST_KEYS);
        JsonNode items = schema.path("items");
        if (schema.has(LIST_TYPE)) {
            mustBe("array", schema, path, "must be array if " + LIST_TYPE + " is specified");
            if (listType.equals("set")) {
                setOf(items, path);
            }
            if (!List.of("atomic", "set", "map").contains(listType)) {
                errors.notSupported(path.child(LIST_TYPE), listType, List.of("atomic", "set", "map"));
            }
        }
        if (!keys.isEmpty() && !listType.equals("map")) {
            String detail = "must be map if " + LIST_KEYS + " is non-empty";
            if (schema.has(LIST_TYPE)) {
                errors.invalid(path.child(LIST_TYPE), listType, detail);
            } else {
                errors.required(path.child(LIST_TYPE), detail);
            }
        }
        if (listType.equals("map")) {
            mapOf(schema, keys, items, path);
        }
        if ((listType.equals("set") || listType.equals("map"))
                && items.path("nullable").asBoolean()) {
            errors.forbidden(
                    path.child("items").child("nullable"), "cannot be nullable when " + LIST_TYPE + " is " + listType);
        }
        if (listType.equals("map")) {
            keyProperties(keys, items, path.child("items").child("properties"));
        }
    }

    private void setOf(JsonNode items, FieldPath path) {
        String detail = "must be atomic as item of a list with " + LIST_TYPE + "=set";
        String type = items.path("type").asText();
        String listType = items.path(LIST_TYPE).asText();
        if (type.equals("array") && items.has(LIST_TYPE) && !listType.equals("atomic")) {
            errors.invalid(path.child("items").child(LIST_TYPE), listType, detail);
        } else if (type.equals("object") && !items.path(MAP_TYPE).asText().equals("atomic")) {
            errors.invalid(path.child("items").child(MAP_TYPE), items.get(LIST_TYPE), detail);
        }
    }

    private void mapOf(JsonNode schema, JsonNode keys, JsonNode items, FieldPath path) {
        if (keys.isEmpty()) {
            errors.required(path.child(LIST_KEYS), "must not be empty if " + LIST_TYPE + " is map");
        }
        if (items.isMissingNode()) {
            errors.required(path.child("items"), "must have a schema if " + LIST_TYPE + " is map");
            return;
        }
        if (!items.isObject()) {
            errors.invalid(path.child("items"), items, "must only have a single schema if " + LIST_TYPE + " is map");
            return;
        }
        String type = items.path("type").asText();
        if (!type.equals("object")) {
            errors.invalid(
                    path.child("items").child("type"),
                    type,
                    "must be object if parent array's " + LIST_TYPE + " is map");
            return;
        }
        Set<String> seen = new HashSet<>();
        for (JsonNode key : keys) {
            JsonNode property = items.path("properties").path(key.asText());
            String keyType = property.path("type").asText();
            if (property.isMissingNode()) {
                errors.invalid(
                        path.child(LIST_KEYS), schema.get(LIST_KEYS), "entries must all be names of item properties");
            } else if (keyType.equals("array") || keyType.equals("object")) {
                errors.invalid(
                        path.child("items")
                                .child("properties")
                                .key(key.asText())
                                .child("type"),
                        type,
                        "must be a scalar type if parent array's " + LIST_TYPE + " is map");
            }
            if (!seen.add(key.asText())) {
                errors.invalid(path.child(LIST_KEYS), schema.get(LIST_KEYS), "must not contain duplicate entries");
            }
        }
    }

    /** The properties by which elements are told apart must always have a value. */
    private void keyProperties(JsonNode keys, JsonNode items, FieldPath properties) {
        Set<String> required = new HashSet<>();
        items.path("required").forEach(name -> required.add(name.asText()));
        for (JsonNode key : keys) {
            JsonNode property = items.path("properties").path(key.asText());
            FieldPath at = properties.key(key.asText());
            if (property.isObject() && !required.contains(key.asText()) && !property.has("default")) {
                errors.required(
                        at.child("default"),
                        "this property is in " + LIST_KEYS + ", so it must have a default or be a required property");
            }
            if (property.path("nullable").asBoolean()) {
                errors.forbidden(
                        at.child("nullable"), "this property is in " + LIST_KEYS + ", so it cannot be nullable");
            }
        }
    }

    private void expressions(JsonNode list, FieldPath path) {
        for (int i = 0; i < list.size(); i++) {
            JsonNode one = list.get(i);
            FieldPath at = path.index(i);
            String rule = one.path("rule").asText().strip();
            String message = one.path("message").asText();
            if (rule.isEmpty()) {
                errors.required(at.child("rule"), "rule is not specified");
            } else if (!message.isEmpty() && message.isBlank()) {
                errors.invalid(at.child("message"), message, "must be non-empty if specified");
            } else if (hasLines(message.strip())) {
                errors.invalid(at.child("message"), message, "must not contain line breaks");
            } else if (hasLines(rule) && message.isBlank()) {
                errors.required(at.child("message"), "message must be specified if rule contains line breaks");
            }
            String messageExpression = one.path("messageExpression").asText();
            if (!messageExpression.isEmpty() && messageExpression.isBlank()) {
                errors.required(at.child("messageExpression"), "messageExpression must be non-empty if specified");
            }
            if (one.has("reason") && !REASONS.contains(one.path("reason").asText())) {
                errors.notSupported(at.child("reason"), one.get("reason"), REASONS);
            }
            String fieldPath = one.path("fieldPath").asText();
            if (!fieldPath.isEmpty() && fieldPath.isBlank()) {
                errors.invalid(at.child("fieldPath"), fieldPath, "must be non-empty if specified");
            }
            if (hasLines(fieldPath)) {
                errors.invalid(at.child("fieldPath"), fieldPath, "must not contain line breaks");
            }
        }
    }

    private static boolean hasLines(String text) {
        return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
    }
}
