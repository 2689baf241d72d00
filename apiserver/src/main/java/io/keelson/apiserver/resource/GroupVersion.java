package io.keelson.apiserver.resource;

import io.keelson.apiserver.errors.ApiException;

/**
 * An API group in one version; written {@code apps/v1}, and {@code v1} for the core group.
 *
 * @param group empty for the core group
 */
public record GroupVersion(String group, String version) {
    /**
     * Reads an {@code apiVersion}.
     *
     * @throws ApiException BadRequest if it is none
     */
    public static GroupVersion parse(String apiVersion) {
        int slash = apiVersion.indexOf('/');
        if (slash != apiVersion.lastIndexOf('/')) {
            throw ApiException.badRequest("unexpected GroupVersion string: " + apiVersion);
        }
        return slash < 0
                ? new GroupVersion("", apiVersion)
                : new GroupVersion(apiVersion.substring(0, slash), apiVersion.substring(slash + 1));
    }

    public GroupVersionKind kind(String kind) {
        return new GroupVersionKind(group, version, kind);
    }

    @Override
    public String toString() {
        return group.isEmpty() ? version : group + "/" + version;
    }
}
