package io.keelson.apiserver.protobuf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.object.Quantity;
import io.keelson.apiserver.object.Timestamps;
import java.time.Instant;

/** Reads messages that are plain values in JSON. */
final class SpecialReader {
    /** What an object within an object counts in {@link Json#DEPTH_MAX}. */
    private static final int OBJECT_DEPTH = 10;

    /** The years that RFC 3339 can write: 0000 to 9999. */
    private static final long SECONDS_MIN = -62_167_219_200L;

    private static final long SECONDS_MAX = 253_402_300_799L;

    private SpecialReader() {}

    /**
     * Reads one.
     *
     * @param depth how deep the value lies in the tree
     */
    static JsonNode read(WireReader in, FieldType.Special type, int depth) {
        return switch (type) {
            case TIME, MICRO_TIME -> time(in, type == FieldType.Special.MICRO_TIME);
            case QUANTITY -> quantity(in);
            case INT_OR_STRING -> intOrString(in);
            case RAW -> raw(in, depth);
        };
    }

    private static JsonNode time(WireReader in, boolean micro) {
        if (!in.hasMore()) {
            return NullNode.getInstance();
        }
        long seconds = 0;
        int nanoseconds = 0;
        while (in.next()) {
            switch (in.number()) {
                case 1 -> {
                    in.require(WireReader.VARINT, "seconds");
                    seconds = in.varint();
                }
                case 2 -> {
                    in.require(WireReader.VARINT, "nanos");
                    nanoseconds = (int) in.varint();
                }
                default -> in.skip();
            }
        }
        if (seconds < SECONDS_MIN || seconds > SECONDS_MAX) {
            throw new MalformedException("Time.MarshalJSON: year outside of range [0,9999]");
        }
        if (!micro) {
            return TextNode.valueOf(Timestamps.seconds(Instant.ofEpochSecond(seconds)));
        }
        Instant time = Instant.ofEpochSecond(seconds, nanoseconds / 1_000 * 1_000L);
        return TextNode.valueOf(Timestamps.microseconds(time));
    }

    private static JsonNode quantity(WireReader in) {
        String text = "0";
        while (in.next()) {
            if (in.number() == 1) {
                in.require(WireReader.DELIMITED, "string");
                text = Quantity.parse(in.text()).toString();
            } else {
                in.skip();
            }
        }
        return TextNode.valueOf(text);
    }

    private static JsonNode intOrString(WireReader in) {
        long type = 0;
        int number = 0;
        String text = "";
        while (in.next()) {
            switch (in.number()) {
                case 1 -> {
                    in.require(WireReader.VARINT, "type");
                    type = in.varint();
                }
                case 2 -> {
                    in.require(WireReader.VARINT, "intVal");
                    number = (int) in.varint();
                }
                case 3 -> {
                    in.require(WireReader.DELIMITED, "strVal");
                    text = in.text();
                }
                default -> in.skip();
            }
        }
        if (type == 0) {
            return LongNode.valueOf(number);
        }
        if (type == 1) {
            return TextNode.valueOf(text);
        }
        throw new MalformedException("impossible IntOrString.Type");
    }

    /**
     * JSON; or, as in the events of a watch, an object in protobuf of its own: more than one frame of the stack deep, and nothing
     * that is meant has many of them in one another.
     */
    private static JsonNode raw(WireReader in, int depth) {
        byte[] raw = null;
        while (in.next()) {
            if (in.number() == 1) {
                in.require(WireReader.DELIMITED, "raw");
                raw = in.bytes();
            } else {
                in.skip();
            }
        }
        if (raw == null || raw.length == 0) {
            return NullNode.getInstance();
        }
        return KubernetesProtobuf.isProtobuf(raw)
                ? Envelope.read(raw).object(null, depth + OBJECT_DEPTH)
                : Json.parse(raw);
    }
}
