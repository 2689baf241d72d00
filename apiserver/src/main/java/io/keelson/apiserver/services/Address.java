package io.keelson.apiserver.services;

import io.keelson.apiserver.validation.Addresses;
import java.math.BigInteger;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * An IP address.
 *
 * @param value as a number, at least 0
 */
public record Address(IpFamily family, BigInteger value) implements Comparable<Address> {
    private static final int GROUPS = 8;
    private static final int GROUP_BITS = 16;

    /** Reads an address, with leading zeros if need be; null if it is none. */
    public static @Nullable Address parse(String text) {
        byte[] bytes = Addresses.address(text);
        return bytes == null
                ? null
                : new Address(bytes.length == 4 ? IpFamily.V4 : IpFamily.V6, new BigInteger(1, bytes));
    }

    Address plus(BigInteger offset) {
        return new Address(family, value.add(offset));
    }

    @Override
    public int compareTo(Address other) {
        int byFamily = family.compareTo(other.family);
        return byFamily != 0 ? byFamily : value.compareTo(other.value);
    }

    /** In the one form that IPAddress objects are named by: without leading zeros; of version 6 as RFC 5952 has it. */
    @Override
    public String toString() {
        return family == IpFamily.V4 ? dotted() : groups();
    }

    private String dotted() {
        int bits = value.intValue();
        return (bits >>> 24) + "." + (bits >>> 16 & 0xff) + "." + (bits >>> 8 & 0xff) + "." + (bits & 0xff);
    }

    private String groups() {
        int[] groups = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = value.shiftRight((GROUPS - 1 - i) * GROUP_BITS).intValue() & 0xffff;
        }
        // The longest run of zeros, the first of several, is left out if it is longer than one group.
        int begin = -1;
        int length = 1;
        for (int i = 0; i < GROUPS; i++) {
            int end = i;
            while (end < GROUPS && groups[end] == 0) {
                end++;
            }
            if (end - i > length) {
                begin = i;
                length = end - i;
            }
            i = Math.max(i, end - 1);
        }
        return begin < 0
                ? joined(groups, 0, GROUPS)
                : joined(groups, 0, begin) + "::" + joined(groups, begin + length, GROUPS);
    }

    private static String joined(int[] groups, int from, int to) {
        StringJoiner text = new StringJoiner(":");
        for (int i = from; i < to; i++) {
            text.add(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
