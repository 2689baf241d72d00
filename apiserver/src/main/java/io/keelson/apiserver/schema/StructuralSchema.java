package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the {@code openAPIV3Schema} of a CustomResourceDefinition. */
public final class StructuralSchema {
    private static final List<String> OBJECT_FIELDS = List.of("apiVersion", "kind", "metadata");

    private StructuralSchema() {}

    /**
     * Says what is wrong with a schema: what a structural schema may not have, keywords that do not fit together, defaults
     * that break the schema. CEL expressions are not looked into.
     */
    public static void validate(JsonNode schema, FieldPath path, FieldErrors errors) {
        FieldErrors structure = new FieldErrors();
        StructuralRules.validate(schema, path, structure);
        if (structure.isEmpty() && SchemaKeywords.isReadable(schema)) {
            SchemaDefaults.validate(schema, path, structure);
        }
        errors.addAll(structure);
        SchemaKeywords.validate(schema, path, errors);
    }

    /**
     * The schema of objects of a custom kind, with the metadata that all objects have. What is wrong with the schema is
     * passed over; see {@link #validate}.
     */
    public static Schema read(JsonNode openApiSchema) {
        return withObjectFields(place(openApiSchema)).build();
    }

    /**
     * The formats of texts in a schema that nobody knows, and that demand nothing for this reason; each as often as it
     * stands there.
     */
    public static List<String> unrecognizedFormats(JsonNode openApiSchema) {
        List<String> found = new ArrayList<>();
        addUnrecognizedFormats(openApiSchema, found);
        return found;
    }

    private static void addUnrecognizedFormats(JsonNode node, List<String> found) {
        String format = node.path("format").asText();
        if (node.path("type").asText().equals("string") && !format.isEmpty() && !Formats.isRecognized(format)) {
            found.add(format);
        }
        for (String keyword : List.of("items", "additionalProperties", "not")) {
            if (node.path(keyword).isObject()) {
                addUnrecognizedFormats(node.path(keyword), found);
            }
        }
        for (String keyword : List.of("properties", "allOf", "anyOf", "oneOf")) {
            for (JsonNode below : node.path(keyword)) {
                addUnrecognizedFormats(below, found);
            }
        }
    }

    /** The schema of a value below the root. */
    public static Schema readPlace(JsonNode node) {
        return place(node).build();
    }

    private static SchemaBuilder place(JsonNode node) {
        SchemaBuilder schema = new SchemaBuilder();
        schema.intOrString = node.path("x-kubernetes-int-or-string").asBoolean();
        schema.type =
                schema.intOrString ? Schema.Type.ANY : type(node.path("type").asText());
        schema.format = node.path("format").asText();
        schema.preserveUnknownFields =
                node.path("x-kubernetes-preserve-unknown-fields").asBoolean();
        schema.nullable = node.path("nullable").asBoolean();
        schema.required = texts(node.path("required"));
        schema.defaultValue = node.get("default");
        Map<String, Schema> properties = new LinkedHashMap<>();
        node.path("properties")
                .properties()
                .forEach(entry -> properties.put(entry.getKey(), readPlace(entry.getValue())));
        Map<String, Schema> fixed = Collections.unmodifiableMap(properties);
        schema.properties = () -> fixed;
        JsonNode items = node.get("items");
        if (items != null && items.isObject()) {
            Schema element = readPlace(items);
            schema.items = () -> element;
        }
        JsonNode values = node.get("additionalProperties");
        if (values != null && (values.isObject() || values.asBoolean())) {
            // Nothing is known of the values if there is only a truth; what objects among them have is pruned.
            Schema value = values.isObject() ? readPlace(values) : new SchemaBuilder().build();
            schema.additionalProperties = () -> value;
        }
        schema.listType = switch (node.path("x-kubernetes-list-type").asText()) {
            case "map" -> Schema.ListType.MAP;
            case "set" -> Schema.ListType.SET;
            default -> Schema.ListType.ATOMIC;
        };
        schema.listMapKeys = List.copyOf(texts(node.path("x-kubernetes-list-map-keys")));
        schema.atomicMap = node.path("x-kubernetes-map-type").asText().equals("atomic");
        schema.rules = rules(node);
        return node.path("x-kubernetes-embedded-resource").asBoolean() ? withObjectFields(schema) : schema;
    }

    private static Schema.Type type(String name) {
        return switch (name) {
            case "object" -> Schema.Type.OBJECT;
            case "array" -> Schema.Type.ARRAY;
            case "string" -> Schema.Type.STRING;
            case "integer" -> Schema.Type.INTEGER;
            case "number" -> Schema.Type.NUMBER;
            case "boolean" -> Schema.Type.BOOLEAN;
            default -> Schema.Type.ANY;
        };
    }

