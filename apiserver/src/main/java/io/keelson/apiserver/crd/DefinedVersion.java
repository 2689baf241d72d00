package io.keelson.apiserver.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.resource.ScalePaths;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One version of a custom kind, as its definition states it.
 *
 * @param deprecationWarning in the author's words; empty if there are none
 * @param schema {@code openAPIV3Schema}; not to be changed
 * @param status whether the status has a path of its own
 * @param scale where the scale is; null if there is none
 * @param columns {@code additionalPrinterColumns}; not to be changed
 * @param selectable fields that objects can be selected by, each as names of fields
 */
record DefinedVersion(
        String name,
        boolean served,
        boolean storage,
        boolean deprecated,
        String deprecationWarning,
        ObjectNode schema,
        boolean status,
        @Nullable ScalePaths scale,
        JsonNode columns,
        List<List<String>> selectable) {
    /** @param open whether fields are kept that the schema does not have */
    static DefinedVersion of(JsonNode version, boolean open) {
        ObjectNode stated =
                version.path("schema").path("openAPIV3Schema") instanceof ObjectNode schema ? schema : Json.object();
        JsonNode parts = version.path("subresources");
        List<List<String>> selectable = new ArrayList<>();
        version.path("selectableFields")
                .forEach(field -> selectable.add(fields(field.path("jsonPath").asText(""))));
        return new DefinedVersion(
                version.path("name").asText(""),
                version.path("served").asBoolean(),
                version.path("storage").asBoolean(),
                version.path("deprecated").asBoolean(),
                version.path("deprecationWarning").asText(""),
                open ? OpenSchema.of(stated) : stated,
                parts.path("status").isObject(),
                scale(parts.path("scale")),
                version.path("additionalPrinterColumns"),
                List.copyOf(selectable));
    }

    private static @Nullable ScalePaths scale(JsonNode scale) {
        return scale.isObject()
                ? new ScalePaths(
                        fields(scale.path("specReplicasPath").asText("")),
                        fields(scale.path("statusReplicasPath").asText("")),
                        fields(scale.path("labelSelectorPath").asText("")))
                : null;
    }

    /** {@code .spec.replicas} as names of fields; empty for an empty path. */
    private static List<String> fields(String path) {
        String names = path.startsWith(".") ? path.substring(1) : path;
        return names.isEmpty() ? List.of() : List.of(names.split("\\.", -1));
    }
}
