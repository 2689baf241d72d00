package io.keelson.proxy.rules;

import io.keelson.controllers.objects.IpAddress;

/**
 * Where packets are sent instead of where they were to go.
 *
 * @param port a number from 1 to 65535
 */
public record Destination(IpAddress address, int port) implements Comparable<Destination> {
    @Override
    public int compareTo(Destination other) {
        int order = Octets.of(address).compareTo(Octets.of(other.address));
        return order != 0 ? order : Integer.compare(port, other.port);
    }

    @Override
    public String toString() {
        return address.isV6() ? "[" + address + "]:" + port : address + ":" + port;
    }
}
