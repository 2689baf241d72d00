package io.keelson.controllers.endpoints;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ServiceSubsetsProperties {
    private static Subset.Address address(int number) {
        return new Subset.Address(
                "10.0.0." + number, null, "node", new Subset.Target("Pod", "n", "p" + number, "u" + number));
    }

    private static Subset.Port port(int number) {
        return new Subset.Port("p" + number, number, "TCP", null);
    }

    private static Subset subset(int seed) {
        Random random = new Random(seed);
        List<List<Subset.Address>> addresses = List.of(new ArrayList<>(), new ArrayList<>());
        for (int i = random.nextInt(4); i > 0; i--) {
            addresses.get(random.nextInt(2)).add(address(random.nextInt(5)));
        }
        List<Subset.Port> ports = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            ports.add(port(random.nextInt(3)));
        }
        return new Subset(addresses.get(0), addresses.get(1), ports);
    }

    /** What subsets say, one fact at a time: at which port an address is, and whether it is ready. */
    private static Map<String, Boolean> facts(List<Subset> subsets) {
        Map<String, Boolean> facts = new TreeMap<>();
        for (Subset subset : subsets) {
            List<String> ports = subset.ports().isEmpty()
                    ? List.of("none")
                    : subset.ports().stream().map(Subset.Port::name).toList();
            for (String port : ports) {
                subset.ready().forEach(address -> facts.merge(address.ip() + ' ' + port, true, Boolean::logicalAnd));
                subset.notReady().forEach(address -> facts.put(address.ip() + ' ' + port, false));
            }
        }
        return facts;
    }

    @Property(tries = 500)
    void theCanonicalFormSaysTheSameInOneWay(@ForAll @Size(max = 6) List<@IntRange(max = 1000) Integer> seeds) {
        List<Subset> subsets = new ArrayList<>(
                seeds.stream().map(ServiceSubsetsProperties::subset).toList());
        List<Subset> canonical = ServiceSubsets.canonical(subsets);
        assertEquals(facts(subsets), facts(canonical));
        assertEquals(canonical, ServiceSubsets.canonical(canonical));
        Collections.reverse(subsets);
        assertEquals(canonical, ServiceSubsets.canonical(subsets));
        assertEquals(
                canonical.size(),
                canonical.stream().map(Subset::ports).distinct().count(),
                "a port in two subsets");
    }

    private static Subset many(int from, int ready, int notReady, int port) {
        List<Subset.Address> some = new ArrayList<>();
        List<Subset.Address> others = new ArrayList<>();
        for (int i = 0; i < ready + notReady; i++) {
            (i < ready ? some : others)
                    .add(new Subset.Address("10.1." + (from + i) / 250 + '.' + (from + i) % 250, null, null, null));
        }
        return new Subset(some, others, List.of(port(port)));
    }

    @Test
    void readyAddressesStayFirst() {
        List<Subset> cut = ServiceSubsets.truncated(List.of(many(0, 300, 900, 1), many(1200, 300, 300, 2)));
        assertEquals(300, cut.get(0).ready().size());
        assertEquals(300, cut.get(1).ready().size());
        assertEquals(300, cut.get(0).notReady().size());
        assertEquals(100, cut.get(1).notReady().size());
    }

    @Test
    void readyAddressesAreCutInProportion() {
        List<Subset> cut = ServiceSubsets.truncated(List.of(many(0, 1500, 10, 1), many(1510, 500, 0, 2)));
        assertEquals(750, cut.get(0).ready().size());
        assertEquals(0, cut.get(0).notReady().size());
        assertEquals(250, cut.get(1).ready().size());
        List<Subset> thousand = List.of(many(0, 500, 500, 1));
        assertEquals(thousand, ServiceSubsets.truncated(thousand));
    }

    @Property(tries = 100)
    void whatIsCutIsFull(
            @ForAll @Size(min = 1, max = 4) List<@IntRange(max = 900) Integer> ready,
            @ForAll @IntRange(max = 1500) int notReady) {
        List<Subset> subsets = new ArrayList<>();
        for (int i = 0; i < ready.size(); i++) {
            subsets.add(many(i * 3000, ready.get(i), notReady, i));
        }
        List<Subset> cut = ServiceSubsets.truncated(subsets);
        assertEquals(Math.min(ServiceSubsets.CAPACITY, ServiceSubsets.size(subsets)), ServiceSubsets.size(cut));
        assertTrue(cut.stream().allMatch(subset -> subset.size() > 0) || ServiceSubsets.size(subsets) <= 1000);
    }
}
