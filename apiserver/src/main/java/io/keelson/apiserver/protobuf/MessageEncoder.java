package io.keelson.apiserver.protobuf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.resource.GroupVersionKind;

/**
 * Writes objects of one kind as bare messages, without the envelope of {@link KubernetesProtobuf}: as they stand in {@link
 * ProtobufLists} and, with another envelope for each event, in {@link WatchFrames}. Uses one buffer for all of them; one
 * thread.
 */
public final class MessageEncoder {
    private final Message message;
    private final WireWriter out;

    /**
     * An encoder of a kind.
     *
     * @param sizeExpected how many bytes one object takes, about
     * @throws IllegalArgumentException if the kind is none that {@link KubernetesProtobuf#knows}
     */
    public MessageEncoder(GroupVersionKind kind, int sizeExpected) {
        Message found = MessageTable.find(kind);
        if (found == null) {
            throw new IllegalArgumentException(kind + " has no protobuf");
        }
        message = found;
        out = new WireWriter(sizeExpected);
    }

    /**
     * Writes an object. Fields that the kind does not have are left out.
     *
     * @throws MalformedException if a value is not of the type that the kind demands
     */
    public byte[] encode(ObjectNode object) {
        out.clear();
        MessageWriter.write(out, message, object);
        return out.toBytes();
    }
}
