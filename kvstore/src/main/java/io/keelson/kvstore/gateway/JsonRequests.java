package io.keelson.kvstore.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the messages of a body; its errors are fit to be shown to whoever sent it. */
final class JsonRequests {
    private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();
    private static final ObjectMapper SPLITTER = new ObjectMapper();
    private static final int REASON_CHARS_MAX = 120;

    private JsonRequests() {}

    /**
     * The messages of a body, one at least: an empty body is a message without fields.
     *
     * @param prototype of the messages
     * @param stream whether there may be several, one after the other
     */
    static List<Message> read(byte[] body, Message prototype, boolean stream) throws InvalidProtocolBufferException {
        String text = new String(body, StandardCharsets.UTF_8);
        if (text.isBlank()) {
            return List.of(prototype);
        }
        List<Message> messages = new ArrayList<>();
        try {
            if (!stream) {
                messages.add(message(text, prototype));
                return messages;
            }
            try (MappingIterator<JsonNode> nodes =
                    SPLITTER.readerFor(JsonNode.class).readValues(text)) {
                while (nodes.hasNextValue()) {
                    messages.add(message(nodes.nextValue().toString(), prototype));
                }
            }
            return messages;
        } catch (InvalidProtocolBufferException | JsonProcessingException e) {
            throw unreadable(prototype, messages.size(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("text in memory cannot fail to be read", e);
        }
    }

    private static Message message(String text, Message prototype) throws InvalidProtocolBufferException {
        Message.Builder builder = prototype.newBuilderForType();
        PARSER.merge(text, builder);
        return builder.build();
    }

    /** The libraries' texts name their classes and methods where the JSON itself is broken, and quote what they read. */
    private static InvalidProtocolBufferException unreadable(Message prototype, int before, Throwable cause) {
        String reason = cause instanceof InvalidProtocolBufferException && !(cause.getCause() instanceof Exception)
                ? String.valueOf(cause.getMessage()).replaceAll("\\p{Cntrl}", " ")
                : "malformed JSON";
        if (reason.length() > REASON_CHARS_MAX) {
            reason = reason.substring(0, REASON_CHARS_MAX) + "…";
        }
        String which = before == 0 ? "" : "message " + (before + 1) + " of ";
        return new InvalidProtocolBufferException("cannot read " + which + "the body as JSON of "
                + prototype.getDescriptorForType().getFullName() + ": " + reason);
    }
}
