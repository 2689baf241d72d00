package io.keelson.agent.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * A message to the kernel about links, addresses or routes: a header, a fixed part that the type of the message has, and
 * attributes, which may have attributes themselves.
 */
final class NetlinkMessage {
    static final int HEADER_OCTETS = 16;

    static final int NEW_LINK = 16;
    static final int DELETE_LINK = 17;
    static final int GET_LINK = 18;
    static final int SET_LINK = 19;
    static final int NEW_ADDRESS = 20;
    static final int GET_ADDRESS = 22;
    static final int NEW_ROUTE = 24;
    static final int DELETE_ROUTE = 25;
    static final int GET_ROUTE = 26;
    static final int NEW_NEIGHBOUR = 28;
    static final int DELETE_NEIGHBOUR = 29;

    static final int DUMP = 0x300;
    static final int REPLACE = 0x100;
    static final int EXCLUSIVE = 0x200;
    static final int CREATE = 0x400;
    private static final int REQUEST = 1;
    static final int ACKNOWLEDGE = 4;

    private static final int OCTETS_MAX = 4096;
    private static final int NESTED = 0x8000;

    private final ByteBuffer octets = ByteBuffer.allocate(OCTETS_MAX).order(ByteOrder.nativeOrder());

    private NetlinkMessage(int type, int flags) {
        octets.putInt(0)
                .putShort((short) type)
                .putShort((short) (flags | REQUEST))
                .putInt(0)
                .putInt(0);
    }

    /** A message without its fixed part. */
    static NetlinkMessage of(int type, int flags) {
        return new NetlinkMessage(type, flags);
    }

    /**
     * The fixed part of messages about links.
     *
     * @param index 0 for one that has none yet, or is found by its name
     * @param flags of the link, of which those in {@code mask} count
     */
    NetlinkMessage link(int family, int index, int flags, int mask) {
        octets.put((byte) family).put((byte) 0).putShort((short) 0);
        octets.putInt(index).putInt(flags).putInt(mask);
        return this;
    }

    /**
     * The fixed part of messages about addresses.
     *
     * @param scope how far an IPv4 address means something, as the kernel numbers it
     */
    NetlinkMessage address(int family, int prefixLength, int flags, int scope, int index) {
        octets.put((byte) family)
                .put((byte) prefixLength)
                .put((byte) flags)
                .put((byte) scope)
                .putInt(index);
        return this;
    }

    /** The fixed part of messages about neighbours. */
    NetlinkMessage neighbour(int family, int index, int state, int flags) {
        octets.put((byte) family).put((byte) 0).putShort((short) 0).putInt(index);
        octets.putShort((short) state).put((byte) flags).put((byte) 0);
        return this;
    }

    /** The fixed part of messages about routes. */
    NetlinkMessage route(int family, int prefixLength, int protocol, int scope, int type) {
        octets.put((byte) family).put((byte) prefixLength).put((byte) 0).put((byte) 0);
        // The table that all look at.
        octets.put((byte) 254)
                .put((byte) protocol)
                .put((byte) scope)
                .put((byte) type)
                .putInt(0);
        return this;
    }

    NetlinkMessage attribute(int type, byte[] value) {
        octets.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        while (octets.position() % 4 != 0) {
            octets.put((byte) 0);
        }
        return this;
    }

    NetlinkMessage attribute(int type, int value) {
        octets.putShort((short) 8).putShort((short) type).putInt(value);
        return this;
    }

    /** A text, with the zero that ends it. */
    NetlinkMessage attribute(int type, String value) {
        return attribute(type, (value + '\0').getBytes(StandardCharsets.UTF_8));
    }

    /** Attributes within one. */
    NetlinkMessage nested(int type, Consumer<NetlinkMessage> inner) {
        int begin = octets.position();
        octets.putShort((short) 0).putShort((short) (type | NESTED));
        inner.accept(this);
        octets.putShort(begin, (short) (octets.position() - begin));
        return this;
    }

    /** The octets, with this number by which the answer is known. */
    ByteBuffer numbered(int number) {
        octets.putInt(0, octets.position());
        octets.putInt(8, number);
        return octets.duplicate().order(ByteOrder.nativeOrder()).flip();
    }
}
