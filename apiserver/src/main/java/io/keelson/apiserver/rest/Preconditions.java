package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.resource.Resource;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an object must be for it to be changed or deleted.
 *
 * @param uid null if any will do
 * @param resourceVersion null if any will do
 */
record Preconditions(@Nullable String uid, @Nullable String resourceVersion) {
    static final Preconditions NONE = new Preconditions(null, null);

    /** Kinds whose deletions are refused as their changes are. */
    private static final Set<GroupResource> AS_FOR_CHANGES = Set.of(
            new GroupResource("", "namespaces"),
            new GroupResource("apiextensions.k8s.io", "customresourcedefinitions"));

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

    /**
     * As {@link #check}, for a deletion: for most kinds the texts are others then, and name the kind.
     *
     * @throws ApiException Conflict
     */
    void checkDeletion(Resource resource, ObjectNode object) {
        if (AS_FOR_CHANGES.contains(resource.name())) {
            check(resource, object);
            return;
        }
        GroupResource kind =
                new GroupResource(resource.name().group(), resource.kind().kind());
        String name = ObjectMeta.name(object);
        if (uid != null && !uid.equals(ObjectMeta.uid(object))) {
            throw ApiException.conflict(
                    kind,
                    name,
                    "the UID in the precondition (" + uid + ") does not match the UID in record ("
                            + ObjectMeta.uid(object) + "). The object might have been deleted and then recreated");
        }
        if (resourceVersion != null && !resourceVersion.equals(ObjectMeta.resourceVersion(object))) {
            throw ApiException.conflict(
                    kind,
                    name,
                    "the ResourceVersion in the precondition (" + resourceVersion
                            + ") does not match the ResourceVersion in record (" + ObjectMeta.resourceVersion(object)
                            + "). The object might have been modified");
        }
    }

    boolean demandVersion() {
        return resourceVersion != null;
    }
}
