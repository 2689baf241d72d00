package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.request.MediaTypes.Negotiated;

/** The formats in which objects are written. */
@FunctionalInterface
interface Formats {
    /** Writes an object as was agreed on. */
    byte[] encode(Negotiated negotiated, ObjectNode object);
}
