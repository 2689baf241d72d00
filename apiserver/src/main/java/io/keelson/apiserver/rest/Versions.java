package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.cache.CacheEntry;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;

/** Brings objects from the version they come in into the one they are worked on in, and back; and into the one they are stored in. */
final class Versions {
    private Versions() {}

    /** @param object in that version; may be changed and returned */
    static ObjectNode toStorage(Resource resource, ObjectNode object, String version) {
        ObjectNode converted = version.equals(resource.workedOnIn())
                ? object
                : resource.conversion().convert(object, version, resource.workedOnIn());
        return named(resource, converted, resource.workedOnAs());
    }

    /** @param object in the version it is worked on in; may be changed and returned */
    static ObjectNode fromStorage(Resource resource, ObjectNode object, String version) {
        ObjectNode converted = version.equals(resource.workedOnIn())
                ? object
                : resource.conversion().convert(object, resource.workedOnIn(), version);
        return named(resource, converted, new GroupVersion(resource.name().group(), version));
    }

    /**
     * An object as it is stored.
     *
     * @param object in the version it is worked on in; stays as it is
     */
    static ObjectNode stored(Resource resource, ObjectNode object) {
        if (resource.workedOnAs().equals(resource.storedAs())) {
            return object;
        }
        ObjectNode converted =
                resource.conversion().convert(object.deepCopy(), resource.workedOnIn(), resource.storageVersion());
        return named(resource, converted, resource.storedAs());
    }

    /** Whether objects leave in that version exactly as they are worked on, and cached. */
    static boolean sameAsStored(Resource resource, String version) {
        GroupVersion working = resource.workedOnAs();
        return version.equals(resource.workedOnIn())
                && working.group().equals(resource.name().group())
                && working.version().equals(version);
    }

    /**
     * An object out of a cache in the version a client speaks: the cache's own tree, which is not to be changed, where
     * nothing has to be converted.
     *
     * @param holdTree whether its entry holds the tree if one has to be made
     */
    static ObjectNode spoken(Resource resource, CacheEntry entry, String version, boolean holdTree) {
        ObjectNode tree = holdTree ? entry.tree() : entry.passingTree();
        return sameAsStored(resource, version) ? tree : fromStorage(resource, tree.deepCopy(), version);
    }

    private static ObjectNode named(Resource resource, ObjectNode object, GroupVersion groupVersion) {
        object.put("apiVersion", groupVersion.toString());
        object.put("kind", resource.kind().kind());
        return object;
    }
}
