package io.keelson.agent.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Messages to the kernel about links, addresses, neighbours and routes: their types, and the fixed parts that they begin with. */
final class RouteMessage {
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

    static final int LINK_OCTETS = 16;
    static final int ADDRESS_OCTETS = 8;
    static final int ROUTE_OCTETS = 12;

    /** The table that all look at. */
    private static final int MAIN_TABLE = 254;

    private RouteMessage() {}

    private static ByteBuffer octets(int count) {
        return ByteBuffer.allocate(count).order(ByteOrder.nativeOrder());
    }

    /**
     * The fixed part of messages about links.
     *
     * @param index 0 for one that has none yet, or is found by its name
     * @param flags of the link, of which those in {@code mask} count
     */
    static byte[] link(int family, int index, int flags, int mask) {
        return octets(LINK_OCTETS)
                .put((byte) family)
                .put((byte) 0)
                .putShort((short) 0)
                .putInt(index)
                .putInt(flags)
                .putInt(mask)
                .array();
    }

    /**
     * The fixed part of messages about addresses.
     *
     * @param scope how far an IPv4 address means something, as the kernel numbers it
     */
    static byte[] address(int family, int prefixLength, int flags, int scope, int index) {
        return octets(ADDRESS_OCTETS)
                .put((byte) family)
                .put((byte) prefixLength)
                .put((byte) flags)
                .put((byte) scope)
                .putInt(index)
                .array();
    }

    /** The fixed part of messages about neighbours. */
    static byte[] neighbour(int family, int index, int state, int flags) {
        return octets(12)
                .put((byte) family)
                .put((byte) 0)
                .putShort((short) 0)
                .putInt(index)
                .putShort((short) state)
                .put((byte) flags)
                .array();
    }

    /** The fixed part of messages about routes. */
    static byte[] route(int family, int prefixLength, int protocol, int scope, int type) {
        return octets(ROUTE_OCTETS)
                .put((byte) family)
                .put((byte) prefixLength)
                .putShort((short) 0)
                .put((byte) MAIN_TABLE)
                .put((byte) protocol)
                .put((byte) scope)
                .put((byte) type)
                .array();
    }
}
