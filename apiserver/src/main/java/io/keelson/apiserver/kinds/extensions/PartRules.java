package io.keelson.apiserver.kinds.extensions;

import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.Set;

/** What is wrong with the columns, the scale and the selectable fields of a custom kind. */
final class PartRules {
    private static final int FIELDS_MAX = 8;

    private PartRules() {}

    static void column(Place column) {
        column.at("name").mustBeFilled();
        column.at("type").oneOf("boolean", "date", "integer", "number", "string");
        if (column.at("format").filled()) {
            column.at("format").oneOf("byte", "date", "date-time", "double", "float", "int32", "int64", "password");
        }
        column.at("jsonPath").mustBeFilled();
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

    static void selectableFields(Place fields) {
        if (fields.size() > FIELDS_MAX) {
            fields.tooMany(FIELDS_MAX);
        }
        Set<String> seen = new HashSet<>();
        for (Place field : fields.items()) {
            Place path = field.at("jsonPath");
            path.mustBeFilled();
            if (path.filled() && !seen.add(path.text())) {
                path.duplicate();
            }
        }
    }
}
