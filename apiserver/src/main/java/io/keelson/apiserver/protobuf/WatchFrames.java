package io.keelson.apiserver.protobuf;

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
 */
public final class WatchFrames {
    private WatchFrames() {}

    /**
     * A frame, complete with its length.
     *
     * @param type of the event
     * @param object as {@link KubernetesProtobuf#encode} writes it
     */
    public static byte[] frame(String type, byte[] object) {
        WireWriter out = new WireWriter(object.length + type.length() + 3 * Integer.BYTES + 2 * Long.BYTES);
        out.bytes(1, object);
        out.delimit(2, 0);
        out.text(1, type);
        int length = out.size();
        out.raw(ByteBuffer.allocate(Integer.BYTES).putInt(length).array());
        return out.toBytes();
    }
}
