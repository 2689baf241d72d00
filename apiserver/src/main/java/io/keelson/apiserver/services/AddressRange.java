package io.keelson.apiserver.services;

import io.keelson.apiserver.validation.Addresses;
import java.math.BigInteger;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.random.RandomGenerator;

/**
 * A range of addresses that Services get. Its first address stands for the range itself, the last one of version 4 for
 * everybody in it; neither is given out. The lower part is left to those who choose their address, as long as there is
 * room above it:
 *
 * <pre>
 * 10.96.0.0/16    10.96.0.1 … 10.96.1.0      chosen: a 16th, at least 16 and at most 256 addresses
 *                 10.96.1.1 … 10.96.255.254  given out
 * </pre>
 *
 * @param text {@code 10.96.0.0/16}
 * @param first that is given out
 * @param last that is given out; below {@code first} if there is none
 * @param chosen how many addresses are left to those who choose
 */
public record AddressRange(String text, Address first, Address last, long chosen) {
    private static final int CHOSEN_MIN = 16;
    private static final int CHOSEN_MAX = 256;
    private static final int CHOSEN_PART = 16;
    private static final int IPV6_PREFIX_MIN = 64;

    /** @throws IllegalArgumentException if it is no range, or one too large */
    public static AddressRange of(String text) {
        Addresses.Cidr cidr = Addresses.Cidr.parse(text);
        if (cidr == null) {
            throw new IllegalArgumentException("\"" + text + "\" is no range of addresses such as 10.96.0.0/12");
        }
        IpFamily family = cidr.bits() == IpFamily.V4.bits() ? IpFamily.V4 : IpFamily.V6;
        if (family == IpFamily.V6 && cidr.prefix() < IPV6_PREFIX_MIN) {
            throw new IllegalArgumentException(
                    "shortest allowed prefix length for service CIDR is 64, got " + cidr.prefix());
        }
        BigInteger size = BigInteger.ONE.shiftLeft(cidr.bits() - cidr.prefix());
        Address network = new Address(family, cidr.network());
        Address end = network.plus(size.subtract(family == IpFamily.V4 ? BigInteger.TWO : BigInteger.ONE));
        return new AddressRange(network + "/" + cidr.prefix(), network.plus(BigInteger.ONE), end, chosenOf(size));
    }

    private static long chosenOf(BigInteger size) {
        if (size.compareTo(BigInteger.valueOf(CHOSEN_MIN)) <= 0) {
            return 0;
        }
        BigInteger part = size.divide(BigInteger.valueOf(CHOSEN_PART));
        return part.min(BigInteger.valueOf(CHOSEN_MAX))
                .max(BigInteger.valueOf(CHOSEN_MIN))
                .longValueExact();
    }

    public IpFamily family() {
        return first.family();
    }

    /** Whether an address can be given out of this range. */
    public boolean contains(Address address) {
        return address.family() == family() && address.compareTo(first) >= 0 && address.compareTo(last) <= 0;
    }

    /** The address by which the range as a whole goes. */
    Address network() {
        return first.plus(BigInteger.ONE.negate());
    }

    /** How many addresses can be given out. */
    public BigInteger size() {
        return last.value().subtract(first.value()).add(BigInteger.ONE).max(BigInteger.ZERO);
    }

    /**
     * All addresses, each once: those that are given out, from anywhere among them onwards and around, and after these, in
     * the same way, those that are left to be chosen.
     */
    Iterator<Address> candidates(RandomGenerator random) {
        BigInteger below = BigInteger.valueOf(chosen);
        return new Iterator<>() {
            private Iterator<Address> part = new Around(first.plus(below), size().subtract(below), random);
            private boolean upper = true;

            @Override
            public boolean hasNext() {
                if (!part.hasNext() && upper) {
                    upper = false;
                    part = new Around(first, below, random);
                }
                return part.hasNext();
            }

            @Override
            public Address next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return part.next();
            }
        };
    }

    /** Goes once around a number of addresses. */
    private static final class Around implements Iterator<Address> {
        private final Address begin;
        private final BigInteger count;
        private BigInteger position;
        private BigInteger left;

        Around(Address begin, BigInteger count, RandomGenerator random) {
            this.begin = begin;
            this.count = count.max(BigInteger.ZERO);
            this.left = this.count;
            this.position =
                    this.count.signum() == 0 ? BigInteger.ZERO : new BigInteger(1, bytes(random)).mod(this.count);
        }

        private static byte[] bytes(RandomGenerator random) {
            // More than the 64 bits of the largest range, so that no address is noticeably likelier than another.
            byte[] bytes = new byte[12];
            random.nextBytes(bytes);
            return bytes;
        }

        @Override
        public boolean hasNext() {
            return left.signum() > 0;
        }

        @Override
        public Address next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Address address = begin.plus(position);
            position = position.add(BigInteger.ONE).mod(count);
            left = left.subtract(BigInteger.ONE);
            return address;
        }
    }
}
