package io.keelson.cloud.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.cloud.AddressRange;
import io.keelson.controllers.objects.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class AddressPoolProperties {
    private static AddressRange range(String text) {
        AddressRange range = AddressRange.parse(text);
        assertNotNull(range);
        return range;
    }

    private static IpAddress address(String text) {
        IpAddress address = IpAddress.parse(text);
        assertNotNull(address);
        return address;
    }

    @Property(tries = 300, seed = "7")
    void noAddressIsHeldByTwoAndTheLowestFreeOneIsGiven(
            @ForAll @Size(max = 80) List<@IntRange(min = 0, max = 999) Integer> steps) {
        AddressPool pool = new AddressPool(List.of(range("10.0.0.3-10.0.0.6"), range("10.0.0.9"), range("fd00::1")));
        List<Integer> parts = List.of(3, 4, 5, 6, 9);
        Map<Integer, String> holders = new TreeMap<>();
        // By Service, the last taken at the end.
        Map<String, List<Integer>> order = new TreeMap<>();
        for (int step : steps) {
            String uid = "u" + step % 7;
            List<Integer> own = order.computeIfAbsent(uid, ignored -> new ArrayList<>());
            int part = step % 11;
            if (step % 4 == 0) {
                pool.release(uid);
                own.clear();
            } else if (step % 4 == 1) {
                Optional<Integer> expected = own.isEmpty()
                        ? parts.stream()
                                .filter(each -> !holders.containsKey(each))
                                .findFirst()
                        : Optional.of(own.getLast());
                assertEquals(expected.map(each -> address("10.0.0." + each)), pool.take(uid, false));
                expected.filter(each -> own.isEmpty()).ifPresent(own::add);
            } else if (step % 4 == 2) {
                String holder = holders.get(part);
                boolean possible = parts.contains(part) && (holder == null || holder.equals(uid));
                assertEquals(possible, pool.take(uid, address("10.0.0." + part)));
                if (possible) {
                    own.removeIf(each -> each == part);
                    own.add(part);
                }
            } else {
                pool.keep(uid, List.of(address("10.0.0." + part)));
                own.removeIf(each -> each != part);
            }
            holders.values().removeIf(uid::equals);
            own.forEach(each -> holders.put(each, uid));
            assertEquals(own.stream().map(each -> address("10.0.0." + each)).toList(), List.copyOf(pool.held(uid)));
        }
        parts.forEach(part -> assertEquals(holders.containsKey(part), pool.isTaken(address("10.0.0." + part))));
    }

    @Example
    void familiesAreHeldApart() {
        AddressPool pool = new AddressPool(List.of(range("10.0.0.1"), range("fd00::/64")));
        assertEquals(Optional.of(address("10.0.0.1")), pool.take("a", false));
        assertEquals(Optional.of(address("fd00::")), pool.take("a", true));
        assertEquals(Optional.empty(), pool.take("b", false));
        assertEquals(Optional.of(address("fd00::1")), pool.take("b", true));
        pool.keep("a", List.of(address("fd00::")));
        assertEquals(Optional.of(address("10.0.0.1")), pool.take("b", false));
        assertTrue(pool.isTaken(address("fd00::")));
    }

    @Example
    void aHugePoolIsNotSearchedToItsEnd() {
        // It reaches over all IPv6 addresses that stand for IPv4 ones, which are in no pool of IPv6.
        AddressPool pool = new AddressPool(List.of(range("::fffe:ffff:ffff-::2:0:0:0"), range("fd00::1")));
        assertEquals(Optional.of(address("::fffe:ffff:ffff")), pool.take("a", true));
        assertEquals(Optional.of(address("fd00::1")), pool.take("b", true));
        assertEquals(Optional.empty(), pool.take("c", true));
    }

    @Example
    void rangesAreReadAsPeopleWriteThem() {
        assertEquals("10.0.0.1-10.0.0.9", range("10.0.0.1 - 10.0.0.9").toString());
        assertEquals("10.0.0.0-10.0.0.255", range("10.0.0.7/24").toString());
        assertEquals("10.0.0.1-10.0.0.254", range("10.0.0.0/24").ofMachines().toString());
        assertEquals("10.0.0.0-10.0.0.1", range("10.0.0.0/31").ofMachines().toString());
        assertEquals("10.0.0.8", range("10.0.0.8/32").ofMachines().toString());
        assertEquals("fd00::1-fd00::f", range("fd00::/124").ofMachines().toString());
        assertEquals("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", range("::/0").toString());
        for (String wrong : List.of(
                "",
                "-",
                "10.0.0.9-10.0.0.1",
                "10.0.0.1-fd00::1",
                "10.0.0/24",
                "10.0.0.0/33",
                "a",
                "10.0.0.1-",
                "::/129")) {
            assertEquals(null, AddressRange.parse(wrong), wrong);
        }
        assertTrue(range("10.0.0.0/8").overlaps(range("10.2.0.1")));
        assertTrue(range("10.2.0.1").overlaps(range("10.0.0.0/8")));
        assertFalse(range("10.0.0.0/8").overlaps(range("11.0.0.0/8")));
        assertFalse(range("0.0.0.0/0").overlaps(range("::/0")));
    }
}
