package io.keelson.apiserver.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Nulls in what a patch adds: there is nothing that they could remove. */
final class Nulls {
    private Nulls() {}

    /** Removes fields that are null from an object, and from the objects in it; nulls in lists are elements and stay. */
    static void discard(JsonNode value) {
        if (value instanceof ObjectNode object) {
            object.properties().removeIf(field -> field.getValue().isNull());
        }
        value.forEach(Nulls::discard);
    }
}
