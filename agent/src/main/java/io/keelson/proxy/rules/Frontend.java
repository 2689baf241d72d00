package io.keelson.proxy.rules;

import io.keelson.controllers.objects.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * What packets are addressed to.
 *
 * @param address null for any of the node's that node ports are served at
 */
public record Frontend(@Nullable IpAddress address, Transport transport, int port) {
    @Override
    public String toString() {
        return (address == null ? "node" : address) + " " + transport + " " + port;
    }
}
