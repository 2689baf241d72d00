package io.keelson.apiserver.resource;

import io.keelson.apiserver.schema.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One version in which a kind is served.
 *
 * @param version {@code v1} for example
 * @param schema of objects in this version
 * @param deprecationWarning what clients of this version are told; null if it is not deprecated
 * @param columns what {@code kubectl get} shows
 */
public record ServedVersion(
        String version, Schema schema, @Nullable String deprecationWarning, List<Column> columns) {
    public ServedVersion {
        columns = List.copyOf(columns);
    }
}
