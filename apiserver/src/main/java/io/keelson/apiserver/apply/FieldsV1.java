package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;

/**
 * {@link FieldSet}s as the API writes them:
 *
 * <pre>
 * {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": {"f:replicas": {}}}
 * </pre>
 *
 * An element without anything below is a member; one with something below is a member if there is a "." in it. Elements
 * stand in the order of {@link PathElement}.
 */
public final class FieldsV1 {
    private static final String SELF = ".";

    private FieldsV1() {}

    public static ObjectNode write(FieldSet set) {
        return write(set, Json.object());
    }

    private static ObjectNode write(FieldSet set, ObjectNode fields) {
        for (FieldSet.Node node : set.nodes()) {
            ObjectNode below = Json.object();
            if (node.member() && !node.below().isEmpty()) {
                below.set(SELF, Json.object());
            }
            fields.set(node.element().encoded(), write(node.below(), below));
        }
        return fields;
    }

    /**
     * Reads a set. Elements of unknown kinds are left out. One that is written twice, in different ways (1 and 1.0), counts
     * as it was written last.
     *
     * @throws MalformedException if it is none
     */
    public static FieldSet read(JsonNode fields) {
        if (fields.isNull()) {
            return FieldSet.EMPTY;
        }
        if (!fields.isObject()) {
            throw new MalformedException("expected an object of fields, got " + Json.goKind(fields));
        }
        FieldSet.Level level = new FieldSet.Level(fields.size());
        for (var field : fields.properties()) {
            if (field.getKey().equals(SELF)) {
                continue;
            }
            PathElement element;
            try {
                element = PathElement.parse(field.getKey());
            } catch (MalformedException e) {
                throw new MalformedException("parsing key as path element: " + e.message());
            }
            if (element != null) {
                FieldSet below = read(field.getValue());
                level.add(element, below.isEmpty() || field.getValue().has(SELF), below);
            }
        }
        return level.build();
    }
}
