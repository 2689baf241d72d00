package io.keelson.apiserver.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.openapi.GnosticMessages.Choice;
import io.keelson.apiserver.openapi.GnosticMessages.Field;
import io.keelson.apiserver.openapi.GnosticMessages.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * Writes a document as protobuf. What the messages have no field for is left out: of v3, defaults that are lists or
 * objects.
 */
final class GnosticWriter {
    private static final Field NAME = new Field("string", false, 1);
    private static final int VALUE = 2;
    private static final Field YAML = new Field("string", false, 2);

    private final GnosticMessages messages;

    private GnosticWriter(GnosticMessages messages) {
        this.messages = messages;
    }

    static byte[] write(GnosticMessages messages, JsonNode document) {
        try {
            return new GnosticWriter(messages).message("Document", document);
        } catch (IOException e) {
            throw new UncheckedIOException("nothing is written but memory", e);
        }
    }

    /** Bytes that are being gathered into a message. */
    private static final class Bytes {
        private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();
        private final CodedOutputStream out = CodedOutputStream.newInstance(gathered, 512);

        byte[] done() throws IOException {
            out.flush();
            return gathered.toByteArray();
        }
    }

    private byte[] message(String type, JsonNode node) throws IOException {
        Message message = messages.find(type);
        if (message == null) {
            throw new IllegalStateException("there is no message " + type);
        }
        Bytes bytes = new Bytes();
        if (!message.choices().isEmpty()) {
            for (Choice choice : message.choices()) {
                if (applies(choice, node)) {
                    one(bytes.out, choice.field(), node, true);
                    break;
                }
            }
            return bytes.done();
        }
        Field elements = message.elements();
        if (elements != null) {
            for (JsonNode element : node.isArray() ? node : List.of(node)) {
                one(bytes.out, elements, element, true);
            }
            return bytes.done();
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            entry(bytes.out, message, entry.getKey(), entry.getValue());
        }
        return bytes.done();
    }

    private void entry(CodedOutputStream out, Message message, String key, JsonNode value) throws IOException {
        Field field = message.named().get(key);
        Field others = message.others();
        if (field != null) {
            if (field.repeated()) {
                for (JsonNode element : value) {
                    one(out, field, element, true);
                }
            } else {
                one(out, field, value, false);
            }
        } else if (key.startsWith("x-") && message.extensions() > 0) {
            pair(out, message.extensions(), key, new Field("any", false, VALUE), value);
        } else if (others != null) {
            pair(out, others.number(), key, new Field(others.type(), false, VALUE), value);
        }
    }

    private void pair(CodedOutputStream out, int number, String key, Field field, JsonNode value) throws IOException {
        Bytes pair = new Bytes();
        text(pair.out, NAME, key, false);
        one(pair.out, field, value, false);
        out.writeByteArray(number, pair.done());
    }

    /** @param present whether what is empty is written, too */
    private void one(CodedOutputStream out, Field field, JsonNode node, boolean present) throws IOException {
        switch (field.type()) {
            case "string" -> text(out, field, node.asText(), present);
            case "bool" -> {
                if (present || node.asBoolean()) {
                    out.writeBool(field.number(), node.asBoolean());
                }
            }
            case "int64" -> {
                if (present || node.asLong() != 0) {
                    out.writeInt64(field.number(), node.asLong());
                }
            }
            case "double" -> {
                if (present || node.asDouble() != 0) {
                    out.writeDouble(field.number(), node.asDouble());
                }
            }
            case "any" -> {
                Bytes any = new Bytes();
                text(any.out, YAML, Json.text(node) + "\n", false);
                out.writeByteArray(field.number(), any.done());
            }
            default -> {
                if (nothingApplies(field.type(), node)) {
                    return;
                }
                out.writeByteArray(field.number(), message(field.type(), node));
            }
        }
    }

    private boolean nothingApplies(String type, JsonNode node) {
        Message message = messages.find(type);
        return message != null
                && !message.choices().isEmpty()
                && message.choices().stream().noneMatch(choice -> applies(choice, node));
    }

    private static void text(CodedOutputStream out, Field field, String text, boolean present) throws IOException {
        if (present || !text.isEmpty()) {
            out.writeTag(field.number(), WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeStringNoTag(text);
        }
    }

    private static boolean applies(Choice choice, JsonNode node) {
        if (!choice.value().isEmpty()) {
            return node.path(choice.key()).asText().equals(choice.value());
        }
        return switch (choice.key()) {
            case "" -> true;
            case "boolean" -> node.isBoolean();
            case "number" -> node.isNumber();
            case "string" -> node.isTextual();
            default -> node.has(choice.key());
        };
    }
}
