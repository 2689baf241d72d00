package io.keelson.apiserver.protobuf;

import org.jspecify.annotations.Nullable;

/** What stands in a field, on the wire and in JSON. */
sealed interface FieldType {
    /** The same in both worlds; bytes are base64 in JSON. */
    enum Scalar implements FieldType {
        STRING,
        BOOL,
        INT32,
        INT64,
        DOUBLE,
        BYTES;

        /** The wire type of a single value. */
        int wireType() {
            return switch (this) {
                case STRING, BYTES -> WireReader.DELIMITED;
                case BOOL, INT32, INT64 -> WireReader.VARINT;
                case DOUBLE -> WireReader.FIXED64;
            };
        }
    }

    /** A message on the wire, a plain value in JSON. */
    enum Special implements FieldType {
        /** {@code seconds = 1, nanos = 2}; text to the second. A message without fields is no time at all. */
        TIME,
        /** The same message; text to the microsecond. */
        MICRO_TIME,
        /** {@code string = 1}; text. */
        QUANTITY,
        /** {@code type = 1} (0 a number, 1 text), {@code intVal = 2}, {@code strVal = 3}. */
        INT_OR_STRING,
        /** {@code raw = 1}: any JSON, written as JSON even here. */
        RAW
    }

    /** What a schema in a CustomResourceDefinition may be instead of a schema, which itself is field 1. */
    enum Alternative {
        /** {@code allows = 1, schema = 2}: the only one where the schema comes second. */
        BOOL,
        /** {@code schema = 1, jSONSchemas = 2}. */
        LIST,
        /** {@code schema = 1, property = 2}. */
        STRINGS
    }

    /** A schema or something else, which one of the two JSON shows by its form. */
    record SchemaOr(Alternative alternative, Nested schema) implements FieldType {}

    /** A list. */
    record Repeated(FieldType element) implements FieldType {}

    /** A list that is a message of its own, {@code items = 1}, so that it can be null or stand in a map. */
    record Listed(FieldType.Scalar element) implements FieldType {}

    /** A map with text as keys: on the wire a list of {@code key = 1, value = 2}. */
    record Mapped(FieldType value) implements FieldType {}

    /** A message, and an object in JSON. What it consists of is found out when it is first needed. */
    final class Nested implements FieldType {
        private final String name;
        private volatile @Nullable Message message;

        Nested(String name) {
            this.name = name;
        }

        Message message() {
            Message found = message;
            if (found == null) {
                found = MessageTable.get(name);
                message = found;
            }
            return found;
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
