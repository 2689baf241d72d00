package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.Resource;

/** Brings objects from the version they come in into the one they are worked on in, and back. */
final class Versions {
    private Versions() {}

    /** @param object in that version; may be changed and returned */
    static ObjectNode toStorage(Resource resource, ObjectNode object, String version) {
        ObjectNode converted = version.equals(resource.storageVersion())
                ? object
                : resource.conversion().convert(object, version, resource.storageVersion());
        return named(resource, converted, resource.storedAs());
    }

    /** @param object in the storage version; may be changed and returned */
    static ObjectNode fromStorage(Resource resource, ObjectNode object, String version) {
        ObjectNode converted = version.equals(resource.storageVersion())
                ? object
                : resource.conversion().convert(object, resource.storageVersion(), version);
        return named(resource, converted, new GroupVersion(resource.name().group(), version));
    }

    /** Whether objects leave in that version exactly as they are stored, but for the resource version. */
    static boolean sameAsStored(Resource resource, String version) {
        return version.equals(resource.storageVersion())
                && resource.storedAs().group().equals(resource.name().group())
                && resource.storedAs().version().equals(version);
    }

    private static ObjectNode named(Resource resource, ObjectNode object, GroupVersion groupVersion) {
        object.put("apiVersion", groupVersion.toString());
        object.put("kind", resource.kind().kind());
        return object;
    }
}
