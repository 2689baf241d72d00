package io.keelson.apiserver.protobuf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import io.keelson.apiserver.schema.WireForm;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Random;

/** Random objects that a schema allows: the one thing that a round trip and the messages do not share. */
final class SchemaObjects {
    private static final int DEPTH_MAX = 9;
    private static final String[] TEXTS = {
        "a", "kube-system", "ü", "日本", "\ud83d\ude00", "with \"quotes\"", "line\nend", "0", "x".repeat(200), "\uffff"
    };
    private static final String[] QUANTITIES = {"0", "1", "100m", "1536Mi", "2Gi", "1e3", "0.5", "-3", "12345678901"};

    private final Random random;

    SchemaObjects(long seed) {
        random = new Random(seed);
    }

    ObjectNode of(GroupVersionKind kind, Schema schema) {
        ObjectNode object = object(schema, 0);
        object.put("apiVersion", kind.groupVersion().toString());
        object.put("kind", kind.kind());
        return object;
    }

    private ObjectNode object(Schema schema, int depth) {
        ObjectNode object = Json.object();
        for (Map.Entry<String, Schema> property : schema.properties().entrySet()) {
            double share = depth < 2 ? 0.8 : 0.35;
            if (depth < DEPTH_MAX && random.nextDouble() < share && !isOwnType(schema, property.getKey())) {
                object.set(property.getKey(), value(property.getValue(), depth + 1));
            }
        }
        return object;
    }

    /** Protobuf does not have what an object inside another one says of its own kind; nor do lists say it of their items. */
    private static boolean isOwnType(Schema schema, String property) {
        return (property.equals("kind") || property.equals("apiVersion"))
                && MessageTable.names().contains(schema.name())
                && MessageTable.get(schema.name()).fields().stream()
                        .noneMatch(field -> field.name().equals(property));
    }

    private JsonNode value(Schema schema, int depth) {
        String name = schema.name().substring(schema.name().lastIndexOf('.') + 1);
        return switch (name) {
            case "JSONSchemaPropsOrBool" ->
                random.nextBoolean() ? BooleanNode.valueOf(random.nextBoolean()) : jsonSchema(schema, depth);
            case "JSONSchemaPropsOrArray" -> {
                JsonNode one = jsonSchema(schema, depth);
                yield random.nextBoolean() ? one : Json.array().add(one);
            }
            case "JSONSchemaPropsOrStringArray" ->
                random.nextBoolean() ? jsonSchema(schema, depth) : Json.array().add(text());
            case "JSON" -> free(3);
            case "Quantity" -> TextNode.valueOf(QUANTITIES[random.nextInt(QUANTITIES.length)]);
            case "Time" -> TextNode.valueOf(Timestamps.seconds(time()));
            case "MicroTime" -> TextNode.valueOf(Timestamps.microseconds(time()));
            default -> byType(schema, depth);
        };
    }

    private Instant time() {
        return Instant.ofEpochSecond(random.nextLong(-1L << 32, 1L << 36), random.nextInt(1_000_000_000));
    }

    /** Already in form, because OpenAPI takes such a place for free, and nobody forms what is free. */
    private ObjectNode jsonSchema(Schema schema, int depth) {
        String place = schema.name().substring(0, schema.name().lastIndexOf('.'));
        Schema inner = BuiltInSchemas.get(place + ".JSONSchemaProps");
        ObjectNode object = object(inner, depth + 1);
        WireForm.apply(object, inner);
        return object;
    }

    private JsonNode byType(Schema schema, int depth) {
        return switch (schema.type()) {
            case OBJECT -> {
                Schema values = schema.additionalProperties();
                if (values != null) {
                    ObjectNode map = Json.object();
                    for (int i = random.nextInt(3); i >= 0; i--) {
                        map.set(text(), value(values, depth + 1));
                    }
                    yield map;
                }
                yield schema.preserveUnknownFields() ? freeObject(3) : object(schema, depth);
            }
            case ARRAY -> {
                ArrayNode list = Json.array();
                Schema items = schema.items();
                for (int i = random.nextInt(3); items != null && i >= 0; i--) {
                    list.add(value(items, depth + 1));
                }
                yield list;
            }
            case STRING -> {
                if (schema.format().equals("byte")) {
                    byte[] bytes = new byte[random.nextInt(20)];
                    random.nextBytes(bytes);
                    yield TextNode.valueOf(Base64.getEncoder().encodeToString(bytes));
                }
                yield schema.intOrString() && random.nextBoolean()
                        ? LongNode.valueOf(random.nextInt())
                        : TextNode.valueOf(text());
            }
            case INTEGER -> {
                boolean small = random.nextBoolean();
                int narrow = small ? random.nextInt(200) : random.nextInt();
                yield LongNode.valueOf(schema.format().equals("int64") && !small ? random.nextLong() : narrow);
            }
            case NUMBER ->
                random.nextBoolean()
                        ? DoubleNode.valueOf(random.nextInt(1_000) + 0.25)
                        : LongNode.valueOf(random.nextInt(1_000));
            case BOOLEAN -> BooleanNode.valueOf(random.nextBoolean());
            case ANY -> free(3);
        };
    }

    private String text() {
        return TEXTS[random.nextInt(TEXTS.length)];
    }

    private JsonNode free(int depth) {
        return switch (random.nextInt(depth == 0 ? 3 : 5)) {
            case 0 -> TextNode.valueOf(text());
            case 1 -> LongNode.valueOf(random.nextLong());
            case 2 -> BooleanNode.valueOf(random.nextBoolean());
            case 3 -> Json.array().add(free(depth - 1));
            default -> freeObject(depth - 1);
        };
    }

    private ObjectNode freeObject(int depth) {
        ObjectNode object = Json.object();
        for (int i = random.nextInt(3); i >= 0; i--) {
            object.set(text(), free(depth <= 0 ? 0 : depth - 1));
        }
        return object;
    }
}
