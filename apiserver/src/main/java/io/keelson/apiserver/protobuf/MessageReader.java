package io.keelson.apiserver.protobuf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages into trees. Fields that Go writes in any case and that have no value (empty, zero, false) are left
 * out: they say nothing, and whether they stand in JSON is a matter of the schema. Fields of numbers that nobody knows
 * are passed over. As protobuf has it, the last one counts of a value that stands there more than once, messages are
 * merged, and numbers of a list may stand one by one or packed.
 */
final class MessageReader {
    private MessageReader() {}

    /**
     * Reads a message.
     *
     * @param into receives the fields
     * @param depth how deep the object lies in the tree
     * @throws MalformedException if it is none, or nested too deeply
     */
    static void read(WireReader in, Message message, ObjectNode into, int depth) {
        if (depth > Json.DEPTH_MAX) {
            throw new MalformedException("exceeded max depth");
        }
        while (in.next()) {
            Field field = message.field(in.number());
            if (field == null) {
                in.skip();
            } else {
                read(in, field, into, depth);
            }
        }
    }

    private static void read(WireReader in, Field field, ObjectNode into, int depth) {
        String name = field.name();
        switch (field.type()) {
            case FieldType.Repeated list -> repeated(in, list.element(), name, into.withArrayProperty(name), depth + 1);
            case FieldType.Mapped map -> entry(in, map.value(), name, into.withObjectProperty(name), depth + 1);
            case FieldType.Nested nested
            when field.inline() -> {
                in.require(WireReader.DELIMITED, nested.toString());
                read(in.delimited(), nested.message(), into, depth);
            }
            default -> {
                JsonNode value = value(in, field.type(), name, into.get(name), depth + 1);
                if (value == null || value.isNull() || (field.always() && isZero(value))) {
                    into.remove(name);
                } else {
                    into.set(name, value);
                }
            }
        }
    }

    /** Null is what Go makes of a time without fields, for example. */
    private static JsonNode value(WireReader in, FieldType type, String name, @Nullable JsonNode previous, int depth) {
        if (type instanceof FieldType.Scalar scalar) {
            in.require(scalar.wireType(), name);
            return scalar(in, scalar);
        }
        in.require(WireReader.DELIMITED, name);
        WireReader message = in.delimited();
        return switch (type) {
            case FieldType.Special special -> SpecialReader.read(message, special, depth);
            case FieldType.Nested nested -> {
                ObjectNode object = previous instanceof ObjectNode known ? known : Json.object();
                read(message, nested.message(), object, depth);
                yield object;
            }
            case FieldType.Listed list -> {
                ArrayNode array = previous instanceof ArrayNode known ? known : Json.array();
                while (message.next()) {
                    if (message.number() == 1) {
                        repeated(message, list.element(), name, array, depth);
                    } else {
                        message.skip();
                    }
                }
                yield array;
            }
            case FieldType.SchemaOr either -> schemaOr(message, either, name, depth);
            case FieldType.Scalar _, FieldType.Repeated _, FieldType.Mapped _ ->
                throw new IllegalStateException("no single message: " + type);
        };
    }

    private static void repeated(WireReader in, FieldType element, String name, ArrayNode array, int depth) {
        boolean packed = element instanceof FieldType.Scalar scalar
                && scalar.wireType() != WireReader.DELIMITED
                && in.wireType() == WireReader.DELIMITED;
        if (packed) {
            WireReader values = in.delimited();
            while (values.hasMore()) {
                array.add(scalar(values, (FieldType.Scalar) element));
            }
        } else {
            array.add(value(in, element, name, null, depth));
        }
    }

    private static void entry(WireReader in, FieldType type, String name, ObjectNode map, int depth) {
        in.require(WireReader.DELIMITED, name);
        WireReader entry = in.delimited();
        String key = "";
        JsonNode value = null;
        while (entry.next()) {
            switch (entry.number()) {
                case 1 -> {
                    entry.require(WireReader.DELIMITED, name);
                    key = entry.text();
                }
                case 2 -> value = value(entry, type, name, value, depth);
                default -> entry.skip();
            }
        }
        map.set(key, value == null ? missing(type, depth) : value);
    }

    /** The value of an entry that has none. */
    private static JsonNode missing(FieldType type, int depth) {
        return switch (type) {
            case FieldType.Scalar scalar ->
                switch (scalar) {
                    case STRING, BYTES -> TextNode.valueOf("");
                    case BOOL -> BooleanNode.FALSE;
                    case INT32, INT64, DOUBLE -> LongNode.valueOf(0);
                };
            case FieldType.Special special -> SpecialReader.read(new WireReader(new byte[0]), special, depth);
            case FieldType.Nested _ -> Json.object();
            case FieldType.Listed _, FieldType.SchemaOr _, FieldType.Repeated _, FieldType.Mapped _ ->
                NullNode.getInstance();
        };
    }

    private static JsonNode schemaOr(WireReader in, FieldType.SchemaOr either, String name, int depth) {
        boolean allows = false;
        ObjectNode schema = null;
        ArrayNode list = Json.array();
        int schemaNumber = either.alternative() == FieldType.Alternative.BOOL ? 2 : 1;
        while (in.next()) {
            if (in.number() == schemaNumber) {
                schema = (ObjectNode) value(in, either.schema(), name, schema, depth);
            } else if (in.number() > 2) {
                in.skip();
            } else {
                switch (either.alternative()) {
                    case BOOL ->
                        allows = value(in, FieldType.Scalar.BOOL, name, null, depth)
                                .booleanValue();
                    case LIST -> list.add(value(in, either.schema(), name, null, depth + 1));
                    case STRINGS -> list.add(value(in, FieldType.Scalar.STRING, name, null, depth + 1));
                }
            }
        }
        if (!list.isEmpty()) {
            return list;
        }
        if (schema != null) {
            return schema;
        }
        return either.alternative() == FieldType.Alternative.BOOL
                ? BooleanNode.valueOf(allows)
                : NullNode.getInstance();
    }

    private static JsonNode scalar(WireReader in, FieldType.Scalar type) {
        return switch (type) {
            case STRING -> TextNode.valueOf(in.text());
            case BYTES -> TextNode.valueOf(Base64.getEncoder().encodeToString(in.bytes()));
            case BOOL -> BooleanNode.valueOf(in.varint() != 0);
            case INT32 -> {
                int narrow = (int) in.varint();
                yield LongNode.valueOf(narrow);
            }
            case INT64 -> LongNode.valueOf(in.varint());
            case DOUBLE -> number(in.fixed64());
        };
    }

    /** As JSON has it: whole numbers are whole. */
    private static JsonNode number(double value) {
        if (!Double.isFinite(value)) {
            throw new MalformedException("json: unsupported value: " + value);
        }
        long whole = (long) value;
        boolean exact = whole == value && Math.abs(whole) < 1L << 53 && Double.compare(value, -0.0) != 0;
        return exact ? LongNode.valueOf(whole) : DoubleNode.valueOf(value);
    }

    private static boolean isZero(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> value.textValue().isEmpty();
            case NUMBER -> value.doubleValue() == 0;
            case BOOLEAN -> !value.booleanValue();
            default -> false;
        };
    }
}
