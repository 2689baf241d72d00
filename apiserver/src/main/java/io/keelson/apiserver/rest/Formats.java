package io.keelson.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.request.MediaTypes.Negotiated;
import java.nio.ByteBuffer;
import java.util.List;

/** The formats in which objects are written. */
@FunctionalInterface
interface Formats {
    /** Writes an object as was agreed on, in parts that are to be sent one behind the other. */
    List<ByteBuffer> encode(Negotiated negotiated, ObjectNode object);
}
