package io.keelson.apiserver.protobuf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.resource.GroupVersion;
import io.keelson.apiserver.resource.GroupVersionKind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Puts lists together from the messages of their items, which are not copied. */
public final class ProtobufLists {
    private static final String ITEMS = "items";

    private ProtobufLists() {}

    /**
     * A list: the parts of what {@link KubernetesProtobuf#encode} would write of it with its items.
     *
     * @param list with its kind and metadata, without items
     * @param items as {@link MessageEncoder} writes them; not changed from now on
     * @throws IllegalArgumentException if the kind is no list that {@link KubernetesProtobuf#knows}
     */
    public static List<ByteBuffer> parts(ObjectNode list, List<byte[]> items) {
        GroupVersionKind kind = GroupVersion.parse(ObjectMeta.apiVersion(list)).kind(ObjectMeta.kind(list));
        Message message = MessageTable.find(kind);
        if (message == null) {
            throw new IllegalArgumentException(kind + " has no protobuf");
        }
        List<Field> fields = message.fields();
        int at = position(fields, kind);
        int number = fields.get(at).number();
        WireWriter behind = new WireWriter(64);
        behind.raw(Envelope.end());
        MessageWriter.write(behind, fields.subList(at + 1, fields.size()), list);
        WireWriter before = new WireWriter(128);
        MessageWriter.write(before, fields.subList(0, at), list);
        long length = (long) before.size() + behind.size() - Envelope.end().length;
        // The beginnings of all items stand in one array, of which each part is a piece.
        WireWriter begins = new WireWriter(Math.max(16, 4 * items.size()));
        for (int i = items.size() - 1; i >= 0; i--) {
            begins.varint(items.get(i).length);
            begins.tag(number, WireReader.DELIMITED);
            length += items.get(i).length;
        }
        length += begins.size();
        Envelope.begin(before, Envelope.type(kind), length);

        List<ByteBuffer> parts = new ArrayList<>(2 * items.size() + 2);
        parts.add(ByteBuffer.wrap(before.toBytes()));
        byte[] begin = begins.toBytes();
        int tagSize = WireWriter.varintSize((long) number << 3);
        int from = 0;
        for (byte[] item : items) {
            int size = tagSize + WireWriter.varintSize(item.length);
            parts.add(ByteBuffer.wrap(begin, from, size));
            parts.add(ByteBuffer.wrap(item));
            from += size;
        }
        parts.add(ByteBuffer.wrap(behind.toBytes()));
        return parts;
    }

    private static int position(List<Field> fields, GroupVersionKind kind) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).name().equals(ITEMS)) {
                return i;
            }
        }
        throw new IllegalArgumentException(kind + " is no list");
    }
}
