package io.keelson.agent.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.agent.resources.topology.Hint;
import io.keelson.agent.resources.topology.NodeSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Devices here and there on a machine of three nodes; some are near to two of them, some to none. */
final class DeviceHintsProperties {
    private static final NodeSet ALL = NodeSet.of(List.of(0, 1, 2));

    private record Placed(List<Long> nodes, boolean isFree) {}

    @Provide
    Arbitrary<List<KnownDevice>> devices() {
        Arbitrary<List<Long>> nodes =
                Arbitraries.longs().between(0, 2).list().uniqueElements().ofMaxSize(2);
        return Combinators.combine(nodes, Arbitraries.of(true, true, false))
                .as(Placed::new)
                .list()
                .ofMaxSize(8)
                .map(placed -> {
                    List<KnownDevice> all = new ArrayList<>();
                    placed.forEach(one -> all.add(new KnownDevice("d" + all.size(), one.isFree(), one.nodes())));
                    return all;
                });
    }

    private static long near(List<KnownDevice> devices, NodeSet nodes) {
        return devices.stream().filter(device -> device.isNear(nodes)).count();
    }

    @Property(tries = 300, seed = "5")
    void allNodesWithEnoughFreeDevicesAreNamedAndThoseThatMightHaveBeenFewerAreNotPreferred(
            @ForAll("devices") List<KnownDevice> devices, @ForAll @IntRange(min = 1, max = 5) int count) {
        List<KnownDevice> free = devices.stream().filter(KnownDevice::healthy).toList();
        Set<String> ids = free.stream().map(KnownDevice::id).collect(Collectors.toSet());
        List<Hint> hints = DeviceHints.of(ALL, devices, ids, Set.of(), count);
        assertEquals(
                ALL.parts().stream().filter(part -> near(free, part) >= count).toList(),
                hints.stream().map(hint -> hint.nodes().orElseThrow()).toList());
        for (Hint hint : hints) {
            boolean fewerWouldDo = ALL.parts().stream()
                    .anyMatch(part -> part.size() < hint.nodes().orElseThrow().size() && near(devices, part) >= count);
            assertEquals(!fewerWouldDo, hint.preferred(), hint.toString());
        }
    }

    @Property(tries = 300, seed = "6")
    void whatIsLeftByContainersBeforeBinds(
            @ForAll("devices") List<KnownDevice> devices, @ForAll @IntRange(min = 1, max = 3) int count) {
        Set<String> left = devices.stream().limit(2).map(KnownDevice::id).collect(Collectors.toSet());
        Set<String> all = devices.stream().map(KnownDevice::id).collect(Collectors.toSet());
        for (Hint hint : DeviceHints.of(ALL, devices, all, left, count)) {
            assertTrue(devices.stream()
                    .limit(2)
                    .allMatch(device -> device.near().isEmpty()
                            || device.isNear(hint.nodes().orElseThrow())));
        }
    }

    @Property(tries = 300, seed = "8")
    void whatIsNearIsTakenFirst(
            @ForAll("devices") List<KnownDevice> devices, @ForAll @IntRange(min = 1, max = 8) int count) {
        NodeSet where = NodeSet.of(List.of(1));
        DeviceChoice.Step step = DeviceChoice.near(Set.of(), count, devices, Optional.of(where));
        Set<String> chosen = DeviceChoice.completed(step.chosen(), count, List.of(), step.candidates());
        assertEquals(Math.min(count, devices.size()), chosen.size());
        long near = devices.stream()
                .filter(device -> chosen.contains(device.id()) && device.isNear(where))
                .count();
        assertEquals(Math.min(count, near(devices, where)), near);
        long placed = devices.stream()
                .filter(device -> chosen.contains(device.id()) && !device.near().isEmpty())
                .count();
        long places =
                devices.stream().filter(device -> !device.near().isEmpty()).count();
        assertEquals(Math.min(count, places), placed, "what is nowhere comes last");
    }
}
