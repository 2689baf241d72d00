package io.keelson.apiserver.admission.conditions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.util.List;

/** Makes the variable {@code namespaceObject}, see {@link io.keelson.apiserver.cel.admission.AdmissionTypes#NAMESPACE}. */
final class NamespaceVariable {
    private static final List<String> METADATA = List.of(
            "name",
            "generateName",
            "namespace",
            "labels",
            "annotations",
            "creationTimestamp",
            "deletionGracePeriodSeconds",
            "deletionTimestamp",
            "generation",
            "resourceVersion",
            "finalizers");

    private NamespaceVariable() {}

    static ObjectNode of(ObjectNode namespace) {
        ObjectNode made = Json.object();
        ObjectNode metadata = made.putObject("metadata");
        JsonNode all = namespace.path("metadata");
        copy(all, metadata, METADATA);
        if (all.has("uid")) {
            metadata.set("UID", all.get("uid"));
        }
        copy(namespace, made, List.of("spec", "status"));
        return made;
    }

    private static void copy(JsonNode from, ObjectNode to, List<String> fields) {
        for (String field : fields) {
            if (from.has(field)) {
                to.set(field, from.get(field));
            }
        }
    }
}
