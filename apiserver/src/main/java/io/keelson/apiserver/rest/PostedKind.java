package io.keelson.apiserver.rest;

import io.keelson.apiserver.resource.Column;
import io.keelson.apiserver.resource.GroupVersionKind;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.schema.BuiltInSchemas;
import io.keelson.apiserver.schema.Schema;
import java.util.List;
import java.util.Locale;

/**
 * A kind that is sent to a subresource of another one, and has no place of its own: Binding, Eviction, Scale.
 *
 * @param resource as if it were one; stands in no registry
 * @param older the {@code apiVersion} of an older version with the same fields; empty if there is none
 */
record PostedKind(Resource resource, ServedVersion version, String older) {
    static PostedKind of(String group, String version, String kind) {
        return of(group, version, kind, List.of());
    }

    /** @param columns for a kind that is also shown */
    static PostedKind of(String group, String version, String kind, List<Column> columns) {
        Schema schema = BuiltInSchemas.find(group, version, kind);
        if (schema == null) {
            throw new IllegalStateException("there is no kind " + kind);
        }
        ServedVersion served = new ServedVersion(version, schema, null, columns);
        Resource resource = Resource.named(group, kind.toLowerCase(Locale.ROOT) + "s", kind)
                .version(served)
                .build();
        return new PostedKind(resource, served, "");
    }

    /** A kind that is served, in one of its versions. */
    static PostedKind of(Resource resource, ServedVersion version) {
        return new PostedKind(resource, version, "");
    }

    PostedKind alsoAs(String apiVersion) {
        return new PostedKind(resource, version, apiVersion);
    }

    GroupVersionKind kind() {
        return new GroupVersionKind(
                resource.name().group(), version.version(), resource.kind().kind());
    }
}
