package io.keelson.kvstore.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import java.util.Base64;
import java.util.Collection;

/**
 * Builds JSON as Go's encoder does for etcd's message structs: fields in the order of the interface and under its
 * names, zero fields left out, bytes in base64, 64-bit numbers as numbers, enums as numbers, a choice of fields
 * ({@code oneof}) as an object of its own.
 */
final class GoJson {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final StringBuilder json = new StringBuilder();
    private boolean needsComma;

    GoJson beginObject() {
        value().append('{');
        needsComma = false;
        return this;
    }

    GoJson endObject() {
        json.append('}');
        needsComma = true;
        return this;
    }

    GoJson beginArray() {
        value().append('[');
        needsComma = false;
        return this;
    }

    GoJson endArray() {
        json.append(']');
        needsComma = true;
        return this;
    }

    GoJson name(String name) {
        value().append('"').append(name).append("\":");
        needsComma = false;
        return this;
    }

    GoJson number(long number) {
        value().append(number);
        return this;
    }

    GoJson unsigned(long number) {
        value().append(Long.toUnsignedString(number));
        return this;
    }

    GoJson bool(boolean bool) {
        value().append(bool);
        return this;
    }

    GoJson nothing() {
        value().append("null");
        return this;
    }

    GoJson base64(ByteString bytes) {
        value().append('"')
                .append(Base64.getEncoder().encodeToString(bytes.toByteArray()))
                .append('"');
        return this;
    }

    /** A string of one byte per character. */
    GoJson string(String bytes) {
        value().append('"');
        int at = 0;
        while (at < bytes.length()) {
            int length = Utf8.lengthAt(bytes, at);
            if (length == 1) {
                appendAscii(bytes.charAt(at));
            } else if (length == 0) {
                json.append("\\ufffd");
            } else {
                int codePoint = Utf8.codePointAt(bytes, at, length);
                if (codePoint == 0x2028 || codePoint == 0x2029) {
                    json.append(codePoint == 0x2028 ? "\\u2028" : "\\u2029");
                } else {
                    json.append(bytes, at, at + length);
                }
            }
            at += Math.max(1, length);
        }
        json.append('"');
        return this;
    }

    GoJson message(Message message) {
        beginObject();
        fields(message);
        return endObject();
    }

    /** The fields of a message, into the object that is open. */
    GoJson fields(Message message) {
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            OneofDescriptor choice = field.getRealContainingOneof();
            if (choice != null) {
                choice(message, field, choice);
            } else if (field.isRepeated() ? message.getRepeatedFieldCount(field) > 0 : message.hasField(field)) {
                name(field.getName());
                if (field.isRepeated()) {
                    beginArray();
                    for (Object element : (Collection<?>) message.getField(field)) {
                        fieldValue(field, element);
                    }
                    endArray();
                } else {
                    fieldValue(field, message.getField(field));
                }
            }
        }
        return this;
    }

    private void choice(Message message, FieldDescriptor field, OneofDescriptor choice) {
        if (message.hasField(field)) {
            String name = choice.getName();
            name(Character.toUpperCase(name.charAt(0)) + name.substring(1)).beginObject();
            name(field.getName());
            fieldValue(field, message.getField(field));
            endObject();
        }
    }

    private void fieldValue(FieldDescriptor field, Object value) {
        switch (field.getType()) {
            case MESSAGE -> message((Message) value);
            case BYTES -> base64((ByteString) value);
            case STRING -> string(ByteText.ofText((String) value));
            case BOOL -> bool((Boolean) value);
            case ENUM -> number(((EnumValueDescriptor) value).getNumber());
            case UINT64 -> unsigned((Long) value);
            case UINT32 -> number(Integer.toUnsignedLong((Integer) value));
            default -> number(((Number) value).longValue());
        }
    }

    private StringBuilder value() {
        if (needsComma) {
            json.append(',');
        }
        needsComma = true;
        return json;
    }

    private void appendAscii(char c) {
        switch (c) {
            case '"' -> json.append("\\\"");
            case '\\' -> json.append("\\\\");
            case '\b' -> json.append("\\b");
            case '\f' -> json.append("\\f");
            case '\n' -> json.append("\\n");
            case '\r' -> json.append("\\r");
            case '\t' -> json.append("\\t");
            default -> {
                if (c < 0x20 || c == '<' || c == '>' || c == '&') {
                    json.append("\\u00").append(HEX[c >> 4]).append(HEX[c & 0xf]);
                } else {
                    json.append(c);
                }
            }
        }
    }

    @Override
    public String toString() {
        return json.toString();
    }
}
