package io.keelson.apiserver.schema;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Takes what a schema does not declare out of objects. Doing it again changes nothing. */
public final class Pruning {
    private Pruning() {}

    /**
     * Takes fields that are not declared out of an object, on every level, but for those below {@code
     * x-kubernetes-preserve-unknown-fields}.
     */
    public static void prune(ObjectNode object, Schema schema) {
        UnknownFields.remove(object, schema);
    }
}
