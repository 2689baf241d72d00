package io.keelson.agent.network;

import io.keelson.controllers.objects.IpAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Addresses as the kernel has them: 4 or 16 octets. */
public final class AddressOctets {
    private AddressOctets() {}

    /** The octets of an address. */
    public static byte[] of(IpAddress address) {
        return InetAddress.ofLiteral(address.toString()).getAddress();
    }

    /** An address of 4 or 16 octets. */
    public static IpAddress address(byte[] octets) {
        try {
            IpAddress address = IpAddress.parse(InetAddress.getByAddress(octets).getHostAddress());
            if (address != null) {
                return address;
            }
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address of " + octets.length + " octets", e);
        }
        throw new IllegalArgumentException("no address");
    }
}