    /** Adds what every object has, where a whole object stands. */
    private static SchemaBuilder withObjectFields(SchemaBuilder schema) {
        Map<String, Schema> properties = new LinkedHashMap<>(schema.properties.get());
        for (String field : OBJECT_FIELDS) {
            Schema declared = properties.get(field);
            properties.put(field, field.equals("metadata") ? metadata(declared) : text(declared));
        }
        schema.properties = () -> properties;
        schema.embeddedResource = true;
        if (schema.type == Schema.Type.ANY) {
            schema.type = Schema.Type.OBJECT;
        }
        return schema;
    }

    private static Schema text(@Nullable Schema declared) {
        SchemaBuilder text = declared == null ? new SchemaBuilder() : new SchemaBuilder(declared);
        text.type = Schema.Type.STRING;
        text.goType = "string";
        return text.build();
    }

    /** The metadata of all objects, with what a schema demands of the name beyond. */
    private static Schema metadata(@Nullable Schema declared) {
        if (declared == null) {
            return BuiltInSchemas.objectMeta();
        }
        SchemaBuilder metadata = new SchemaBuilder(BuiltInSchemas.objectMeta());
        metadata.rules = declared.rules();
        metadata.required = declared.required();
        metadata.properties = new Lazily<>(() -> {
            Map<String, Schema> properties =
                    new LinkedHashMap<>(BuiltInSchemas.objectMeta().properties());
            declared.properties()
                    .forEach((name, more) -> properties.computeIfPresent(name, (same, known) -> {
                        SchemaBuilder both = new SchemaBuilder(known);
                        both.rules = more.rules();
                        both.format = known.format().isEmpty() ? more.format() : known.format();
                        return both.build();
                    }));
            return properties;
        });
        return metadata.build();
    }

    private static Set<String> texts(JsonNode list) {
        Set<String> texts = new LinkedHashSet<>();
        list.forEach(text -> texts.add(text.asText()));
        return Collections.unmodifiableSet(texts);
    }

    private static @Nullable Rules rules(JsonNode node) {
        List<JsonNode> enumValues = new ArrayList<>();
        node.path("enum").forEach(enumValues::add);
        JsonNode not = node.get("not");
        Rules rules = new Rules(
                number(node, "minimum"),
                node.path("exclusiveMinimum").asBoolean(),
                number(node, "maximum"),
                node.path("exclusiveMaximum").asBoolean(),
                number(node, "multipleOf"),
                count(node, "minLength"),
                count(node, "maxLength"),
                pattern(node.path("pattern").asText()),
                count(node, "minItems"),
                count(node, "maxItems"),
                node.path("uniqueItems").asBoolean(),
                count(node, "minProperties"),
                count(node, "maxProperties"),
                List.copyOf(enumValues),
                all(node.path("allOf")),
                all(node.path("anyOf")),
                all(node.path("oneOf")),
                not == null || !not.isObject() ? null : readPlace(not),
                expressions(node.path("x-kubernetes-validations")));
        return rules.equals(NO_RULES) ? null : rules;
    }

    private static final Rules NO_RULES = new Rules(
            null, false, null, false, null, null, null, null, null, null, false, null, null, List.of(), List.of(),
            List.of(), List.of(), null, List.of());

    private static @Nullable BigDecimal number(JsonNode node, String keyword) {
        JsonNode value = node.get(keyword);
        return value == null || !value.isNumber() ? null : value.decimalValue();
    }

    private static @Nullable Long count(JsonNode node, String keyword) {
        JsonNode value = node.get(keyword);
        return value == null || !value.isIntegralNumber() ? null : value.longValue();
    }

    private static @Nullable Pattern pattern(String text) {
        try {
            return text.isEmpty() ? null : Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            // Refused when the definition is made; one that is stored all the same demands nothing.
            return null;
        }
    }

    private static List<Schema> all(JsonNode list) {
        List<Schema> schemas = new ArrayList<>();
        list.forEach(element -> schemas.add(readPlace(element)));
        return List.copyOf(schemas);
    }

    private static List<Rules.Expression> expressions(JsonNode list) {
        List<Rules.Expression> expressions = new ArrayList<>();
        for (JsonNode one : list) {
            expressions.add(new Rules.Expression(
                    one.path("rule").asText(),
                    one.path("message").asText(),
                    one.path("messageExpression").asText(),
                    one.path("reason").asText(),
                    one.path("fieldPath").asText(),
                    one.path("optionalOldSelf").asBoolean()));
        }
        return List.copyOf(expressions);
    }
}
