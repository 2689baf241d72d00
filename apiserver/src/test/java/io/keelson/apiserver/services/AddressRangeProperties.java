package io.keelson.apiserver.services;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AddressRangeProperties {
    private static Address address(String text) {
        Address address = Address.parse(text);
        assertNotNull(address, text);
        return address;
    }

    @ParameterizedTest
    @CsvSource({
        "10.96.0.0/12, 10.96.0.1, 10.111.255.254, 256",
        "10.96.0.0/16, 10.96.0.1, 10.96.255.254, 256",
        "192.168.1.7/24, 192.168.1.1, 192.168.1.254, 16",
        "10.0.0.0/28, 10.0.0.1, 10.0.0.14, 0",
        "10.0.0.0/27, 10.0.0.1, 10.0.0.30, 16",
        "10.0.0.0/20, 10.0.0.1, 10.0.15.254, 256",
        "10.0.0.0/21, 10.0.0.1, 10.0.7.254, 128",
        "fd00:1::/108, fd00:1::1, fd00:1::f:ffff, 256",
        "2001:db8::/64, 2001:db8::1, 2001:db8::ffff:ffff:ffff:ffff, 256",
    })
    void leavesOutTheFirstAndTheLastAndSomeToChoose(String text, String first, String last, long chosen) {
        AddressRange range = AddressRange.of(text);
        assertEquals(first, range.first().toString());
        assertEquals(last, range.last().toString());
        assertEquals(chosen, range.chosen());
        assertTrue(range.contains(address(first)));
        assertTrue(range.contains(address(last)));
        assertFalse(range.contains(range.network()));
        assertFalse(range.contains(range.last().plus(BigInteger.ONE)));
    }

    @Test
    void isNoRange() {
        for (String text : List.of("", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "fd00::/200", "x/8", "10.0.0.0/-1")) {
            assertThrows(IllegalArgumentException.class, () -> AddressRange.of(text), text);
        }
        assertEquals(
                "shortest allowed prefix length for service CIDR is 64, got 48",
                assertThrows(IllegalArgumentException.class, () -> AddressRange.of("fd00::/48"))
                        .getMessage());
    }

    @Property(tries = 200)
    void everyAddressIsACandidateOnceAndThoseToChooseComeLast(
            @ForAll @IntRange(min = 20, max = 32) int prefix, @ForAll long seed) {
        AddressRange range = AddressRange.of("10.20.0.0/" + prefix);
        List<Address> seen = new ArrayList<>();
        range.candidates(new Random(seed)).forEachRemaining(seen::add);
        assertEquals(range.size(), BigInteger.valueOf(seen.size()));
        assertEquals(seen.size(), new HashSet<>(seen).size());
        seen.forEach(address -> assertTrue(range.contains(address), address::toString));
        BigInteger boundary = range.first().value().add(BigInteger.valueOf(range.chosen()));
        int upper = seen.size() - (int) Math.min(range.chosen(), seen.size());
        for (int i = 0; i < seen.size(); i++) {
            assertEquals(i < upper, seen.get(i).value().compareTo(boundary) >= 0);
        }
    }

    @Property(tries = 100)
    void beginsAnywhereInALargeRange(@ForAll long seed) {
        AddressRange range = AddressRange.of("fd00::/64");
        Iterator<Address> candidates = range.candidates(new Random(seed));
        Address first = candidates.next();
        assertTrue(range.contains(first));
        assertTrue(range.contains(candidates.next()));
    }

    @Test
    void goesAround() {
        RandomGenerator last = new RandomGenerator() {
            @Override
            public long nextLong() {
                return -1;
            }

            @Override
            public void nextBytes(byte[] bytes) {
                Arrays.fill(bytes, (byte) 0);
                bytes[bytes.length - 1] = 13;
            }
        };
        List<String> seen = new ArrayList<>();
        AddressRange.of("10.0.0.0/28").candidates(last).forEachRemaining(address -> seen.add(address.toString()));
        assertEquals("10.0.0.14", seen.getFirst());
        assertEquals("10.0.0.1", seen.get(1));
    }

    @Property(tries = 1_000)
    void writesAddressesInOneForm(@ForAll @Size(16) byte[] bytes, @ForAll int zeros) throws Exception {
        for (int i = 0; i < 16; i++) {
            if ((zeros >> i & 1) != 0) {
                bytes[i] = 0;
            }
        }
        InetAddress known = InetAddress.getByAddress(bytes);
        Address address = address(known.getHostAddress());
        if (bytes.length == known.getAddress().length) {
            assertEquals(known, InetAddress.ofLiteral(address.toString()));
            assertEquals(address, Address.parse(address.toString()));
            assertFalse(address.toString().contains(":::"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "::, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "1:0:0:0:0:0:0:0, 1::",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3",
        "010.001.0.09, 10.1.0.9",
    })
    void writesAddressesAsRfc5952Has(String text, String form) {
        assertEquals(form, address(text).toString());
    }

    @Test
    void isNoAddress() {
        for (String text : List.of("", "None", "1.2.3", "1.2.3.256", "fe80::1%eth0", "::g", "1.2.3.4/8")) {
            assertNull(Address.parse(text), text);
        }
    }
}
