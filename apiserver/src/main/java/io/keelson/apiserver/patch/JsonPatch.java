package io.keelson.apiserver.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON patch (RFC 6902): operations that are carried out one after the other, all of them or none. Immutable.
 *
 * <p>Where the RFC and the original differ, clients rely on the original: {@code replace} of a field that is not there
 * adds it, an index below zero counts from the end, what stands before the first slash of a path does not matter, and
 * an operation without {@code value} means null.
 *
 * <p>Bounds: {@link #OPERATIONS_MAX} operations; what they copy is at most {@link #COPIED_BYTES_MAX} together; what comes
 * out is nested no deeper than what may be read.
 */
public final class JsonPatch {
    public static final int OPERATIONS_MAX = 10_000;

    /** As JSON; an object may be no larger either. */
    public static final long COPIED_BYTES_MAX = 3 * 1024 * 1024;

    private static final Set<String> FIELDS = Set.of("op", "path", "from", "value");

    /**
     * One operation.
     *
     * @param op what to do; "unknown" if it does not say
     * @param path null if it names none
     * @param from null if it names none
     * @param value null if there is none, which is not the same as a null in JSON only for {@code test}
     */
    record Operation(
            String op,
            @Nullable String path,
            @Nullable String from,
            @Nullable JsonNode value) {}

    private final List<Operation> operations;
    private final List<String> strictErrors;

    private JsonPatch(List<Operation> operations, List<String> strictErrors) {
        this.operations = List.copyOf(operations);
        this.strictErrors = List.copyOf(strictErrors);
    }

    /**
     * Reads a patch.
     *
     * @throws ApiException BadRequest if it is no list of operations; RequestEntityTooLarge if there are too many
     */
    public static JsonPatch parse(byte[] json) {
        List<String> duplicates = new ArrayList<>();
        try {
            return read(Json.parse(json, duplicates), duplicates);
        } catch (MalformedException e) {
            throw ApiException.badRequest("error decoding patch: " + e.message());
        }
    }

    /** As {@link #parse}, of a tree. */
    public static JsonPatch of(JsonNode patch) {
        try {
            return read(patch, List.of());
        } catch (MalformedException e) {
            throw ApiException.badRequest("error decoding patch: " + e.message());
        }
    }

    private static JsonPatch read(JsonNode patch, List<String> duplicates) {
        if (!patch.isArray() && !patch.isNull()) {
            throw new MalformedException(
                    "json: cannot unmarshal " + Json.goKind(patch) + " into Go value of type []handlers.jsonPatchOp");
        }
        if (patch.size() > OPERATIONS_MAX) {
            throw ApiException.of(
                    Reason.REQUEST_ENTITY_TOO_LARGE,
                    "Request entity is too large: The allowed maximum operations in a JSON patch is " + OPERATIONS_MAX
                            + ", got " + patch.size());
        }
        List<Operation> operations = new ArrayList<>(patch.size());
        List<String> unknown = new ArrayList<>();
        for (int i = 0; i < patch.size(); i++) {
            operations.add(operation(patch.path(i), i, unknown));
        }
        List<String> strictErrors = new ArrayList<>();
        duplicates.forEach(error -> strictErrors.add("json patch " + error));
        unknown.forEach(field -> strictErrors.add("json patch unknown field " + GoText.quoted(field)));
        return new JsonPatch(operations, strictErrors);
    }

    private static Operation operation(JsonNode operation, int index, List<String> unknown) {
        if (!operation.isObject() && !operation.isNull()) {
            throw new MalformedException(
                    "json: cannot unmarshal " + Json.goKind(operation) + " into Go value of type handlers.jsonPatchOp");
        }
        operation.fieldNames().forEachRemaining(name -> {
            if (!FIELDS.contains(name) && unknown.size() < Json.FIELD_ERRORS_MAX) {
                unknown.add("[" + index + "]." + name);
            }
        });
        String op = text(operation, "op");
        return new Operation(
                op == null ? "unknown" : op, text(operation, "path"), text(operation, "from"), operation.get("value"));
    }

    private static @Nullable String text(JsonNode operation, String field) {
        JsonNode value = operation.get(field);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw new MalformedException("json: cannot unmarshal " + Json.goKind(value)
                    + " into Go struct field jsonPatchOp." + field + " of type string");
        }
        return value.textValue();
    }

    /** What strict field validation says about the patch itself: {@code json patch unknown field "[0].with"}. */
    public List<String> strictErrors() {
        return strictErrors;
    }

    /**
     * A patched copy of the object, for the client that sent the patch.
     *
     * @throws ApiException Invalid if the patch does not fit the object
     */
    public ObjectNode apply(ObjectNode object) {
        try {
            return patch(object);
        } catch (PatchException e) {
            throw e.asAnswer();
        }
    }

    /**
     * A patched copy of the object.
     *
     * @throws PatchException if the patch does not fit the object
     */
    public ObjectNode patch(ObjectNode object) {
        PatchedDocument document = new PatchedDocument(object.deepCopy());
        for (Operation operation : operations) {
            carryOut(operation, document);
        }
        return document.result();
    }

    private static void carryOut(Operation operation, PatchedDocument document) {
        switch (operation.op()) {
            case "add" -> document.add(path(operation, "add"), copyOf(operation.value()));
            case "remove" -> document.remove(path(operation, "remove"));
            case "replace" -> document.replace(path(operation, "replace"), copyOf(operation.value()));
            case "move" -> document.move(from(operation, "move"), path(operation, "move"));
            case "test" -> document.test(path(operation, "test"), operation.value());
            case "copy" -> document.copy(from(operation, "copy"), path(operation, "copy"));
            default -> throw new PatchException("Unexpected kind: " + operation.op());
        }
    }

    private static JsonNode copyOf(@Nullable JsonNode value) {
        return value == null ? NullNode.getInstance() : value.deepCopy();
    }

    private static String path(Operation operation, String op) {
        String path = operation.path();
        if (path == null) {
            throw new PatchException(op + " operation failed to decode path: missing value");
        }
        return path;
    }

    private static String from(Operation operation, String op) {
        String from = operation.from();
        if (from == null) {
            throw new PatchException(
                    op + " operation failed to decode from: operation, missing from field: missing value");
        }
        return from;
    }

    /** Whether two values are the same: numbers by what they are, and 1 is not 1.0. */
    static boolean same(JsonNode a, JsonNode b) {
        return switch (a) {
            case ObjectNode object -> {
                if (!(b instanceof ObjectNode other) || object.size() != other.size()) {
                    yield false;
                }
                for (var field : object.properties()) {
                    JsonNode value = other.get(field.getKey());
                    if (value == null || !same(field.getValue(), value)) {
                        yield false;
                    }
                }
                yield true;
            }
            case ArrayNode array -> {
                if (!(b instanceof ArrayNode other) || array.size() != other.size()) {
                    yield false;
                }
                for (int i = 0; i < array.size(); i++) {
                    if (!same(array.path(i), other.path(i))) {
                        yield false;
                    }
                }
                yield true;
            }
            default -> (a.isIntegralNumber() && b.isIntegralNumber()) ? a.longValue() == b.longValue() : a.equals(b);
        };
    }
}
