package io.keelson.proxy.userspace;

import io.keelson.proxy.rules.Destination;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Copies between those who come to an address and endpoints, until it is closed. */
interface Relay extends AutoCloseable {
    @Override
    void close();

    /** An endpoint as Java has it. */
    static InetSocketAddress address(Destination destination) {
        return new InetSocketAddress(InetAddress.ofLiteral(destination.address().toString()), destination.port());
    }
}
