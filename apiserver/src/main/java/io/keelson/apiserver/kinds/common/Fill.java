package io.keelson.apiserver.kinds.common;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** Fills in what was left out of an object. What is there already stays, so that filling in twice changes nothing. */
public final class Fill {
    private Fill() {}

    /** Sets a text where there is none, or an empty one. */
    public static void text(ObjectNode object, String field, String value) {
        if (object.path(field).asText("").isEmpty()) {
            object.put(field, value);
        }
    }

    /** Sets a number where there is none. */
    public static void number(ObjectNode object, String field, long value) {
        if (!object.hasNonNull(field)) {
            object.put(field, value);
        }
    }

    /** Sets a number where there is none, or 0, which in some fields means the same. */
    public static void zero(ObjectNode object, String field, long value) {
        if (object.path(field).asLong() == 0) {
            object.put(field, value);
        }
    }

    public static void flag(ObjectNode object, String field, boolean value) {
        if (!object.hasNonNull(field)) {
            object.put(field, value);
        }
    }

    /** The object in a field, which is made if it is not there. */
    public static ObjectNode object(ObjectNode object, String field) {
        return object.get(field) instanceof ObjectNode there ? there : object.putObject(field);
    }

    /** The list in a field, which is made if it is not there. */
    public static ArrayNode list(ObjectNode object, String field) {
        return object.get(field) instanceof ArrayNode there ? there : object.putArray(field);
    }

    /** The objects in a list; none if there is no list. */
    public static List<ObjectNode> objects(JsonNode list) {
        List<ObjectNode> objects = new ArrayList<>(list.size());
        list.forEach(element -> {
            if (element instanceof ObjectNode object) {
                objects.add(object);
            }
        });
        return objects;
    }

    /** Copies a field from one object to another; a field that is not there is taken away. */
    public static void copy(ObjectNode from, ObjectNode to, String field) {
        JsonNode value = from.get(field);
        if (value == null) {
            to.remove(field);
        } else {
            to.set(field, value.deepCopy());
        }
    }

    /** Takes away flags and numbers that say no more than nothing: false and 0 are not written in these fields. */
    public static void dropEmpty(ObjectNode object, String... fields) {
        for (String field : fields) {
            JsonNode value = object.path(field);
            if (value.isNull()
                    || (value.isBoolean() && !value.booleanValue())
                    || (value.isNumber() && value.doubleValue() == 0)
                    || (value.isTextual() && value.textValue().isEmpty())) {
                object.remove(field);
            }
        }
    }
}
