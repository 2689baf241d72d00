package io.keelson.apiserver.protobuf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes trees as messages, from the last field to the first (see {@link WireWriter}). */
final class MessageWriter {
    private static final int KEY = 1;
    private static final int VALUE = 2;
    private static final ObjectNode EMPTY = Json.object();
    private static final Comparator<Map.Entry<String, JsonNode>> LAST_KEY_FIRST =
            (one, other) -> GoText.compare(other.getKey(), one.getKey());

    private MessageWriter() {}

    /**
     * Writes a message.
     *
     * @throws MalformedException if a value is not of the type that the message demands
     */
    static void write(WireWriter out, Message message, ObjectNode object) {
        write(out, message.fields(), object);
    }

    /** Writes some of a message's fields, which stand in the order of their numbers. */
    static void write(WireWriter out, List<Field> fields, ObjectNode object) {
        for (int i = fields.size() - 1; i >= 0; i--) {
            Field field = fields.get(i);
            if (field.inline()) {
                value(out, field.number(), field.type(), object, "");
            } else {
                JsonNode value = present(object.get(field.name()));
                if (value != null || field.always()) {
                    field(out, field, value);
                }
            }
        }
    }

    static @Nullable JsonNode present(@Nullable JsonNode value) {
        return value == null || value.isNull() ? null : value;
    }

    private static void field(WireWriter out, Field field, @Nullable JsonNode value) {
        switch (field.type()) {
            case FieldType.Repeated list -> repeated(out, field.number(), list.element(), value, field.name());
            case FieldType.Mapped map -> entries(out, field.number(), map.value(), value, field.name());
            default -> value(out, field.number(), field.type(), value, field.name());
        }
    }

    /** Writes one value, or the zero of its type if it is null. */
    private static void value(WireWriter out, int number, FieldType type, @Nullable JsonNode value, String name) {
        if (type instanceof FieldType.Scalar scalar) {
            scalar(out, number, scalar, value, name);
            return;
        }
        int before = out.size();
        switch (type) {
            case FieldType.Special special -> SpecialWriter.write(out, special, value, name);
            case FieldType.Nested nested -> write(out, nested.message(), object(value, name));
            case FieldType.Listed list -> repeated(out, 1, list.element(), value, name);
            case FieldType.SchemaOr either -> schemaOr(out, either, value, name);
            case FieldType.Scalar _, FieldType.Repeated _, FieldType.Mapped _ ->
                throw new IllegalStateException("no single message: " + type);
        }
        out.delimit(number, before);
    }

    private static ObjectNode object(@Nullable JsonNode value, String name) {
        return switch (value) {
            case null -> EMPTY;
            case ObjectNode object -> object;
            default -> throw wrong(value, "an object", name);
        };
    }

    private static void repeated(WireWriter out, int number, FieldType element, @Nullable JsonNode value, String name) {
        switch (value) {
            case null -> {}
            case ArrayNode array -> {
                for (int i = array.size() - 1; i >= 0; i--) {
                    value(out, number, element, present(array.get(i)), name);
                }
            }
            default -> throw wrong(value, "a list", name);
        }
    }

    private static void entries(WireWriter out, int number, FieldType type, @Nullable JsonNode value, String name) {
        List<Map.Entry<String, JsonNode>> entries =
                new ArrayList<>(object(value, name).properties());
        entries.sort(LAST_KEY_FIRST);
        for (Map.Entry<String, JsonNode> entry : entries) {
            int before = out.size();
            JsonNode present = present(entry.getValue());
            if (present != null || type != FieldType.Scalar.BYTES) {
                value(out, VALUE, type, present, name);
            }
            out.text(KEY, entry.getKey());
            out.delimit(number, before);
        }
    }

    private static void schemaOr(WireWriter out, FieldType.SchemaOr either, @Nullable JsonNode value, String name) {
        FieldType.Nested schema = either.schema();
        switch (either.alternative()) {
            case BOOL -> {
                boolean isSchema = value instanceof ObjectNode;
                if (isSchema) {
                    value(out, 2, schema, value, name);
                }
                boolean allows = isSchema || (value != null && bool(value, name));
                out.varint(1, allows ? 1 : 0);
            }
            case LIST -> schemaOrList(out, schema, schema, value, name);
            case STRINGS -> schemaOrList(out, schema, FieldType.Scalar.STRING, value, name);
        }
    }

    private static void schemaOrList(
            WireWriter out, FieldType schema, FieldType element, @Nullable JsonNode value, String name) {
        if (value instanceof ObjectNode) {
            value(out, 1, schema, value, name);
        } else {
            repeated(out, 2, element, value, name);
        }
    }

    private static void scalar(
            WireWriter out, int number, FieldType.Scalar type, @Nullable JsonNode value, String name) {
        switch (type) {
            case STRING -> out.text(number, text(value, name));
            case BYTES -> out.bytes(number, bytes(text(value, name), name));
            case BOOL -> out.varint(number, value != null && bool(value, name) ? 1 : 0);
            case INT32, INT64 -> out.varint(number, integer(value, type == FieldType.Scalar.INT32, name));
            case DOUBLE -> out.fixed64(number, real(value, name));
        }
    }

    private static String text(@Nullable JsonNode value, String name) {
        if (value == null) {
            return "";
        }
        if (!value.isTextual()) {
            throw wrong(value, "a string", name);
        }
        return value.textValue();
    }

    private static byte[] bytes(String text, String name) {
        try {
            return Base64.getDecoder().decode(text.replace("\n", "").replace("\r", ""));
        } catch (IllegalArgumentException e) {
            throw new MalformedException("illegal base64 data in field " + name + ": " + e.getMessage());
        }
    }

    private static boolean bool(JsonNode value, String name) {
        if (!value.isBoolean()) {
            throw wrong(value, "a boolean", name);
        }
        return value.booleanValue();
    }

    static long integer(@Nullable JsonNode value, boolean narrow, String name) {
        if (value == null) {
            return 0;
        }
        boolean whole = value.isNumber() && value.doubleValue() == Math.rint(value.doubleValue());
        if (!whole || !(narrow ? value.canConvertToInt() : value.canConvertToLong())) {
            throw wrong(value, narrow ? "an int32" : "an int64", name);
        }
        return value.longValue();
    }

    private static double real(@Nullable JsonNode value, String name) {
        if (value == null) {
            return 0;
        }
        if (!value.isNumber()) {
            throw wrong(value, "a number", name);
        }
        return value.doubleValue();
    }

    static MalformedException wrong(JsonNode value, String expected, String name) {
        return new MalformedException("a " + Json.goKind(value) + " stands where " + expected + " should be: " + name);
    }
}
