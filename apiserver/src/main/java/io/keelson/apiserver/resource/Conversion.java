package io.keelson.apiserver.resource;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Turns objects of a kind from one version into another. */
@FunctionalInterface
public interface Conversion {
    /** For kinds whose versions differ in name only. */
    Conversion BY_NAME = (object, from, to) -> object;

    /**
     * Converts an object; {@code apiVersion} is set by the caller.
     *
     * @param object in version {@code from}; may be changed and returned
     * @return the object in version {@code to}
     * @throws io.keelson.apiserver.errors.ApiException if it cannot be converted
     */
    ObjectNode convert(ObjectNode object, String from, String to);
}
