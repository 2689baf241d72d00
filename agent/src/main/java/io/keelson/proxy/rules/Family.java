package io.keelson.proxy.rules;

import io.keelson.controllers.objects.IpAddress;

/** A family of addresses. Each has rules of its own. */
public enum Family {
    /** IPv4. */
    IPV4(4),
    /** IPv6. */
    IPV6(16);

    private final int addressBytes;

    Family(int addressBytes) {
        this.addressBytes = addressBytes;
    }

    /** How many bytes an address has. */
    public int addressBytes() {
        return addressBytes;
    }

    /** Whose an address is. */
    public static Family of(IpAddress address) {
        return address.isV6() ? IPV6 : IPV4;
    }

    /** {@code IPv4} or {@code IPv6}, as Services and the metrics have it. */
    @Override
    public String toString() {
        return this == IPV4 ? "IPv4" : "IPv6";
    }
}
