package io.keelson.apiserver.proxy;

import io.keelson.apiserver.errors.ApiException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Addresses to which users may have the server connect: not its own loopback and not the link it is on, where things listen
 * that believe whoever can reach them (CVE-2020-8562 and others). What was judged is what is connected to: a name is looked
 * up once.
 */
final class ProxyableAddress {
    private ProxyableAddress() {}

    /**
     * The address that a host stands for.
     *
     * @throws ApiException BadRequest if one of its addresses is not to be connected to
     * @throws BackendException if there is no such host
     */
    static InetAddress of(String host) throws BackendException {
        InetAddress[] all;
        try {
            all = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            throw new BackendException("dial tcp: lookup " + host + ": no such host", e);
        }
        for (InetAddress address : all) {
            if (!isAllowed(address)) {
                throw ApiException.badRequest("address not allowed");
            }
        }
        return all[0];
    }

    static boolean isAllowed(InetAddress address) {
        if (address instanceof Inet6Address six && embedded(six) instanceof Inet4Address four && !isAllowed(four)) {
            return false;
        }
        boolean broadcast = address instanceof Inet4Address && allOnes(address.getAddress());
        return !address.isAnyLocalAddress()
                && !address.isLoopbackAddress()
                && !address.isLinkLocalAddress()
                && !address.isMulticastAddress()
                && !broadcast;
    }

    private static boolean allOnes(byte[] address) {
        for (byte part : address) {
            if (part != -1) {
                return false;
            }
        }
        return true;
    }

    /** The IPv4 address that is reached by an IPv6 one, or that address itself. */
    private static InetAddress embedded(Inet6Address address) {
        byte[] bytes = address.getAddress();
        boolean zeros = true;
        for (int i = 0; i < 10; i++) {
            zeros &= bytes[i] == 0;
        }
        boolean mapped = zeros && ((bytes[10] == 0 && bytes[11] == 0) || (bytes[10] == -1 && bytes[11] == -1));
        if (!mapped) {
            return address;
        }
        try {
            return InetAddress.getByAddress(new byte[] {bytes[12], bytes[13], bytes[14], bytes[15]});
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }
}
