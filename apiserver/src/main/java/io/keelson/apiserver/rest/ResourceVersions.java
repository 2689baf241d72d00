package io.keelson.apiserver.rest;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.resource.GroupKind;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.FieldPath;

/** Reads resource versions as clients send them. */
final class ResourceVersions {
    private ResourceVersions() {}

    /**
     * A revision of the store; 0 for any.
     *
     * @throws ApiException Invalid if it is none
     */
    static long parse(String text) {
        try {
            long revision = Long.parseUnsignedLong(text);
            if (revision >= 0) {
                return revision;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        FieldErrors errors = new FieldErrors();
        errors.invalid(
                FieldPath.of("resourceVersion"), text, "strconv.ParseUint: parsing \"" + text + "\": invalid syntax");
        throw ApiException.invalid(new GroupKind("meta.k8s.io", "ListOptions"), "", errors.list());
    }
}
