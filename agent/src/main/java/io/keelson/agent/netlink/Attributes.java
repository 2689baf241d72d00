package io.keelson.agent.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a message, or those that are nested in another, by their types. What does not fit in is left out with all
 * that is behind it, so that damaged bytes read as attributes that are missing.
 */
public final class Attributes {
    private static final int TYPE_MASK = 0x3fff;
    private static final int HEADER_BYTES = 4;

    private final Map<Integer, ByteBuffer> byType = new HashMap<>();

    private Attributes() {}

    /** Those in a buffer, from its position to its limit; of two of a type the last. */
    public static Attributes of(ByteBuffer buffer) {
        Attributes attributes = new Attributes();
        for (ByteBuffer attribute : slices(buffer)) {
            attributes.byType.put(type(attribute), value(attribute));
        }
        return attributes;
    }

    /** The values of a list of attributes, in their order. */
    public static List<ByteBuffer> list(ByteBuffer buffer) {
        return slices(buffer).stream().map(Attributes::value).toList();
    }

    private static List<ByteBuffer> slices(ByteBuffer whole) {
        ByteBuffer buffer = whole.slice().order(ByteOrder.nativeOrder());
        List<ByteBuffer> slices = new ArrayList<>();
        int at = 0;
        while (buffer.limit() - at >= HEADER_BYTES) {
            int length = buffer.getShort(at) & 0xffff;
            if (length < HEADER_BYTES || length > buffer.limit() - at) {
                break;
            }
            slices.add(buffer.slice(at, length).order(ByteOrder.nativeOrder()));
            at += length + 3 & ~3;
        }
        return slices;
    }

    private static int type(ByteBuffer attribute) {
        return attribute.getShort(2) & TYPE_MASK;
    }

    private static ByteBuffer value(ByteBuffer attribute) {
        return attribute.slice(HEADER_BYTES, attribute.limit() - HEADER_BYTES).order(ByteOrder.BIG_ENDIAN);
    }

    /** The bytes of an attribute; null if it is not there. */
    public byte @Nullable [] bytes(int type) {
        ByteBuffer value = byType.get(type);
        if (value == null) {
            return null;
        }
        byte[] bytes = new byte[value.limit()];
        value.get(0, bytes);
        return bytes;
    }

    /** The attributes in an attribute; none if it is not there. */
    public Attributes nested(int type) {
        ByteBuffer value = byType.get(type);
        return value == null ? new Attributes() : of(value);
    }

    /** The values of the list in an attribute; none if it is not there. */
    public List<ByteBuffer> elements(int type) {
        ByteBuffer value = byType.get(type);
        return value == null ? List.of() : list(value);
    }

    /** Whether there is one of a type. */
    public boolean has(int type) {
        return byType.containsKey(type);
    }

    /** A text; empty if it is not there. */
    public String text(int type) {
        byte[] bytes = bytes(type);
        if (bytes == null) {
            return "";
        }
        int length = bytes.length;
        while (length > 0 && bytes[length - 1] == 0) {
            length--;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** A number of four bytes in the machine's order; another value if it is not there. */
    public int nativeNumber(int type, int otherwise) {
        ByteBuffer value = byType.get(type);
        return value == null || value.limit() != Integer.BYTES
                ? otherwise
                : value.duplicate().order(ByteOrder.nativeOrder()).getInt(0);
    }

    /** A number of one, two, four or eight bytes in the network's order; another value if it is not there. */
    public long number(int type, long otherwise) {
        ByteBuffer value = byType.get(type);
        if (value == null) {
            return otherwise;
        }
        return switch (value.limit()) {
            case 1 -> value.get(0) & 0xff;
            case 2 -> value.getShort(0) & 0xffff;
            case 4 -> value.getInt(0) & 0xffffffffL;
            case 8 -> value.getLong(0);
            default -> otherwise;
        };
    }
}
