package io.keelson.apiserver.services;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.protobuf.KubernetesProtobuf;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.services.TwoServers.Side;
import io.keelson.apiserver.store.StoredValue;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Services made, changed and deleted by several threads through two servers on one store. Whatever the order, no two have
 * the same address or port, and in the end exactly what the remaining ones have is taken.
 */
final class AllocationModelTest {
    private static final int THREADS = 6;
    private static final int STEPS = 60;

    @TempDir
    private Path folder;

    @Test
    void noTwoServicesEverHaveTheSame() throws Exception {
        try (TwoServers servers = new TwoServers(folder, new PortRange(30_000, 120), "10.7.0.0/25", "fd00:7::/120")) {
            Map<String, String> holders = new ConcurrentHashMap<>();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> running = new ArrayList<>();
                for (int thread = 0; thread < THREADS; thread++) {
                    int number = thread;
                    running.add(threads.submit(() -> {
                        steps(servers, number, holders);
                        return null;
                    }));
                }
                for (Future<?> one : running) {
                    try {
                        one.get();
                    } catch (ExecutionException e) {
                        throw new AssertionError(e.getCause());
                    }
                }
            }
            everythingTakenIsHad(servers);
        }
    }

    private static void steps(TwoServers servers, int thread, Map<String, String> holders) throws Exception {
        Random random = new Random(thread);
        Map<String, Set<String>> mine = new TreeMap<>();
        for (int step = 0; step < STEPS; step++) {
            Side side = servers.sides.get(random.nextInt(2));
            String name = "s" + thread + "-" + random.nextInt(5);
            String type = List.of("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
                    .get(random.nextInt(4));
            ObjectNode wanted = TwoServers.service(name, type, 80, 443);
            ObjectNode spec = (ObjectNode) wanted.get("spec");
            if (type.equals("ExternalName")) {
                spec.put("externalName", "example.com");
            } else {
                spec.put("ipFamilyPolicy", random.nextBoolean() ? "PreferDualStack" : "SingleStack");
            }
            if (type.equals("LoadBalancer")) {
                spec.put("externalTrafficPolicy", random.nextBoolean() ? "Local" : "Cluster");
            }
            Set<String> before = mine.get(name);
            // What a service has is given back before anybody else can see it free, so it is let go first.
            if (before == null) {
                ObjectNode made = side.rest().create(side.services(), wanted);
                Set<String> got = held(made);
                mine.put(name, got);
                claim(holders, name, Set.of(), got);
            } else if (random.nextInt(3) == 0) {
                claim(holders, name, before, Set.of());
                side.rest().delete(side.services(), "default", name);
                mine.remove(name);
            } else {
                claim(holders, name, before, Set.of());
                ObjectNode changed = side.rest().update(side.services(), "default", name, now -> {
                    ObjectNode next = wanted.deepCopy();
                    ObjectMeta.setResourceVersion(next, "");
                    keepPolicy(now.path("spec"), (ObjectNode) next.get("spec"));
                    return next;
                });
                assertNotNull(changed);
                Set<String> got = held(changed);
                mine.put(name, got);
                claim(holders, name, Set.of(), got);
            }
        }
    }

    /** A service without addresses has no policy that could be kept. */
    private static void keepPolicy(JsonNode before, ObjectNode spec) {
        if (spec.path("type").asText().equals("ExternalName")) {
            spec.remove("ipFamilyPolicy");
        } else if (before.path("ipFamilies").size() == 2) {
            spec.put("ipFamilyPolicy", spec.path("ipFamilyPolicy").asText());
        }
    }

    private static void claim(Map<String, String> holders, String name, Set<String> lost, Set<String> got) {
        lost.forEach(what -> assertEquals(name, holders.remove(what)));
        got.forEach(what -> {
            String other = holders.put(what, name);
            assertEquals(null, other, () -> what + " is had by " + name + " and " + other);
        });
    }

    /** Addresses, and ports with their protocols left out: all that no other may have. */
    private static Set<String> held(JsonNode service) {
        Set<String> held = new HashSet<>();
        JsonNode spec = service.path("spec");
        spec.path("clusterIPs").forEach(address -> held.add(address.asText()));
        spec.path("ports").forEach(port -> {
            if (port.path("nodePort").asInt() != 0) {
                held.add("port " + port.path("nodePort").asInt());
            }
        });
        if (spec.path("healthCheckNodePort").asInt() != 0) {
            held.add("port " + spec.path("healthCheckNodePort").asInt());
        }
        return held;
    }

    static void everythingTakenIsHad(TwoServers servers) throws Exception {
        Side side = servers.sides.getFirst();
        Set<String> addresses = new TreeSet<>();
        Set<String> ports = new TreeSet<>();
        var services = side.rest().cache(side.services()).consistentSnapshot().iterator("", "");
        services.forEachRemaining(entry -> {
            for (String what : held(entry.tree())) {
                assertTrue((what.startsWith("port ") ? ports : addresses).add(what));
            }
        });
        Set<String> objects = new TreeSet<>();
        side.rest()
                .cache(side.addresses())
                .consistentSnapshot()
                .iterator("", "")
                .forEachRemaining(entry -> objects.add(entry.name()));
        assertEquals(addresses, objects);
        StoredValue value = side.store().get("/registry/ranges/servicenodeports");
        Set<String> taken = new TreeSet<>();
        String data = value == null
                ? ""
                : KubernetesProtobuf.decode(value.bytes()).path("data").asText();
        BigInteger bits = new BigInteger(1, Base64.getDecoder().decode(data));
        for (int i = 0; i < bits.bitLength(); i++) {
            if (bits.testBit(i)) {
                taken.add("port " + (30_000 + i));
            }
        }
        assertEquals(ports, taken);
    }

    @Test
    void theLastAddressGoesToOne() throws Exception {
        try (TwoServers servers = new TwoServers(folder, PortRange.DEFAULT, "10.8.0.0/29")) {
            Set<String> addresses = ConcurrentHashMap.newKeySet();
            List<String> failures = new ArrayList<>();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<ObjectNode>> running = new ArrayList<>();
                for (int i = 0; i < 9; i++) {
                    Side side = servers.sides.get(i % 2);
                    ObjectNode service = TwoServers.service("s" + i, "ClusterIP", 80);
                    running.add(threads.submit(() -> side.rest().create(side.services(), service)));
                }
                for (Future<ObjectNode> one : running) {
                    try {
                        assertTrue(addresses.add(
                                one.get().path("spec").path("clusterIP").asText()));
                    } catch (ExecutionException e) {
                        Throwable cause = e.getCause();
                        failures.add(cause == null ? "" : String.valueOf(cause.getMessage()));
                    }
                }
            }
            assertEquals(6, addresses.size());
            assertEquals(
                    List.of(
                            "Internal error occurred: failed to allocate a serviceIP: range is full",
                            "Internal error occurred: failed to allocate a serviceIP: range is full",
                            "Internal error occurred: failed to allocate a serviceIP: range is full"),
                    failures);
            everythingTakenIsHad(servers);
        }
    }

    @Test
    void moreRangesGiveMoreAddresses() throws Exception {
        try (TwoServers servers = new TwoServers(folder, PortRange.DEFAULT, "10.8.0.0/30")) {
            Side side = servers.sides.getFirst();
            for (int i = 0; i < 2; i++) {
                var _ = side.rest().create(side.services(), TwoServers.service("s" + i, "ClusterIP", 80));
            }
            ObjectNode third = TwoServers.service("third", "ClusterIP", 80);
            assertThrows(ApiException.class, () -> side.rest().create(side.services(), third));
            Resource ranges = side.rest().resource("networking.k8s.io", "servicecidrs");
            ObjectNode more =
                    Json.object().put("apiVersion", "networking.k8s.io/v1").put("kind", "ServiceCIDR");
            ObjectMeta.setName(more, "more");
            more.putObject("spec").putArray("cidrs").add("10.8.1.0/29");
            var _ = side.rest().create(ranges, more);
            var _ = side.rest().cache(ranges).consistentSnapshot();
            ObjectNode made = side.rest().create(side.services(), third);
            assertTrue(made.at("/spec/clusterIP").asText().startsWith("10.8.1."), made::toString);

            var _ = side.rest().adjust(ranges, "", "more", range -> {
                ObjectNode condition =
                        range.putObject("status").putArray("conditions").addObject();
                condition.put("type", "Ready").put("status", "False");
                return range;
            });
            var _ = side.rest().cache(ranges).consistentSnapshot();
            ObjectNode fourth = TwoServers.service("fourth", "ClusterIP", 80);
            assertThrows(ApiException.class, () -> side.rest().create(side.services(), fourth));
            side.rest().delete(side.services(), "default", "third");
            everythingTakenIsHad(servers);
        }
    }

    @Test
    void whatIsLostAndLeftOverIsRepaired() throws Exception {
        try (TwoServers servers = new TwoServers(folder, PortRange.DEFAULT, "10.9.0.0/24")) {
            Side side = servers.sides.getFirst();
            ObjectNode web = side.rest().create(side.services(), TwoServers.service("web", "NodePort", 80));
            String address = web.path("spec").path("clusterIP").asText();
            side.rest().delete(side.addresses(), "", address);
            ServiceName nobody = new ServiceName("default", "nobody");
            Address leaked = Address.parse("10.9.0.99");
            assertNotNull(leaked);
            var _ = side.rest().create(side.addresses(), AddressObject.of(leaked, nobody));
            side.allocator().ports().take(31_111);

            AddressRepair addresses =
                    new AddressRepair(side.rest(), side.allocator().ranges(), servers::now);
            PortRepair ports = new PortRepair(side.rest(), side.allocator().ports(), servers::now);
            fresh(side);
            addresses.round();
            assertNotNull(side.rest().read(side.addresses(), "", address), "what is missing is made");
            assertNotNull(side.rest().read(side.addresses(), "", "10.9.0.99"), "it may be about to be used");
            servers.pass(Duration.ofSeconds(61));
            fresh(side);
            addresses.round();
            assertEquals(null, side.rest().read(side.addresses(), "", "10.9.0.99"));
            for (int i = 0; i < 3; i++) {
                assertTrue(side.allocator().ports().has(31_111));
                ports.round();
            }
            assertEquals(false, side.allocator().ports().has(31_111));
            everythingTakenIsHad(servers);
            assertEquals(Set.of("ClusterIPNotAllocated", "IPAddressNotAllocated"), reasons(side));
        }
    }

    @Test
    void duplicatesAreTold() throws Exception {
        try (TwoServers servers = new TwoServers(folder, PortRange.DEFAULT, "10.9.0.0/24")) {
            Side side = servers.sides.getFirst();
            ObjectNode web = side.rest().create(side.services(), TwoServers.service("web", "NodePort", 80));
            // As somebody may have written it to the store by hand.
            ObjectNode twin = web.deepCopy();
            ObjectMeta.setName(twin, "twin");
            ObjectMeta.setUid(twin, "00000000-0000-0000-0000-000000000001");
            ObjectMeta.setResourceVersion(twin, "");
            assertTrue(side.store().create("/registry/services/specs/default/twin", Json.encode(twin), 0) != 0);
            fresh(side);
            new AddressRepair(side.rest(), side.allocator().ranges(), servers::now).round();
            new PortRepair(side.rest(), side.allocator().ports(), servers::now).round();
            assertEquals(Set.of("ClusterIPAlreadyAllocated", "PortAlreadyAllocated"), reasons(side));
        }
    }

    /** Lets the caches see what was written. */
    private static void fresh(Side side) throws InterruptedException {
        var _ = side.rest().cache(side.services()).consistentSnapshot();
        var _ = side.rest().cache(side.addresses()).consistentSnapshot();
    }

    private static Set<String> reasons(Side side) throws InterruptedException {
        Set<String> reasons = new TreeSet<>();
        side.rest()
                .cache(side.rest().resource("", "events"))
                .consistentSnapshot()
                .iterator("", "")
                .forEachRemaining(
                        entry -> reasons.add(entry.tree().path("reason").asText()));
        return reasons;
    }

    @Test
    void aServiceThatCannotBeWrittenKeepsNothing() throws Exception {
        try (TwoServers servers = new TwoServers(folder, PortRange.DEFAULT, "10.9.0.0/24")) {
            Side side = servers.sides.getFirst();
            ObjectNode wrong = TwoServers.service("wrong", "NodePort", 80);
            ((ObjectNode) wrong.path("spec")).put("sessionAffinity", "Nobody");
            assertThrows(ApiException.class, () -> side.rest().create(side.services(), wrong));
            ObjectNode right = TwoServers.service("right", "LoadBalancer", 80);
            ((ObjectNode) right.path("spec")).put("externalTrafficPolicy", "Local");
            var _ = side.rest().create(side.services(), right);
            assertThrows(ApiException.class, () -> side.rest().create(side.services(), right));
            everythingTakenIsHad(servers);
        }
    }
}
