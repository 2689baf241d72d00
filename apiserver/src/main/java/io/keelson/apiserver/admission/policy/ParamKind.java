package io.keelson.apiserver.admission.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.GroupVersionKind;
import org.jspecify.annotations.Nullable;

/** The kind of the objects that a policy looks at besides the one that is written. */
record ParamKind(String apiVersion, String kind) {
    /** Reads {@code spec.paramKind}; null if the policy has no parameters. */
    static @Nullable ParamKind of(JsonNode kind) {
        return kind.isObject()
                ? new ParamKind(
                        kind.path("apiVersion").asText(""), kind.path("kind").asText(""))
                : null;
    }

    /** @throws io.keelson.apiserver.errors.ApiException if the version is none */
    GroupVersionKind versioned() {
        GroupVersion version = GroupVersion.parse(apiVersion);
        return new GroupVersionKind(version.group(), version.version(), kind);
    }

    /** As errors name it: {@code /v1, Kind=ConfigMap}. */
    @Override
    public String toString() {
        return (apiVersion.indexOf('/') < 0 ? "/" + apiVersion : apiVersion) + ", Kind=" + kind;
    }
}
