package io.keelson.apiserver.protobuf;

import io.keelson.apiserver.resource.GroupVersionKind;
import java.nio.ByteBuffer;

/**
 * The events of a watch in {@code application/vnd.kubernetes.protobuf;stream=watch}: frames, one after the other, each
 *
 * <pre>
 * 00 00 01 42                      how many bytes follow, big-endian
 * v1.WatchEvent {
 *   type = 1                       ADDED, MODIFIED, DELETED, BOOKMARK or ERROR
 *   object = 2 { raw = 1 }         a runtime.RawExtension
 * }
 * </pre>
 *
 * <p>The event itself stands there bare, without magic and without {@code runtime.Unknown}: the original writes streams
 * with its raw serializer, and whoever asked knows what comes. The object in it is complete, with magic and kind, as
 * {@link KubernetesProtobuf#encode} writes it; for an ERROR it is a Status.
 *
 * <p>An instance makes the frames of objects of one kind around messages that many watches send. Immutable.
 */
public final class WatchFrames {
    private final byte[] type;

    public WatchFrames(GroupVersionKind kind) {
        type = Envelope.type(kind);
    }

    /**
     * A frame, complete with its length, in parts; one of them is the message itself.
     *
     * @param event its type
     * @param message the object, as {@link MessageEncoder} writes it
     */
    public byte[][] parts(String event, byte[] message) {
        byte[] end = Envelope.end();
        int rest = message.length + end.length;
        WireWriter out = new WireWriter(type.length + event.length() + 5 * Integer.BYTES + 2 * Long.BYTES);
        Envelope.begin(out, type, message.length);
        // What follows is delimited as if message and end were there already.
        out.delimit(1, -rest);
        out.delimit(2, -rest);
        out.text(1, event);
        out.raw(length(out.size() + rest));
        return new byte[][] {out.toBytes(), message, end};
    }

    /** How many bytes an object has in its envelope. */
    public int objectBytes(byte[] message) {
        return type.length + 1 + WireWriter.varintSize(message.length) + message.length + Envelope.end().length;
    }

    /**
     * A frame, complete with its length.
     *
     * @param event its type
     * @param object as {@link KubernetesProtobuf#encode} writes it
     */
    public static byte[] frame(String event, byte[] object) {
        WireWriter out = new WireWriter(object.length + event.length() + 3 * Integer.BYTES + 2 * Long.BYTES);
        out.bytes(1, object);
        out.delimit(2, 0);
        out.text(1, event);
        out.raw(length(out.size()));
        return out.toBytes();
    }

    private static byte[] length(int bytes) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(bytes).array();
    }
}
