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
        ObjectNode fields = Json.object();
        for (FieldSet.Node node : set.nodes()) {
            ObjectNode below = Json.object();
            if (node.member() && !node.below().isEmpty()) {
                below.set(SELF, Json.object());
            }
            below.setAll(write(node.below()));
            fields.set(node.element().encoded(), below);
        }
        return fields;
    }

    /**
     * Reads a set. Elements of unknown kinds are left out.
     *
     * @throws MalformedException if it is none
     */
    public static FieldSet read(JsonNode fields) {
        FieldSet.Builder set = new FieldSet.Builder();
        read(fields, set);
        return set.build();
    }

    /** @return whether the value says that the element it stands at is a member */
    private static boolean read(JsonNode fields, FieldSet.Builder set) {
        if (fields.isNull()) {
            return true;
        }
        if (!fields.isObject()) {
            throw new MalformedException("expected an object of fields, got " + Json.goKind(fields));
        }
        boolean member = false;
        boolean hasBelow = false;
        for (var field : fields.properties()) {
            if (field.getKey().equals(SELF)) {
                member = true;
                continue;
            }
            PathElement element;
            try {
                element = PathElement.parse(field.getKey());
            } catch (MalformedException e) {
                throw new MalformedException("parsing key as path element: " + e.message());
            }
            if (element == null) {
                continue;
            }
            hasBelow = true;
            FieldSet.Builder below = set.at(element);
            // An element that is written twice, in different ways (1 and 1.0), counts as it was written last.
            below.clearBelow();
            if (read(field.getValue(), below)) {
                below.setMember();
            }
        }
        return member || !hasBelow;
    }
}
