package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.Resource;
import org.jspecify.annotations.Nullable;

/**
 * What an object must be for it to be changed or deleted.
 *
 * @param uid null if any will do
 * @param resourceVersion null if any will do
 */
record Preconditions(@Nullable String uid, @Nullable String resourceVersion) {
    static final Preconditions NONE = new Preconditions(null, null);

    /** @throws ApiException Conflict */
    void check(Resource resource, ObjectNode object) {
        String name = ObjectMeta.name(object);
        if (uid != null && !uid.equals(ObjectMeta.uid(object))) {
            throw ApiException.conflict(
                    resource.name(),
                    name,
                    "Precondition failed: UID in precondition: " + uid + ", UID in object meta: "
                            + ObjectMeta.uid(object));
        }
        if (resourceVersion != null && !resourceVersion.equals(ObjectMeta.resourceVersion(object))) {
            throw ApiException.conflict(
                    resource.name(),
                    name,
                    "Precondition failed: ResourceVersion in precondition: " + resourceVersion
                            + ", ResourceVersion in object meta: " + ObjectMeta.resourceVersion(object));
        }
    }

    boolean demandVersion() {
        return resourceVersion != null;
    }
}
