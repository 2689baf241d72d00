package io.keelson.controllers.nodeipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class CidrSetProperties {
    @Property(tries = 500)
    void whatIsGivenOutOverlapsWithNothingAndNothingIsLost(
            @ForAll @Size(max = 120) List<@IntRange(min = 0, max = 999) Integer> steps) {
        // Sixteen ranges of sixteen addresses, one of them for services.
        CidrSet set = new CidrSet(Cidr.parse("10.0.0.0/24"), 28);
        Cidr service = Cidr.parse("10.0.0.48/30");
        set.reserve(service);
        List<Cidr> taken = new ArrayList<>();
        for (int step : steps) {
            if (step % 3 == 0 && !taken.isEmpty()) {
                set.release(taken.remove(step % taken.size()));
            } else if (step % 7 == 0) {
                // A range that a user wrote: larger or smaller, half or wholly outside, or somebody else's.
                Cidr odd = Cidr.parse("10.0." + step % 2 + '.' + 8 * (step % 32) + '/' + (22 + step % 9));
                set.take(odd);
                taken.add(odd);
            } else {
                Cidr given = set.take();
                if (given == null) {
                    for (int i = 0; i < 16; i++) {
                        Cidr part = Cidr.parse("10.0.0.0/24").part(28, i);
                        assertTrue(part.overlaps(service) || taken.stream().anyMatch(part::overlaps), "one was free");
                    }
                } else {
                    assertFalse(given.overlaps(service));
                    assertTrue(taken.stream().noneMatch(given::overlaps), "it was taken");
                    taken.add(given);
                }
            }
        }
        taken.forEach(set::release);
        for (int i = 0; i < 15; i++) {
            assertNotNull(set.take());
        }
        assertNull(set.take());
    }

    @Example
    void rangesAreReadAndWrittenAsPeopleDo() {
        for (String text : List.of(
                "10.0.0.0/8",
                "0.0.0.0/0",
                "255.255.255.255/32",
                "fd00::/48",
                "::/0",
                "2001:db8:0:1::/64",
                "::1/128",
                "1:0:0:2::3/128")) {
            assertEquals(text, Cidr.parse(text).toString());
        }
        assertEquals("10.16.0.0/12", Cidr.parse("10.17.3.4/12").toString());
        assertEquals(
                "2001:db8::1:0:0:1/128", Cidr.parse("2001:db8:0:0:1:0:0:1/128").toString());
        for (String text : List.of("", "/", "10.0.0.0", "10.0.0.0/33", "fd00::/129", "10.0.0.0/-1", "example.com/8")) {
            assertThrows(IllegalArgumentException.class, () -> Cidr.parse(text), text);
        }
    }

    @Example
    void rangesAreGivenOutInTurn() {
        CidrSet set = new CidrSet(Cidr.parse("fd00::/62"), 64);
        Cidr first = set.take();
        assertNotNull(first);
        assertEquals("fd00::/64", first.toString());
        set.release(first);
        assertEquals("fd00:0:0:1::/64", String.valueOf(set.take()));
        assertThrows(IllegalArgumentException.class, () -> new CidrSet(Cidr.parse("fd00::/8"), 64));
        assertThrows(IllegalArgumentException.class, () -> new CidrSet(Cidr.parse("10.0.0.0/25"), 24));
    }

    @Example
    void settingsThatDoNotGoTogetherAreRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new NodeIpamSettings(List.of("10.0.0.0/8", "11.0.0.0/8"), List.of()));
        assertThrows(IllegalArgumentException.class, () -> new NodeIpamSettings(List.of(), List.of()));
        assertThrows(
                IllegalArgumentException.class,
                () -> new NodeIpamSettings(List.of("10.0.0.0/8", "fd00::/48", "12.0.0.0/8"), List.of()));
    }

    @Example
    void halfOfADualStackIsGivenBack() {
        Allocations allocations = new Allocations(
                new NodeIpamSettings(List.of("10.0.0.0/23", "fd00::/64"), List.of("10.0.0.0/24", "fd01::/112")),
                cluster -> CidrSet.Listener.NONE);
        List<Cidr> first = allocations.allocate("a");
        assertNotNull(first);
        assertEquals("[10.0.1.0/24, fd00::/64]", first.toString());
        assertEquals(first, allocations.allocate("a"), "a node that asks twice has what it has");
        assertNull(allocations.allocate("b"));
        assertTrue(allocations.release("a"));
        assertFalse(allocations.release("a"));
        assertEquals(first, allocations.allocate("b"));
    }
}
