package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.object.Timestamps;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether the values of an object are of the types that a built-in schema declares, with the errors that the original's
 * decoder gives: {@code json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32}.
 * That decoder notes the first value of a wrong JSON type and goes on, but stops at once at a text that does not have its
 * form (a quantity, a time); so does this.
 */
public final class TypeCheck {
    private final Deque<String> path = new ArrayDeque<>();
    private String struct = "";
    private @Nullable String firstError;

    private TypeCheck() {}

    /** What is wrong, or null if nothing is. Fields that are not declared are passed over, nulls are fine everywhere. */
    public static @Nullable String check(JsonNode object, Schema schema) {
        TypeCheck check = new TypeCheck();
        try {
            check.value(object, schema);
        } catch (MalformedException e) {
            return e.message();
        }
        return check.firstError;
    }

    private void value(JsonNode node, Schema schema) {
        if (node.isNull() || schema.type() == Schema.Type.ANY || isFree(schema)) {
            return;
        }
        switch (schema.type()) {
            case OBJECT -> object(node, schema);
            case ARRAY -> array(node, schema);
            case STRING -> string(node, schema);
            case INTEGER -> integer(node, schema.format().equals("int32"), schema.goType());
            case NUMBER -> expect(node.isNumber(), node, schema.goType());
            case BOOLEAN -> expect(node.isBoolean(), node, schema.goType());
            case ANY -> {}
        }
    }

    private static boolean isFree(Schema schema) {
        return schema.preserveUnknownFields() && schema.properties().isEmpty();
    }

    private void object(JsonNode node, Schema schema) {
        if (!expect(node.isObject(), node, schema.goType())) {
            return;
        }
        Schema values = schema.additionalProperties();
        if (values != null) {
            node.forEach(value -> value(value, values));
            return;
        }
        String outer = struct;
        String own = schema.goType().substring(schema.goType().lastIndexOf('.') + 1);
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            Schema property = schema.property(field.getKey());
            if (property != null) {
                struct = own;
                path.addLast(field.getKey());
                value(field.getValue(), property);
                path.removeLast();
            }
        }
        struct = outer;
    }

    private void array(JsonNode node, Schema schema) {
        Schema items = schema.items();
        if (expect(node.isArray(), node, schema.goType()) && items != null) {
            node.forEach(element -> value(element, items));
        }
    }

    private void string(JsonNode node, Schema schema) {
        switch (schema.name()) {
            case BuiltInSchemas.QUANTITY -> Quantity.of(node);
            case BuiltInSchemas.INT_OR_STRING -> {
                if (!node.isTextual()) {
                    integer(node, true, "int32");
                    stop();
                }
            }
            case BuiltInSchemas.TIME -> {
                text(node);
                Timestamps.parse(node.textValue());
            }
            case BuiltInSchemas.MICRO_TIME -> {
                text(node);
                Timestamps.parseMicroseconds(node.textValue());
            }
            case BuiltInSchemas.DURATION -> {
                text(node);
                Durations.parse(node.textValue());
            }
            default -> {
                if (expect(node.isTextual(), node, schema.goType())
                        && schema.format().equals("byte")
                        && firstError == null) {
                    firstError = Base64Text.wrong(node.textValue());
                }
            }
        }
    }

    /** For types that decode themselves: what is no text ends it all. */
    private void text(JsonNode node) {
        expect(node.isTextual(), node, "string");
        if (!node.isTextual()) {
            stop();
        }
    }

    private void stop() {
        if (firstError != null) {
            throw new MalformedException(firstError);
        }
    }

    private void integer(JsonNode node, boolean small, String goType) {
        if (!expect(node.isNumber(), node, goType)) {
            return;
        }
        boolean fits = node.isIntegralNumber() && (small ? node.canConvertToInt() : node.canConvertToLong());
        if (!fits) {
            note("number " + numberText(node), goType);
        }
    }

    private static String numberText(JsonNode node) {
        return node.isIntegralNumber() ? node.asText() : GoText.number(node.doubleValue());
    }

    private boolean expect(boolean fine, JsonNode node, String goType) {
        if (!fine) {
            note(Json.goKind(node), goType);
        }
        return fine;
    }

    private void note(String value, String goType) {
        if (firstError == null) {
            String where = path.isEmpty() ? "value" : "struct field " + struct + "." + String.join(".", path);
            firstError = "json: cannot unmarshal " + value + " into Go " + where + " of type " + goType;
        }
    }
}
