package io.keelson.apiserver.openapi;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.openapi.GnosticMessages.Choice;
import io.keelson.apiserver.openapi.GnosticMessages.Field;
import io.keelson.apiserver.openapi.GnosticMessages.Message;
import java.util.Map;

/** Reads protobuf documents back, by the library's own parser; every field has to be one that is known. */
final class GnosticReader {
    private final GnosticMessages messages;

    GnosticReader(GnosticMessages messages) {
        this.messages = messages;
    }

    ObjectNode document(byte[] bytes) throws Exception {
        return (ObjectNode) message("Document", UnknownFieldSet.parseFrom(bytes));
    }

    private JsonNode message(String type, UnknownFieldSet fields) throws Exception {
        Message message = messages.find(type);
        assertNotNull(message, type);
        if (!message.choices().isEmpty()) {
            for (Choice choice : message.choices()) {
                if (fields.hasField(choice.field().number())) {
                    return first(choice.field(), fields);
                }
            }
            throw new AssertionError("none of several: " + type);
        }
        if (message.elements() != null) {
            ArrayNode array = Json.array();
            all(message.elements(), fields, array);
            boolean bare = type.equals("TypeItem") || type.equals("ItemsItem");
            return bare && array.size() == 1 ? array.get(0) : array;
        }
        ObjectNode out = Json.object();
        for (int number : fields.asMap().keySet()) {
            field(message, number, fields, out);
        }
        return out;
    }

    private void field(Message message, int number, UnknownFieldSet fields, ObjectNode out) throws Exception {
        for (Map.Entry<String, Field> named : message.named().entrySet()) {
            if (named.getValue().number() == number) {
                if (named.getValue().repeated()) {
                    all(named.getValue(), fields, out.putArray(named.getKey()));
                } else {
                    out.set(named.getKey(), first(named.getValue(), fields));
                }
                return;
            }
        }
        Field others = message.others();
        boolean extension = number == message.extensions();
        assertTrue(extension || (others != null && others.number() == number), "field " + number + " of " + message);
        for (ByteString bytes : fields.getField(number).getLengthDelimitedList()) {
            UnknownFieldSet pair = UnknownFieldSet.parseFrom(bytes);
            Field value = new Field(extension || others == null ? "any" : others.type(), false, 2);
            String name = pair.getField(1).getLengthDelimitedList().getFirst().toStringUtf8();
            out.set(name, first(value, pair));
        }
    }

    private JsonNode first(Field field, UnknownFieldSet fields) throws Exception {
        ArrayNode array = Json.array();
        all(field, fields, array);
        return array.get(0);
    }

    private void all(Field field, UnknownFieldSet fields, ArrayNode out) throws Exception {
        UnknownFieldSet.Field values = fields.getField(field.number());
        switch (field.type()) {
            case "bool" -> values.getVarintList().forEach(value -> out.add(BooleanNode.valueOf(value != 0)));
            case "int64" -> values.getVarintList().forEach(value -> out.add(LongNode.valueOf(value)));
            case "double" ->
                values.getFixed64List().forEach(value -> out.add(DoubleNode.valueOf(Double.longBitsToDouble(value))));
            case "string" ->
                values.getLengthDelimitedList().forEach(value -> out.add(TextNode.valueOf(value.toStringUtf8())));
            case "any" -> {
                for (ByteString value : values.getLengthDelimitedList()) {
                    UnknownFieldSet any = UnknownFieldSet.parseFrom(value);
                    out.add(Json.parse(
                            any.getField(2).getLengthDelimitedList().getFirst().toStringUtf8()));
                }
            }
            default -> {
                for (ByteString value : values.getLengthDelimitedList()) {
                    out.add(message(field.type(), UnknownFieldSet.parseFrom(value)));
                }
            }
        }
    }
}
