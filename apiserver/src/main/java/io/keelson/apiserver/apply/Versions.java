package io.keelson.apiserver.apply;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.schema.Schema;
import org.jspecify.annotations.Nullable;

/** The versions of a kind, in each of which managers may have written. */
public interface Versions {
    /** The schema of a version, {@code apps/v1} for example; null if there is no such version (any more). */
    @Nullable
    Schema schema(String apiVersion);

    /**
     * Converts an object.
     *
     * @param object stays as it is
     * @param apiVersion one that has a schema
     * @return the object in that version, with {@code apiVersion} set
     * @throws io.keelson.apiserver.errors.ApiException if it cannot be converted
     */
    ObjectNode convert(ObjectNode object, String apiVersion);

    /** The served versions of a resource; those of built-in kinds are converted by way of the one that is stored. */
    static Versions of(Resource resource) {
        return new Versions() {
            @Override
            public @Nullable Schema schema(String apiVersion) {
                GroupVersion version = GroupVersion.parse(apiVersion);
                if (!version.group().equals(resource.name().group())) {
                    return null;
                }
                ServedVersion served = resource.version(version.version());
                return served == null ? null : served.schema();
            }

            @Override
            public ObjectNode convert(ObjectNode object, String apiVersion) {
                String from = GroupVersion.parse(ObjectMeta.apiVersion(object)).version();
                String to = GroupVersion.parse(apiVersion).version();
                ObjectNode copy = object.deepCopy();
                if (resource.custom()) {
                    ObjectNode direct = resource.conversion().convert(copy, from, to);
                    ObjectMeta.setApiVersion(direct, apiVersion);
                    return direct;
                }
                ObjectNode hub = resource.conversion().convert(copy, from, resource.storageVersion());
                ObjectNode converted = resource.conversion().convert(hub, resource.storageVersion(), to);
                ObjectMeta.setApiVersion(converted, apiVersion);
                return converted;
            }
        };
    }
}
