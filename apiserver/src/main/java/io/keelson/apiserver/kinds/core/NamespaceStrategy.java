package io.keelson.apiserver.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.kinds.common.SpecAndStatus;
import io.keelson.apiserver.resource.NameRule;
import io.keelson.apiserver.resource.WriteContext;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import java.util.Map;

/** Namespaces. They carry a finalizer of their own, in the specification, until everything in them is gone. */
public final class NamespaceStrategy extends SpecAndStatus {
    public static final String FINALIZER = "kubernetes";

    private static final List<String> STANDARD_FINALIZERS = List.of(FINALIZER, "orphan", "foregroundDeletion");

    @Override
    public NameRule nameRule() {
        return NameRule.DNS_LABEL;
    }

    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode namespace) {
        ObjectNode metadata = Fill.object(namespace, "metadata");
        String name = metadata.path("name").asText("");
        if (!name.isEmpty()) {
            Fill.object(metadata, "labels").put("kubernetes.io/metadata.name", name);
        }
        if (namespace.path("status") instanceof ObjectNode status) {
            Fill.text(status, "phase", "Active");
        }
    }

    @Override
    protected void firstStatus(ObjectNode status) {
        status.put("phase", "Active");
    }

    @Override
    public void prepareForCreate(WriteContext context, ObjectNode namespace) {
        super.prepareForCreate(context, namespace);
        ArrayNode finalizers = Fill.list(Fill.object(namespace, "spec"), "finalizers");
        if (finalizers.valueStream().noneMatch(finalizer -> finalizer.asText().equals(FINALIZER))) {
            finalizers.add(FINALIZER);
        }
    }

    @Override
    public void prepareForUpdate(WriteContext context, ObjectNode namespace, ObjectNode old) {
        super.prepareForUpdate(context, namespace, old);
        if (old.path("spec") instanceof ObjectNode before) {
            Fill.copy(before, Fill.object(namespace, "spec"), "finalizers");
        }
    }

    @Override
    public void prepareForDeletion(ObjectNode namespace, ObjectNode old) {
        ObjectNode metadata = Fill.object(namespace, "metadata");
        metadata.remove("deletionGracePeriodSeconds");
        if (old.path("metadata") instanceof ObjectNode before) {
            // What a namespace contains is emptied by its own controller, whatever the deletion asks for.
            Fill.copy(before, metadata, "finalizers");
        }
        Fill.object(namespace, "status").put("phase", "Terminating");
    }

    @Override
    public boolean holdsUpDeletion(ObjectNode namespace) {
        return !namespace.path("spec").path("finalizers").isEmpty();
    }

    @Override
    public void validate(ObjectNode namespace, FieldErrors errors) {
        Place finalizers = Place.of(namespace, errors).at("spec", "finalizers");
        for (Place finalizer : finalizers.items()) {
            for (String wrong : Names.qualifiedName(finalizer.text())) {
                finalizers.invalid(finalizer.text(), wrong);
            }
            if (finalizer.text().indexOf('/') < 0 && !STANDARD_FINALIZERS.contains(finalizer.text())) {
                finalizers.invalid(
                        finalizer.text(), "name is neither a standard finalizer name nor is it fully qualified");
            }
        }
    }

    @Override
    public void validateStatusUpdate(ObjectNode namespace, ObjectNode old, FieldErrors errors) {
        Place whole = Place.of(namespace, errors);
        Place phase = whole.at("status", "phase").as(whole.at("status", "Phase").path());
        JsonNode deleted = namespace.path("metadata").path("deletionTimestamp");
        if (deleted.asText("").isEmpty()) {
            if (!phase.is("Active")) {
                phase.invalid("may only be 'Active' if `deletionTimestamp` is empty");
            }
        } else if (!phase.is("Terminating")) {
            phase.invalid("may only be 'Terminating' if `deletionTimestamp` is not empty");
        }
    }

    @Override
    public Map<String, String> selectableFields(ObjectNode namespace) {
        String name = namespace.path("metadata").path("name").asText("");
        return Map.of("status.phase", namespace.path("status").path("phase").asText(""), "name", name);
    }
}
