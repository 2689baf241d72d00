package io.keelson.controllers.endpointslice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.ForZone;
import io.keelson.controllers.runtime.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HintsTest {
    private static Endpoint endpoint(@Nullable String zone) {
        return new EndpointBuilder()
                .withAddresses("10.0.0.1")
                .withNewConditions()
                .withReady(true)
                .endConditions()
                .withZone(zone)
                .withNodeName("node-" + zone)
                .build();
    }

    private static EndpointSlice slice(String... zones) {
        EndpointSlice slice = new EndpointSliceBuilder()
                .withNewMetadata()
                .withName("slice")
                .endMetadata()
                .build();
        List<Endpoint> endpoints = new ArrayList<>();
        for (String zone : zones) {
            endpoints.add(endpoint(zone.isEmpty() ? null : zone));
        }
        slice.setEndpoints(endpoints);
        return slice;
    }

    private static SlicePlan creating(EndpointSlice slice) {
        SlicePlan plan = new SlicePlan();
        plan.create().add(slice);
        return plan;
    }

    private static Map<String, Integer> hints(EndpointSlice slice) {
        Map<String, Integer> perZone = new HashMap<>();
        for (Endpoint endpoint : slice.getEndpoints()) {
            if (endpoint.getHints() != null) {
                for (ForZone zone : endpoint.getHints().getForZones()) {
                    perZone.merge(zone.getName(), 1, Integer::sum);
                }
            }
        }
        return perZone;
    }

    private static final Map<String, Double> HALVES = Map.of("a", 0.5, "b", 0.5);

    @Test
    void endpointsAreForTheirOwnZoneAsFarAsThatGoes() {
        EndpointSlice slice = slice("a", "a", "a", "a", "a", "b");
        TopologyHints.Result result = TopologyHints.add(HALVES, creating(slice));
        assertNull(result.refusal());
        assertEquals(Map.of("a", 3, "b", 3), result.perZone());
        assertEquals(Map.of("a", 3, "b", 3), hints(slice));
    }

    @Test
    void aSliceWithRightHintsStays() {
        EndpointSlice slice = slice("a", "b");
        assertNull(TopologyHints.add(HALVES, creating(slice)).refusal());
        SlicePlan plan = new SlicePlan();
        plan.unchanged().add(slice);
        TopologyHints.Result result = TopologyHints.add(HALVES, plan);
        assertTrue(plan.update().isEmpty());
        assertEquals(Map.of("a", 1, "b", 1), result.perZone());
    }

    @Test
    void withoutEnoughToGoByThereAreNoHints() {
        EndpointSlice hinted = slice("a", "b");
        TopologyHints.add(HALVES, creating(hinted));
        SlicePlan plan = new SlicePlan();
        plan.unchanged().add(hinted);
        assertEquals(
                "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes",
                TopologyHints.add(Map.of(), plan).refusal());
        assertEquals(1, plan.update().size());
        assertTrue(hints(plan.update().getFirst()).isEmpty());
        assertEquals(2, hints(hinted).size(), "what is out of a cache is not changed");
        assertEquals(
                "Insufficient number of endpoints (1 endpoints, 2 zones)",
                TopologyHints.add(HALVES, creating(slice("a"))).refusal());
        assertEquals(
                "One or more endpoints do not have a zone specified",
                TopologyHints.add(HALVES, creating(slice("a", ""))).refusal());
        assertEquals(
                "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold"
                        + " (3 endpoints, 2 zones)",
                TopologyHints.add(HALVES, creating(slice("a", "a", "b"))).refusal());
    }

    /** However the endpoints lie, each zone gets at least what it needs not to load another more than a fifth over. */
    @Property(tries = 300)
    void eachZoneGetsItsPart(
            @ForAll @Size(min = 2, max = 4) List<@IntRange(min = 1, max = 10) Integer> cpus,
            @ForAll @Size(min = 1, max = 40) List<@IntRange(min = 0, max = 5) Integer> where) {
        double total = cpus.stream().mapToInt(Integer::intValue).sum();
        Map<String, Double> ratios = new HashMap<>();
        for (int i = 0; i < cpus.size(); i++) {
            ratios.put("zone" + i, cpus.get(i) / total);
        }
        EndpointSlice slice = slice(where.stream().map(i -> "zone" + i).toArray(String[]::new));
        TopologyHints.Result result = TopologyHints.add(ratios, creating(slice));
        if (result.perZone() == null) {
            assertTrue(hints(slice).isEmpty());
            return;
        }
        assertEquals(hints(slice), result.perZone());
        assertEquals(
                where.size(),
                hints(slice).values().stream().mapToInt(Integer::intValue).sum());
        assertFalse(TopologyHints.isOverloaded(result.perZone(), ratios), () -> ratios + " " + result);
        assertTrue(ratios.keySet().containsAll(result.perZone().keySet()), () -> ratios + " " + result);
    }

    @Test
    void trafficDistributionGivesZonesAndNodes() {
        EndpointSlice slice = slice("a", "");
        TrafficHints.add("PreferSameNode", creating(slice));
        assertEquals(
                "a",
                slice.getEndpoints().get(0).getHints().getForZones().getFirst().getName());
        assertEquals(
                "node-a",
                slice.getEndpoints().get(0).getHints().getForNodes().getFirst().getName());
        assertTrue(slice.getEndpoints().get(1).getHints().getForZones().isEmpty());
        SlicePlan stays = new SlicePlan();
        stays.unchanged().add(slice);
        TrafficHints.add("PreferSameNode", stays);
        assertTrue(stays.update().isEmpty());
        TrafficHints.add("PreferClose", stays);
        assertEquals(1, stays.update().size());
        assertTrue(stays.update()
                .getFirst()
                .getEndpoints()
                .get(0)
                .getHints()
                .getForNodes()
                .isEmpty());
        assertNull(stays.update().getFirst().getEndpoints().get(1).getHints());
        SlicePlan none = new SlicePlan();
        none.unchanged().add(slice);
        TrafficHints.add(null, none);
        assertNull(none.update().getFirst().getEndpoints().get(0).getHints());
        assertNotNull(slice.getEndpoints().get(0).getHints());
    }

    private static Node node(@Nullable String zone, String cpu, String ready) {
        NodeBuilder node = new NodeBuilder()
                .withNewMetadata()
                .withName("node")
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready)
                .endCondition()
                .addToAllocatable("cpu", new Quantity(cpu))
                .endStatus();
        return zone == null
                ? node.build()
                : node.editMetadata()
                        .addToLabels("topology.kubernetes.io/zone", zone)
                        .endMetadata()
                        .build();
    }

    @Test
    void zonesHaveThePartOfTheCpuThatTheirNodesHave() {
        ZoneCapacity capacity = new ZoneCapacity();
        Node one = node("a", "3", "True");
        assertTrue(capacity.take(new Change<>(null, one)));
        assertTrue(capacity.ratios().isEmpty());
        assertTrue(capacity.take(new Change<>(null, node("b", "1000m", "True"))));
        assertEquals(Map.of("a", 0.75, "b", 0.25), capacity.ratios());
        assertFalse(capacity.take(new Change<>(null, node("c", "8", "False"))));
        Node lost = node(null, "1", "True");
        assertTrue(capacity.take(new Change<>(null, lost)));
        assertTrue(capacity.ratios().isEmpty());
        assertTrue(capacity.take(new Change<>(lost, null)));
        assertTrue(capacity.take(new Change<>(one, node("a", "1", "True"))));
        assertEquals(Map.of("a", 0.5, "b", 0.5), capacity.ratios());
    }
}
