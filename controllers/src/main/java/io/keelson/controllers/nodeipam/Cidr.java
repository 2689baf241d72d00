package io.keelson.controllers.nodeipam;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * A range of addresses.
 *
 * @param first its first address, as a number
 * @param prefix how many bits all its addresses have in common
 * @param isIPv6 whether addresses have 128 bits, not 32
 */
record Cidr(BigInteger first, int prefix, boolean isIPv6) {
    private static final int GROUPS = 8;

    /**
     * Reads {@code 10.0.0.0/8} or {@code fd00::/48}; bits beyond the prefix are dropped.
     *
     * @throws IllegalArgumentException if it is neither
     */
    static Cidr parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("invalid CIDR address: " + text);
        }
        byte[] address;
        int prefix;
        try {
            address = InetAddress.ofLiteral(text.substring(0, slash)).getAddress();
            prefix = Integer.parseInt(text.substring(slash + 1));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("invalid CIDR address: " + text, e);
        }
        int bits = 8 * address.length;
        if (prefix < 0 || prefix > bits) {
            throw new IllegalArgumentException("invalid CIDR address: " + text);
        }
        int host = bits - prefix;
        BigInteger first = new BigInteger(1, address).shiftRight(host).shiftLeft(host);
        return new Cidr(first, prefix, bits == 128);
    }

    private int hostBits() {
        return (isIPv6 ? 128 : 32) - prefix;
    }

    BigInteger last() {
        return first.add(BigInteger.ONE.shiftLeft(hostBits())).subtract(BigInteger.ONE);
    }

    boolean overlaps(Cidr other) {
        return isIPv6 == other.isIPv6 && first.compareTo(other.last()) <= 0 && other.first.compareTo(last()) <= 0;
    }

    /** One of the ranges with a longer prefix that it consists of. */
    Cidr part(int longerPrefix, int index) {
        int shift = (isIPv6 ? 128 : 32) - longerPrefix;
        return new Cidr(first.add(BigInteger.valueOf(index).shiftLeft(shift)), longerPrefix, isIPv6);
    }

    /** As RFC 5952 wants it. */
    @Override
    public String toString() {
        return (isIPv6 ? ipv6() : ipv4()) + '/' + prefix;
    }

    private String ipv4() {
        int address = first.intValue();
        return ((address >>> 24) & 0xff)
                + "."
                + ((address >>> 16) & 0xff)
                + '.'
                + ((address >>> 8) & 0xff)
                + '.'
                + (address & 0xff);
    }

    private String ipv6() {
        String[] groups = new String[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            groups[i] =
                    Integer.toHexString(first.shiftRight(16 * (GROUPS - 1 - i)).intValue() & 0xffff);
        }
        int longest = 0;
        int at = 0;
        for (int from = 0; from < GROUPS; from++) {
            int to = from;
            while (to < GROUPS && groups[to].equals("0")) {
                to++;
            }
            if (to - from > longest) {
                longest = to - from;
                at = from;
            }
        }
        if (longest < 2) {
            return String.join(":", groups);
        }
        return String.join(":", Arrays.copyOfRange(groups, 0, at))
                + "::"
                + String.join(":", Arrays.copyOfRange(groups, at + longest, GROUPS));
    }
}
