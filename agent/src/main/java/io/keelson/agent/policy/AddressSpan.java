package io.keelson.agent.policy;

import io.keelson.agent.network.AddressOctets;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Addresses of one family from one to another, both included. Blocks of a policy become spans that do not touch, so that one
 * look-up tells whether an address is in one of them however many there are and whatever is excepted.
 *
 * <p>{@code 10.0.0.0/8} except {@code 10.1.0.0/16}, and {@code 10.1.0.0/24}: {@code 10.0.0.0–10.1.0.255} and
 * {@code 10.2.0.0–10.255.255.255}.
 */
record AddressSpan(boolean isV6, BigInteger first, BigInteger last) {
    private static final int V4_BITS = 32;
    private static final int V6_BITS = 128;

    /** The addresses of a range. */
    static AddressSpan of(IpPrefix prefix) {
        boolean isV6 = prefix.first().isV6();
        BigInteger first = number(prefix.first());
        BigInteger size = BigInteger.ONE.shiftLeft((isV6 ? V6_BITS : V4_BITS) - prefix.length());
        return new AddressSpan(isV6, first, first.add(size).subtract(BigInteger.ONE));
    }

    private static BigInteger number(IpAddress address) {
        return new BigInteger(1, AddressOctets.of(address));
    }

    /** Whether an address is in it. */
    boolean contains(IpAddress address) {
        return address.isV6() == isV6
                && number(address).compareTo(first) >= 0
                && number(address).compareTo(last) <= 0;
    }

    /** Whether all addresses of the family are in it. */
    boolean isAll() {
        return first.signum() == 0 && last.bitCount() == (isV6 ? V6_BITS : V4_BITS);
    }

    /** What is left of it without others. */
    List<AddressSpan> without(Collection<AddressSpan> others) {
        List<AddressSpan> left = new ArrayList<>();
        BigInteger from = first;
        for (AddressSpan other : merged(others)) {
            if (other.isV6 != isV6 || other.last.compareTo(from) < 0 || other.first.compareTo(last) > 0) {
                continue;
            }
            if (other.first.compareTo(from) > 0) {
                left.add(new AddressSpan(isV6, from, other.first.subtract(BigInteger.ONE)));
            }
            from = other.last.add(BigInteger.ONE);
        }
        if (from.compareTo(last) <= 0) {
            left.add(new AddressSpan(isV6, from, last));
        }
        return left;
    }

    /** The same addresses in as few spans as can be: those of IPv4 first, in their order. */
    static List<AddressSpan> merged(Collection<AddressSpan> spans) {
        List<AddressSpan> sorted = new ArrayList<>(spans);
        sorted.sort(Comparator.comparing(AddressSpan::isV6).thenComparing(AddressSpan::first));
        List<AddressSpan> merged = new ArrayList<>();
        for (AddressSpan span : sorted) {
            AddressSpan before = merged.isEmpty() ? null : merged.getLast();
            if (before != null
                    && before.isV6 == span.isV6
                    && span.first.compareTo(before.last.add(BigInteger.ONE)) <= 0) {
                merged.set(merged.size() - 1, new AddressSpan(span.isV6, before.first, before.last.max(span.last)));
            } else {
                merged.add(span);
            }
        }
        return merged;
    }

    private String text(BigInteger number) {
        byte[] sum = number.toByteArray();
        byte[] octets = new byte[(isV6 ? V6_BITS : V4_BITS) / Byte.SIZE];
        int length = Math.min(sum.length, octets.length);
        System.arraycopy(sum, sum.length - length, octets, octets.length - length, length);
        return AddressOctets.address(octets).toString();
    }

    /** As rules write it. */
    @Override
    public String toString() {
        return first.equals(last) ? text(first) : text(first) + '-' + text(last);
    }
}
