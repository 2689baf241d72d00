package io.keelson.apiserver.kinds.common;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.resource.WriteContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A kind whose specification belongs to those who want something and whose status to those who do it: writing one leaves the
 * other as it was. A new object begins with the status of {@link #firstStatus}.
 */
public abstract class SpecAndStatus implements Strategy {
    private static final Set<String> NOT_SPECIFICATION = Set.of("apiVersion", "kind", "metadata", "status");

    /** Puts into an empty status what new objects have there. */
    protected void firstStatus(ObjectNode status) {}

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode object) {
        firstStatus(object.putObject("status"));
    }

    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode object, ObjectNode old) {
        Fill.copy(old, object, "status");
    }

    @Override
    public void prepareForStatusUpdate(WriteContext context, ObjectNode object, ObjectNode old) {
        keepSpecification(object, old);
    }

    /** Makes everything but metadata and status what it was. */
    protected static void keepSpecification(ObjectNode object, ObjectNode old) {
        List<String> fields = new ArrayList<>();
        object.fieldNames().forEachRemaining(fields::add);
        old.fieldNames().forEachRemaining(fields::add);
        for (String field : fields) {
            if (!NOT_SPECIFICATION.contains(field)) {
                Fill.copy(old, object, field);
            }
        }
    }

    /** Makes of the metadata what clients write in it what it was. */
    protected static void keepMetadata(ObjectNode object, ObjectNode old) {
        ObjectNode before = old.path("metadata") instanceof ObjectNode metadata ? metadata : old.objectNode();
        for (String field : List.of("labels", "annotations", "finalizers", "ownerReferences")) {
            Fill.copy(before, Fill.object(object, "metadata"), field);
        }
    }

    /** Makes the labels what they were. */
    protected static void keepLabels(ObjectNode object, ObjectNode old) {
        ObjectNode before = old.path("metadata") instanceof ObjectNode metadata ? metadata : old.objectNode();
        Fill.copy(before, Fill.object(object, "metadata"), "labels");
    }
}
