package io.keelson.proxy.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.runtime.Key;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class RuleTableProperties {
    private static final int SERVICES = 5;
    private static final NodeView NODE = new NodeView("here", "zone1", List.of(address("192.0.2.1")));

    private static IpAddress address(String text) {
        return Objects.requireNonNull(IpAddress.parse(text));
    }

    /** A table with what was told of changes to it, and the Services that it is to be of. */
    private static final class Kept {
        private final RuleTable table = new RuleTable(Family.IPV4);
        private final Map<ElementKey, ElementValue> told = new HashMap<>();
        private final Map<Integer, Service> services = new TreeMap<>();
        private final Map<Integer, List<EndpointSlice>> slices = new TreeMap<>();

        Kept() {
            TableChanges changes = new TableChanges();
            table.serveNodePortsAt(NODE.addresses(), changes);
            follow(changes);
        }

        private void follow(TableChanges changes) {
            changes.elements().forEach((key, difference) -> {
                assertEquals(difference.before(), told.get(key), () -> "before " + key);
                if (difference.after() == null) {
                    told.remove(key);
                } else {
                    told.put(key, difference.after());
                }
            });
        }

        /** Changes one or two Services at once. */
        void change(RandomCluster cluster) {
            TableChanges changes = new TableChanges();
            Random random = cluster.random();
            int count = 1 + random.nextInt(2);
            for (int i = 0; i < count; i++) {
                int number = random.nextInt(SERVICES);
                Set<ServicePortName> gone = new HashSet<>();
                rules(number).forEach(rules -> gone.add(rules.name()));
                if (random.nextInt(4) == 0) {
                    services.remove(number);
                    slices.remove(number);
                } else {
                    Service service = cluster.service(number);
                    services.put(number, service);
                    List<EndpointSlice> own = new ArrayList<>();
                    own.add(cluster.slice(service, number));
                    slices.put(number, own);
                }
                List<PortRules> now = rules(number);
                now.forEach(rules -> gone.remove(rules.name()));
                gone.forEach(name -> table.remove(name, changes));
                now.forEach(rules -> table.put(rules, changes));
            }
            follow(changes);
        }

        List<PortRules> rules(int number) {
            Service service = services.get(number);
            if (service == null) {
                return List.of();
            }
            List<PortRules> rules = new ArrayList<>();
            for (ServicePort port : ServicePort.of(service, Family.IPV4)) {
                List<Endpoint> endpoints = new ArrayList<>();
                for (EndpointSlice slice : slices.getOrDefault(number, List.of())) {
                    endpoints.addAll(
                            Endpoint.of(slice, Key.of(service), NODE.name()).getOrDefault(port.name(), List.of()));
                }
                rules.add(PortRules.of(port, endpoints, NODE));
            }
            return rules;
        }

        Map<ElementKey, ElementValue> elements() {
            Map<ElementKey, ElementValue> elements = new HashMap<>();
            table.forEach(elements::put);
            return elements;
        }
    }

    @Property(tries = 300)
    void packetsGoWhereTheReferenceSaysAfterAnyChanges(@ForAll long seed) {
        RandomCluster cluster = new RandomCluster(seed);
        Kept kept = new Kept();
        ReferenceProxy reference = new ReferenceProxy("here", "zone1", Set.of("192.0.2.1"));
        for (int i = 0; i < 8; i++) {
            kept.change(cluster);
            TableWalk walk = new TableWalk(kept.told, kept.table.chains(), Family.IPV4);
            List<Service> services = List.copyOf(kept.services.values());
            List<EndpointSlice> slices =
                    kept.slices.values().stream().flatMap(List::stream).toList();
            for (int j = 0; j < 40; j++) {
                Packet packet = cluster.packet();
                assertEquals(
                        reference.verdict(packet, services, slices),
                        walk.verdict(packet),
                        () -> packet + " " + services + " " + slices);
            }
        }
    }

    @Property(tries = 200)
    void whatIsToldOfChangesComesToWhatThereIsToBe(@ForAll long seed) {
        RandomCluster cluster = new RandomCluster(seed);
        Kept kept = new Kept();
        for (int i = 0; i < 20; i++) {
            kept.change(cluster);
            assertEquals(kept.elements(), kept.told);
            Set<String> used = new HashSet<>();
            kept.told.values().forEach(value -> used.add(value.chain()));
            used.remove("");
            for (Denial denial : Denial.values()) {
                used.remove(denial.label());
            }
            Map<String, ChoiceChain> chains = new HashMap<>();
            kept.table.chains().forEach(chain -> chains.put(chain.label(), chain));
            Deque<String> leading = new ArrayDeque<>(used);
            while (!leading.isEmpty()) {
                for (ChoiceChain next :
                        Objects.requireNonNull(chains.get(leading.pop())).next()) {
                    if (used.add(next.label())) {
                        leading.push(next.label());
                    }
                }
            }
            assertEquals(used, chains.keySet());
        }
    }

    @Property(tries = 100)
    void aTableThatStartsAnewFromWhatIsThereHasLittleToChange(@ForAll long seed) {
        RandomCluster cluster = new RandomCluster(seed);
        Kept kept = new Kept();
        for (int i = 0; i < 10; i++) {
            kept.change(cluster);
        }
        RuleTable anew = new RuleTable(Family.IPV4);
        anew.adopt(kept.told);
        TableChanges changes = new TableChanges();
        anew.serveNodePortsAt(NODE.addresses(), changes);
        for (int number = 0; number < SERVICES; number++) {
            kept.rules(number).forEach(rules -> anew.put(rules, changes));
        }
        anew.adopted();
        Map<ElementKey, ElementValue> elements = new HashMap<>();
        anew.forEach(elements::put);
        assertEquals(kept.told.keySet(), elements.keySet());
        // Where addresses are in dispute the order of endpoints may be another one; else all is as it was.
        for (TableSet set : TableSet.values()) {
            String label = set.label();
            if (!label.endsWith("-endpoints") && set != TableSet.FRONTENDS && set != TableSet.NODE_PORTS) {
                assertEquals(of(kept.told, set), of(elements, set), label);
            }
        }
        assertEquals(of(kept.told, TableSet.KEPT_ENDPOINTS), of(elements, TableSet.KEPT_ENDPOINTS));
        for (int number = 0; number < SERVICES; number++) {
            for (PortRules rules : kept.rules(number)) {
                FrontendRule own = rules.frontends().getFirst();
                boolean isLocal = own.treatment() == Treatment.INTERNAL_LOCAL;
                for (int i = 0; i < (isLocal ? rules.local() : rules.cluster()).size(); i++) {
                    ElementKey key = Elements.endpoint(own.frontend(), Elements.of(own.frontend()), isLocal, i);
                    assertEquals(kept.told.get(key), elements.get(key));
                }
            }
        }
    }

    private static Map<ElementKey, ElementValue> of(Map<ElementKey, ElementValue> all, TableSet set) {
        Map<ElementKey, ElementValue> some = new HashMap<>(all);
        some.keySet().removeIf(key -> key.set() != set);
        return some;
    }

    @Property(tries = 100)
    void anEndpointThatComesOrGoesTouchesAHandfulOfElements(@ForAll long seed) {
        Random random = new Random(seed);
        RuleTable table = new RuleTable(Family.IPV4);
        List<Endpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            endpoints.add(endpoint(i));
        }
        table.put(rules(endpoints), new TableChanges());
        for (int i = 50; i < 80; i++) {
            if (random.nextBoolean()) {
                endpoints.remove(random.nextInt(endpoints.size()));
            } else {
                endpoints.add(endpoint(i));
            }
            TableChanges changes = new TableChanges();
            table.put(rules(endpoints), changes);
            assertTrue(changes.elements().size() <= 4, () -> changes.elements().toString());
        }
    }

    @Property(tries = 100)
    void anEndpointThatClientsKeepHasItsNumberAsLongAsItIsThereAndNotWhenItIsBack(@ForAll long seed) {
        Random random = new Random(seed);
        RuleTable table = new RuleTable(Family.IPV4, random);
        Map<Octets, Octets> numbers = new HashMap<>();
        Set<Octets> spent = new HashSet<>();
        Map<Integer, Endpoint> endpoints = new TreeMap<>();
        for (int i = 0; i < 30; i++) {
            int number = random.nextInt(6);
            if (endpoints.remove(number) == null) {
                endpoints.put(number, endpoint(number));
            }
            table.put(rules(List.copyOf(endpoints.values()), 60), new TableChanges());
            Map<Octets, Octets> now = new HashMap<>();
            table.forEach((key, value) -> {
                if (key.set() == TableSet.KEPT_ENDPOINTS) {
                    now.put(value.data(), key.key());
                }
            });
            assertEquals(endpoints.size(), now.size());
            numbers.forEach((destination, id) -> {
                if (now.containsKey(destination)) {
                    assertEquals(id, now.get(destination));
                } else {
                    spent.add(id);
                }
            });
            assertTrue(now.values().stream().noneMatch(spent::contains));
            numbers.clear();
            numbers.putAll(now);
        }
    }

    private static Endpoint endpoint(int number) {
        return new Endpoint(
                new Destination(address("10.244.0." + number), 8080),
                true,
                true,
                false,
                false,
                true,
                Set.of(),
                Set.of());
    }

    private static PortRules rules(List<Endpoint> endpoints) {
        return rules(endpoints, 0);
    }

    private static PortRules rules(List<Endpoint> endpoints, int affinitySeconds) {
        ServicePort port = new ServicePort(
                new ServicePortName(Key.of("default", "web"), "", Transport.TCP),
                address("10.96.0.1"),
                80,
                0,
                List.of(),
                List.of(),
                null,
                affinitySeconds,
                false,
                false,
                0);
        return PortRules.of(port, endpoints, NODE);
    }
}
