package io.keelson.apiserver.kinds.extensions;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What is wrong with the columns, the scale and the selectable fields of a custom kind. */
final class PartRules {
    private static final int FIELDS_MAX = 8;
    private static final String TYPES = "boolean,date,integer,number,string";
    private static final String FORMATS = "byte,date,date-time,double,float,int32,int64,password";
    private static final Set<String> SELECTABLE = Set.of("string", "boolean", "integer");

    private PartRules() {}

    static void column(Place column) {
        column.at("name").mustBeFilled();
        Place type = column.at("type");
        if (type.empty()) {
            type.required("must be one of " + TYPES);
        } else if (!List.of(TYPES.split(",", -1)).contains(type.text())) {
            type.invalid("must be one of " + TYPES);
        }
        Place format = column.at("format");
        if (format.filled() && !List.of(FORMATS.split(",", -1)).contains(format.text())) {
            format.invalid("must be one of " + FORMATS);
        }
        // Errors name the field as the original's do.
        Place path = column.at("JSONPath").with(column.at("jsonPath").value());
        if (path.empty()) {
            path.required("");
        } else if (!path.text().startsWith(".")) {
            path.invalid("must be a simple json path starting with .");
        }
    }

    static void scale(Place scale) {
        if (scale.absent()) {
            return;
        }
        path(scale.at("specReplicasPath"), ".spec");
        path(scale.at("statusReplicasPath"), ".status");
        Place selector = scale.at("labelSelectorPath");
        if (selector.filled()
                && !selector.text().startsWith(".spec.")
                && !selector.text().startsWith(".status.")) {
            selector.invalid("should be a json path under either .spec or .status");
        }
    }

    private static void path(Place path, String below) {
        if (path.empty()) {
            path.required("");
        } else if (!path.text().startsWith(below + ".")) {
            path.invalid("should be a json path under " + below);
        }
    }

    /** @param schema of the objects */
    static void selectableFields(Place fields, JsonNode schema) {
        Set<String> seen = new HashSet<>();
        for (Place field : fields.items()) {
            Place path = field.at("jsonPath");
            if (path.empty()) {
                path.required("");
                continue;
            }
            List<String> names = List.of(path.text().substring(1).split("\\.", -1));
            JsonNode declared = schema;
            for (String name : names) {
                declared = declared.path("properties").path(name);
            }
            if (!path.text().startsWith(".") || names.contains("")) {
                path.invalid("is an invalid path: must be a simple json path starting with .");
                continue;
            }
            if (declared.isMissingNode()) {
                path.invalid("is an invalid path: does not refer to a valid field");
                continue;
            }
            if (names.getFirst().equals("metadata")) {
                path.invalid("must not point to fields in metadata");
            }
            if (!SELECTABLE.contains(declared.path("type").asText())) {
                path.invalid("must point to a field of type string, boolean or integer. "
                        + "Enum string fields and strings with allowed formats are supported.");
            }
            if (!seen.add(path.text())) {
                path.duplicate();
            }
        }
        if (seen.size() > FIELDS_MAX) {
            fields.tooMany(FIELDS_MAX);
        }
    }
}
