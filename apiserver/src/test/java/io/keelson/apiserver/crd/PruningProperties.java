package io.keelson.apiserver.crd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.schema.Defaulting;
import io.keelson.apiserver.schema.Pruning;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.StructuralSchema;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

/** Pruning and defaults of random objects by random schemas, against a model that works on the schemas as they are written. */
final class PruningProperties {
    private static final List<String> FIELDS = List.of("a", "b", "c", "d");

    @Property(tries = 2_000)
    void objectsBecomeWhatTheSchemaSays(@ForAll long seed) {
        Random random = new Random(seed);
        ObjectNode schema = schema(random, 4, true);
        ObjectNode root = Json.object().put("type", "object");
        root.putObject("properties").set("spec", schema);
        ObjectNode object = Json.object();
        object.set("spec", value(random, schema, 4));
        Schema read = StructuralSchema.read(root);
        ObjectNode expected = (ObjectNode) model(object, root);
        ObjectNode actual = formed(object, read);
        assertEquals(expected, actual, () -> "schema " + schema + " object " + object);
        assertEquals(actual, formed(actual, read), "doing it again changes nothing");
    }

    private static ObjectNode formed(ObjectNode object, Schema schema) {
        ObjectNode copy = object.deepCopy();
        Pruning.prune(copy, schema);
        Defaulting.dropNulls(copy, schema);
        Defaulting.apply(copy, schema);
        return copy;
    }

    private static ObjectNode schema(Random random, int depth, boolean mayDefault) {
        ObjectNode schema = Json.object();
        switch (depth == 0 ? 3 + random.nextInt(2) : random.nextInt(6)) {
            case 0, 1 -> {
                schema.put("type", "object");
                ObjectNode properties = schema.putObject("properties");
                for (String field : FIELDS) {
                    if (random.nextBoolean()) {
                        properties.set(field, schema(random, depth - 1, mayDefault));
                    }
                }
                if (random.nextInt(5) == 0) {
                    schema.put("x-kubernetes-preserve-unknown-fields", true);
                }
            }
            case 2 -> {
                schema.put("type", "object");
                schema.set("additionalProperties", schema(random, depth - 1, false));
            }
            case 3 -> schema.put("type", "string");
            case 4 -> schema.put("type", "integer");
            default -> {
                schema.put("type", "array");
                schema.set("items", schema(random, depth - 1, mayDefault));
            }
        }
        if (random.nextInt(4) == 0) {
            schema.put("nullable", true);
        }
        if (mayDefault && random.nextInt(4) == 0) {
            schema.set("default", fitting(random, schema));
        }
        return schema;
    }

    /** A value that has nothing in it that the schema does not declare, nor nulls. */
    private static JsonNode fitting(Random random, JsonNode schema) {
        return switch (schema.path("type").asText()) {
            case "string" -> Json.parse("\"default\"");
            case "integer" -> Json.parse("7");
            case "array" -> Json.array();
            default -> {
                ObjectNode object = Json.object();
                schema.path("properties").properties().forEach(property -> {
                    if (random.nextInt(3) == 0) {
                        object.set(property.getKey(), fitting(random, property.getValue()));
                    }
                });
                yield object;
            }
        };
    }

    private static JsonNode value(Random random, JsonNode schema, int depth) {
        if (random.nextInt(6) == 0) {
            return NullNode.getInstance();
        }
        return switch (schema.path("type").asText()) {
            case "string" -> Json.parse("\"text\"");
            case "integer" -> Json.parse("1");
            case "array" -> {
                ArrayNode array = Json.array();
                for (int i = random.nextInt(3); i > 0; i--) {
                    array.add(value(random, schema.path("items"), depth - 1));
                }
                yield array;
            }
            default -> {
                ObjectNode object = Json.object();
                for (String field : FIELDS) {
                    JsonNode declared = schema.path("properties").path(field);
                    if (declared.isMissingNode()) {
                        declared = schema.path("additionalProperties");
                    }
                    if (random.nextBoolean()) {
                        object.set(
                                field,
                                declared.isMissingNode()
                                        ? Json.parse("{\"unknown\":[{\"x\":null}]}")
                                        : value(random, declared, depth - 1));
                    }
                }
                yield object;
            }
        };
    }

    /** What a value is to become. */
    private static JsonNode model(JsonNode value, JsonNode schema) {
        if (value.isArray()) {
            ArrayNode array = Json.array();
            for (JsonNode element : value) {
                JsonNode kept = orDefault(element, schema.path("items"));
                array.add(kept == null ? element : kept);
            }
            return array;
        }
        if (!value.isObject()) {
            return value;
        }
        ObjectNode object = Json.object();
        for (var field : value.properties()) {
            JsonNode declared = schema.path("properties").path(field.getKey());
            if (declared.isMissingNode()) {
                declared = schema.path("additionalProperties");
            }
            if (!declared.isMissingNode()) {
                JsonNode kept = orDefault(field.getValue(), declared);
                if (kept != null) {
                    object.set(field.getKey(), kept);
                }
            } else if (schema.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
                object.set(field.getKey(), field.getValue());
            }
        }
        for (var property : schema.path("properties").properties()) {
            if (!object.has(property.getKey()) && property.getValue().has("default")) {
                object.set(property.getKey(), model(property.getValue().path("default"), property.getValue()));
            }
        }
        return object;
    }

    /** A value, or its default if it is a null that may not stand there; null if it goes. */
    private static @Nullable JsonNode orDefault(JsonNode value, JsonNode schema) {
        if (!value.isNull()) {
            return model(value, schema);
        }
        if (schema.path("nullable").asBoolean()) {
            return value;
        }
        return schema.has("default") ? model(schema.path("default"), schema) : null;
    }
}
