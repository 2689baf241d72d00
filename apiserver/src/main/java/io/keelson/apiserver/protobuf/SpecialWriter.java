package io.keelson.apiserver.protobuf;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.object.Timestamps;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Writes as messages what are plain values in JSON. */
final class SpecialWriter {
    /** What Go takes for no time at all. */
    private static final Instant ZERO_TIME = Instant.parse("0001-01-01T00:00:00Z");

    private SpecialWriter() {}

    /** Writes the fields of one, or of its zero if it is null. */
    static void write(WireWriter out, FieldType.Special type, @Nullable JsonNode value, String name) {
        switch (type) {
            case TIME, MICRO_TIME -> time(out, type == FieldType.Special.MICRO_TIME, value, name);
            case QUANTITY -> out.text(1, Quantity.of(value).toString());
            case INT_OR_STRING -> intOrString(out, value, name);
            case RAW -> {
                if (value != null) {
                    out.json(1, value);
                }
            }
        }
    }

    private static void time(WireWriter out, boolean micro, @Nullable JsonNode value, String name) {
        if (value == null) {
            return;
        }
        if (!value.isTextual()) {
            throw MessageWriter.wrong(value, "a time", name);
        }
        Instant time = Timestamps.parse(value.textValue());
        if (!time.equals(ZERO_TIME)) {
            out.varint(2, micro ? time.getNano() / 1_000 * 1_000 : 0);
            out.varint(1, time.getEpochSecond());
        }
    }

    private static void intOrString(WireWriter out, @Nullable JsonNode value, String name) {
        if (value != null && value.isTextual()) {
            out.text(3, value.textValue());
            out.varint(2, 0);
            out.varint(1, 1);
        } else {
            out.text(3, "");
            out.varint(2, MessageWriter.integer(value, true, name));
            out.varint(1, 0);
        }
    }
}
