package io.keelson.apiserver.protobuf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.GroupVersionKind;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Objects in which every field has a value, made as the original makes those of its compatibility tests: a text is the
 * field's name and "Value", a number is the field's number, a time lies in the year 2000 plus the field's number, lists and
 * maps have one element (no time at all in a map of times), and a type is not filled within itself.
 */
public final class FilledObjects {
    private final Deque<String> open = new ArrayDeque<>();

    private FilledObjects() {}

    public static ObjectNode of(GroupVersionKind kind) {
        Message message = MessageTable.find(kind);
        if (message == null) {
            throw new IllegalArgumentException(kind.toString());
        }
        ObjectNode object = Json.object().put("kind", kind.kind());
        object.put("apiVersion", kind.groupVersion().toString());
        new FilledObjects().fill(message, object);
        return object;
    }

    private void fill(Message message, ObjectNode object) {
        open.push(message.name());
        for (Field field : message.fields()) {
            if (field.inline()) {
                fill(((FieldType.Nested) field.type()).message(), object);
                continue;
            }
            JsonNode value = value(field.type(), field.name(), field.number());
            if (value != null) {
                object.set(field.name(), value);
            }
        }
        open.pop();
    }

    private @Nullable JsonNode value(FieldType type, String name, int number) {
        return switch (type) {
            case FieldType.Scalar scalar ->
                switch (scalar) {
                    case STRING -> TextNode.valueOf(name + "Value");
                    case BOOL -> BooleanNode.TRUE;
                    case INT32, INT64 -> LongNode.valueOf(number);
                    case DOUBLE -> DoubleNode.valueOf(number + 0.5);
                    case BYTES -> TextNode.valueOf(Base64.getEncoder().encodeToString(new byte[] {(byte) number}));
                };
            case FieldType.Special special ->
                switch (special) {
                    case TIME -> TextNode.valueOf((2000 + number) + "-01-01T01:01:01Z");
                    case MICRO_TIME -> TextNode.valueOf("%d-01-01T01:01:01.%06dZ".formatted(2000 + number, number));
                    case QUANTITY -> TextNode.valueOf("0");
                    case INT_OR_STRING -> TextNode.valueOf(name + "Value");
                    case RAW ->
                        name.equals("fieldsV1")
                                ? Json.object()
                                : Json.parse("{\"apiVersion\":\"example.com/v1\",\"kind\":\"CustomType\","
                                        + "\"spec\":{\"replicas\":1},\"status\":{\"available\":1}}");
                };
            case FieldType.Nested nested -> {
                if (open.contains(nested.toString())) {
                    yield null;
                }
                ObjectNode object = Json.object();
                fill(nested.message(), object);
                yield object;
            }
            case FieldType.Repeated list -> {
                JsonNode element = value(list.element(), name, number);
                yield element == null ? null : Json.array().add(element);
            }
            case FieldType.Listed list -> {
                JsonNode element = value(list.element(), name, number);
                yield element == null ? null : Json.array().add(element);
            }
            case FieldType.Mapped map -> {
                JsonNode element = map.value() == FieldType.Special.TIME
                        ? NullNode.getInstance()
                        : value(map.value(), name, number);
                yield element == null ? null : Json.object().set(name + "Key", element);
            }
            case FieldType.SchemaOr either -> value(either.schema(), name, number);
        };
    }
}
