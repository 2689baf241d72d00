package io.keelson.proxy.rules;

/**
 * The first packet of a connection.
 *
 * @param from whose it is
 * @param source its address
 */
record Packet(From from, String source, String destination, Transport transport, int port) {
    enum From {
        OUTSIDE,
        POD,
        NODE
    }
}
