package io.keelson.apiserver.request;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;

/** What a row of a table carries of its object. */
public enum TableOptions {
    NONE,
    METADATA,
    OBJECT;

    /**
     * Reads {@code includeObject}; the metadata if nothing is said.
     *
     * @throws ApiException Invalid
     */
    public static TableOptions parse(Query query) {
        String include = query.text("includeObject");
        return switch (include) {
            case "", "Metadata" -> METADATA;
            case "Object" -> OBJECT;
            case "None" -> NONE;
            default -> {
                FieldErrors errors = new FieldErrors();
                errors.invalid(
                        FieldPath.of("includeObject"), include, "must be 'Metadata', 'Object', 'None', or empty");
                throw ApiException.invalid(new GroupKind("meta.k8s.io", "TableOptions"), "", errors.list());
            }
        };
    }
}
