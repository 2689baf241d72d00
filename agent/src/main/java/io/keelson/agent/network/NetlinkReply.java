package io.keelson.agent.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the kernel tells of one thing: a fixed part, and attributes behind it. */
final class NetlinkReply {
    private NetlinkReply() {}

    /**
     * The attributes, by their types.
     *
     * @param from where the fixed part ends
     */
    static Map<Integer, ByteBuffer> attributes(ByteBuffer told, int from) {
        Map<Integer, ByteBuffer> attributes = new HashMap<>();
        int at = from;
        while (at + 4 <= told.limit()) {
            int length = told.getShort(at) & 0xffff;
            if (length < 4 || at + length > told.limit()) {
                break;
            }
            attributes.put(
                    told.getShort(at + 2) & 0x3fff,
                    told.slice(at + 4, length - 4).order(ByteOrder.nativeOrder()));
            at += (length + 3) & ~3;
        }
        return attributes;
    }

    /** The text of an attribute, without the zero that ends it; empty if there is none. */
    static String text(@Nullable ByteBuffer octets) {
        if (octets == null) {
            return "";
        }
        byte[] text = new byte[Math.max(0, octets.limit() - 1)];
        octets.get(0, text);
        return new String(text, StandardCharsets.UTF_8);
    }
}
