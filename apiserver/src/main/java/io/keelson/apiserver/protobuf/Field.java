package io.keelson.apiserver.protobuf;

/**
 * A field of a message.
 *
 * @param number by which it is known on the wire
 * @param name in JSON; empty if it is a message whose own fields stand in JSON in the object around it
 * @param always whether it is written even if it has no value: what is no pointer, list or map in Go
 */
record Field(int number, String name, boolean always, FieldType type) {
    boolean inline() {
        return name.isEmpty();
    }
}
