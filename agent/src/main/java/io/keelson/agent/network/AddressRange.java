package io.keelson.agent.network;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import java.math.BigInteger;

/**
 * The addresses of a range that pods may have: all but the range's own, the first after it, which is the gateway's, and the last,
 * which is IPv4's for everybody. Of a large range only the first 65,536 are used.
 *
 * @param prefix the range
 */
record AddressRange(IpPrefix prefix) {
    private static final int BITS_MAX = 16;

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException if there is no room for a pod in it
     */
    AddressRange {
        if (bits(prefix) < 2) {
            throw new IllegalArgumentException("the range " + prefix + " has no room for a gateway and a pod");
        }
    }

    private static int bits(IpPrefix prefix) {
        return (prefix.first().isV6() ? 128 : 32) - prefix.length();
    }

    /** The gateway of pods: an address of the bridge. */
    IpAddress gateway() {
        return at(1);
    }

    /** How many addresses there are for pods. */
    int size() {
        return (1 << Math.min(BITS_MAX, bits(prefix))) - 3;
    }

    /** An address for a pod, from 0 on. */
    IpAddress pod(int index) {
        return at(index + 2);
    }

    private IpAddress at(int offset) {
        byte[] first = AddressOctets.of(prefix.first());
        byte[] sum = new BigInteger(1, first).add(BigInteger.valueOf(offset)).toByteArray();
        byte[] octets = new byte[first.length];
        int length = Math.min(sum.length, octets.length);
        System.arraycopy(sum, sum.length - length, octets, octets.length - length, length);
        return AddressOctets.address(octets);
    }
}
