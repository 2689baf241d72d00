package io.keelson.cloud;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of one family, one after the other.
 *
 * @param first the lowest, as a number
 * @param last the highest, as a number; not less than the lowest
 * @param isV6 whether they are IPv6 addresses
 */
public record AddressRange(BigInteger first, BigInteger last, boolean isV6) {
    /**
     * The range of a text: {@code 10.0.0.1-10.0.0.9}, {@code 10.0.0.0/24}, or one address.
     *
     * @return null if it is none, or ends before it begins
     */
    public static @Nullable AddressRange parse(String text) {
        int dash = text.indexOf('-');
        if (dash >= 0) {
            IpAddress first = IpAddress.parse(text.substring(0, dash).strip());
            IpAddress last = IpAddress.parse(text.substring(dash + 1).strip());
            if (first == null || last == null || first.isV6() != last.isV6()) {
                return null;
            }
            return number(first).compareTo(number(last)) > 0
                    ? null
                    : new AddressRange(number(first), number(last), first.isV6());
        }
        if (text.indexOf('/') >= 0) {
            IpPrefix prefix = IpPrefix.parse(text.strip());
            return prefix == null ? null : of(prefix);
        }
        IpAddress only = IpAddress.parse(text.strip());
        return only == null ? null : new AddressRange(number(only), number(only), only.isV6());
    }

    /** All addresses of a prefix. */
    public static AddressRange of(IpPrefix prefix) {
        boolean isV6 = prefix.first().isV6();
        BigInteger first = number(prefix.first());
        BigInteger size = BigInteger.ONE.shiftLeft((isV6 ? 128 : 32) - prefix.length());
        return new AddressRange(first, first.add(size).subtract(BigInteger.ONE), isV6);
    }

    /** Whether an address lies in it. */
    public boolean contains(IpAddress address) {
        return address.isV6() == isV6 && contains(number(address));
    }

    /** Whether the lowest or the highest address of another range lies in it. */
    public boolean containsAnEndOf(AddressRange other) {
        return other.isV6 == isV6 && (contains(other.first) || contains(other.last));
    }

    /**
     * Those that a machine can have, if this is a prefix: of more than two IPv4 addresses not the first and the last,
     * which mean the network and everybody in it; of more than two IPv6 addresses not the first, which means any
     * router.
     */
    public AddressRange ofMachines() {
        if (last.subtract(first).compareTo(BigInteger.ONE) <= 0) {
            return this;
        }
        return new AddressRange(first.add(BigInteger.ONE), isV6 ? last : last.subtract(BigInteger.ONE), isV6);
    }

    /** Whether they share an address. */
    public boolean overlaps(AddressRange other) {
        return containsAnEndOf(other) || other.containsAnEndOf(this);
    }

    private boolean contains(BigInteger address) {
        return address.compareTo(first) >= 0 && address.compareTo(last) <= 0;
    }

    /** An address as a number. */
    public static BigInteger number(IpAddress address) {
        return new BigInteger(1, InetAddress.ofLiteral(address.toString()).getAddress());
    }

    /** The address of a number; one of the IPv6 ones that stand for IPv4 addresses is that IPv4 address. */
    public static IpAddress address(BigInteger number, boolean isV6) {
        byte[] bytes = new byte[isV6 ? 16 : 4];
        byte[] digits = number.toByteArray();
        int taken = Math.min(digits.length, bytes.length);
        System.arraycopy(digits, digits.length - taken, bytes, bytes.length - taken, taken);
        try {
            IpAddress address = IpAddress.parse(InetAddress.getByAddress(bytes).getHostAddress());
            if (address == null) {
                throw new IllegalArgumentException(number + " is the number of no address");
            }
            return address;
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(number + " is the number of no address", e);
        }
    }

    @Override
    public String toString() {
        return first.equals(last) ? address(first, isV6).toString() : address(first, isV6) + "-" + address(last, isV6);
    }
}
